import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { ben, mia, readers } from '../operations/broker-in-memory.ts'
import { type Api, type CallerName, callers, pointersOf, startApi } from './start-api.ts'

let api: Api

beforeEach(async () => {
  api = await startApi()
})
afterEach(() => api.stop())

const ask = (as: CallerName, more: object = {}) =>
  api.call(as, 'POST', '/requests', {
    body: { resource: { type: 'group', id: readers }, duration: 'PT1H', ...more },
  })
const audit = async (query = '') => (await api.call('audrey', 'GET', `/audit${query}`)).body
const names = (items: readonly { event: string }[]) => items.map(({ event }) => event)
const day = 24 * 3_600_000

describe('GET /audit', () => {
  test('shows events newest first, right after they happened', async () => {
    await api.pass(1_000)
    await ask('mia')
    await api.pass(1_000)
    expect(names((await audit()).items).slice(0, 4)).toEqual([
      'grant.active',
      'grant.attempted',
      'request.approved',
      'request.created',
    ])
  })

  test.each([
    ['actor', callers.ada.oid, ['emergency-stop.changed']],
    ['grantee', ben, ['request.refused']],
    ['grantee', ben.toUpperCase(), ['request.refused']],
    ['resource', readers, ['request.refused']],
    ['event', 'emergency-stop.changed', ['emergency-stop.changed']],
    ['integration', 'contosoentra', ['integration.changed']],
    ['from', '2026-01-05T12:00:01Z', ['emergency-stop.changed', 'request.refused']],
    ['to', '2026-01-05T12:00:01Z', ['access-flow.changed', 'integration.changed']],
    ['to', '2026-01-05', []],
    ['from', '2026-01-06', []],
  ])('finds by %s=%s', async (name, value, expected) => {
    await api.pass(1_000)
    await ask('mia', { requestFor: ben })
    await api.pass(1_000)
    await api.call('ada', 'PUT', '/emergency-stop', { body: { active: true, reason: 'attack' } })
    expect(names((await audit(`?${name}=${value}`)).items)).toEqual(expected)
  })

  test('finds all of one request', async () => {
    const { body } = await ask('mia')
    await ask('ben')
    await api.pass(3_700_000)
    expect(names((await audit(`?request=${body.id}`)).items).toReversed()).toEqual([
      'request.created',
      'request.approved',
      'grant.attempted',
      'grant.active',
      'grant.ending',
      'grant.ended',
    ])
  })

  test('goes on page by page without a gap or a repetition', async () => {
    for (let count = 0; count < 130; count++) {
      await api.call('sam', 'GET', '/grants')
      if (count % 40 === 0) api.clock.skip(day)
    }
    const first = await audit('?event=authorization.refused')
    const second = await audit(`?event=authorization.refused&next=${first.next}`)
    expect(first.items).toHaveLength(100)
    expect(second.items).toHaveLength(30)
    expect(second.next).toBeUndefined()
    const hashes = [...first.items, ...second.items].map(({ hash }: { hash: string }) => hash)
    expect(new Set(hashes).size).toBe(130)
  })

  test('reaches back to the first day without being told how far', async () => {
    api.clock.skip(500 * day)
    const first = await audit('?event=integration.changed')
    const items =
      first.next === undefined
        ? first.items
        : (await audit(`?event=integration.changed&next=${first.next}`)).items
    expect(names(items)).toEqual(['integration.changed'])
  })

  test('with an end in the far future shows what there is', async () => {
    expect(names((await audit('?to=9999-12-31&event=integration.changed')).items)).toEqual([
      'integration.changed',
    ])
  })

  test('with a beginning in the far past comes to an end', async () => {
    let page = await audit('?from=0001-01-01')
    expect(names(page.items)).toEqual(['access-flow.changed', 'integration.changed'])
    for (let pages = 1; page.next !== undefined; pages++) {
      expect(pages).toBeLessThan(20)
      page = await audit(`?from=0001-01-01&next=${page.next}`)
    }
  })

  test.each([
    ['from', 'yesterday'],
    ['from', '2026-13-01'],
    ['from', '2026-02-30T00:00:00Z'],
    ['to', '1767614400000'],
    ['next', '%F0%9F%98%80'],
    ['next', Buffer.from('nonsense').toString('base64url')],
    ['next', Buffer.from('2026-99-99T120000.000Z-system-0000000001').toString('base64url')],
    ['next', Buffer.from("' or '1' eq '1").toString('base64url')],
  ])('refuses %s=%s by its pointer', async (name, value) => {
    const { status, body } = await api.call('audrey', 'GET', `/audit?${name}=${value}`)
    expect(status).toBe(400)
    expect(pointersOf(body)).toEqual([`/query/${name}`])
  })
})

describe('an export of the audit', () => {
  const exported = (accept: string, query = '') =>
    api.call('audrey', 'GET', `/audit${query}`, { headers: { accept } })

  test('as CSV holds everything that matches, as a file', async () => {
    for (let count = 0; count < 120; count++) await api.call('sam', 'GET', '/grants')
    await ask('mia', { justification: '=cmd|"/c calc"!A1', requestFor: ben })
    const { status, headers, text } = await exported('text/csv')
    expect(status).toBe(200)
    expect(headers.get('content-type')).toBe('text/csv; charset=utf-8')
    expect(headers.get('content-disposition')).toBe('attachment; filename="audit.csv"')
    expect(text.split('\r\n')).toHaveLength(1 + 2 + 120 + 1 + 1)
    expect(text).toContain(`,"'=cmd|""/c calc""!A1",`)
  })

  test('as NDJSON has one event a line, as the list shows it', async () => {
    await ask('mia', { justification: 'one\ntwo' })
    const { headers, text } = await exported('application/x-ndjson', '?event=request.created')
    expect(headers.get('content-type')).toBe('application/x-ndjson')
    expect(headers.get('content-disposition')).toBe('attachment; filename="audit.ndjson"')
    expect(text.endsWith('}\n')).toBe(true)
    const lines = text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line))
    const { rows, verifiable } = lines.pop()
    expect(lines).toEqual((await audit('?event=request.created')).items)
    expect({ rows, verifiable }).toEqual({ rows: 1, verifiable: false })
    expect(lines[0]).toMatchObject({ reason: 'one\ntwo', actor: mia })
  })

  test('is for those alone who may read the audit', async () => {
    const { status } = await api.call('mia', 'GET', '/audit', { headers: { accept: 'text/csv' } })
    expect(status).toBe(403)
  })
})
