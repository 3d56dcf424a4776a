import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { verifyExport } from '../../shared/ledger/verify-export.ts'
import { readers } from '../operations/broker-in-memory.ts'
import { unpacked } from '../operations/unpack.ts'
import { type Api, callers, pointersOf, startApi } from './start-api.ts'

let api: Api

beforeEach(async () => {
  api = await startApi()
})
afterEach(() => api.stop())

const ask = async (): Promise<string> => {
  const { body } = await api.call('mia', 'POST', '/requests', {
    body: { resource: { type: 'group', id: readers }, duration: 'PT1M' },
  })
  return body.id
}
const verify = async (query = '') => (await api.call('audrey', 'GET', `/audit/verify${query}`)).body

describe('GET /audit/verify', () => {
  test('counts what it has seen, and covers nothing before the first checkpoint', async () => {
    await ask()
    await api.pass(200_000)

    expect(await verify()).toEqual({
      verdict: 'intact',
      rows: 8,
      streams: 2,
      checkpoints: 0,
      coveredUntil: null,
      uncovered: 8,
      pending: 0,
    })
  })

  test('shows a row that was changed behind the back of the product', async () => {
    await ask()
    await api.pass(200_000)
    const [row] = api.tables.all('Audit').filter(({ key }) => key.includes('-pair-'))
    if (row === undefined) throw new Error('There is no day row')
    const columns = { ...row.columns, actor: 'somebody else' }
    await api.tables.write('Audit', row.partition, [{ do: 'put', key: row.key, columns }])

    expect(await verify('?from=2026-01-05&to=2026-01-06')).toMatchObject({
      verdict: 'broken',
      firstBroken: {
        stream: row.columns['stream'],
        sequence: 1,
        day: '2026-01-05',
        problem: 'day-row-changed',
      },
    })
    expect(await verify('?from=2026-01-06')).toMatchObject({ verdict: 'intact', rows: 0 })
  })

  test.each([
    ['from', 'yesterday'],
    ['to', '2026-02-30T00:00:00Z'],
    ['actor', 'mia'],
  ])('refuses %s=%s by its pointer', async (name, value) => {
    const { status, body } = await api.call('audrey', 'GET', `/audit/verify?${name}=${value}`)
    expect(status).toBe(400)
    expect(pointersOf(body)).toEqual([`/query/${name}`])
  })
})

describe('POST /audit/checkpoint', () => {
  test('makes a checkpoint now, in the name of who asked', async () => {
    await ask()
    await api.pass(200_000)
    const { status, body } = await api.call('ada', 'POST', '/audit/checkpoint')

    expect(status).toBe(200)
    expect(body).toMatchObject({ number: 1, kind: 'changes', leaves: 2 })
    expect(await verify()).toMatchObject({
      checkpoints: 1,
      coveredUntil: body.until,
      uncovered: 0,
    })
    const audit = await api.call('audrey', 'GET', '/audit?event=checkpoint.written')
    expect(audit.body.items).toMatchObject([{ hash: body.hash, actor: callers.ada.oid }])
  })
})

describe('the checkpoint timer', () => {
  test('covers what has happened, and leaves an idle broker alone', async () => {
    await ask()
    await api.pass(16 * 3_600_000)
    const { checkpoints } = await verify()
    expect(checkpoints).toBeGreaterThan(0)
    await api.pass(24 * 3_600_000)

    expect(await verify()).toMatchObject({ verdict: 'intact', checkpoints, uncovered: 0 })
  })
})

describe('an export of all days', () => {
  test('is verified offline, against a checkpoint', async () => {
    await ask()
    await api.pass(200_000)
    const { body } = await api.call('ada', 'POST', '/audit/checkpoint')
    await api.pass(1_000)
    const headers = { accept: 'application/x-ndjson' }
    const { text } = await api.call('audrey', 'GET', '/audit', { headers })
    const lines = text.trimEnd().split('\n')

    expect(await verifyExport(lines, body.hash)).toMatchObject({
      verdict: 'intact',
      rows: 9,
      covered: 9,
    })
  })
})

describe('GET /requests/{id}/evidence', () => {
  test('answers a zip to keep, the same one every time', async () => {
    const id = await ask()
    await api.pass(200_000)
    const pack = async () => {
      const authorization = await api.sign(callers.audrey)
      const response = await fetch(`${api.host.url}/api/requests/${id}/evidence`, {
        headers: { authorization },
      })
      return { response, bytes: Buffer.from(await response.arrayBuffer()) }
    }
    const { response, bytes } = await pack()
    await api.pass(86_400_000)

    expect(response.status).toBe(200)
    expect(response.headers.get('content-type')).toBe('application/zip')
    expect(response.headers.get('content-disposition')).toBe(
      `attachment; filename="evidence-${id}.zip"`,
    )
    expect(Object.keys(unpacked(bytes))).toContain('VERIFY.md')
    expect((await pack()).bytes.equals(bytes)).toBe(true)
  })

  test('of a request that there is not is not found', async () => {
    const { status } = await api.call('audrey', 'GET', '/requests/nothing/evidence', {
      headers: { accept: 'application/zip' },
    })
    expect(status).toBe(404)
  })
})
