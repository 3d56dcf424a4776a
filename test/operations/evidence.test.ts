import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { pairIdOf } from '../../shared/ledger/ids.ts'
import { readRequest } from '../../shared/ledger/pair-ledger.ts'
import { verifyExport } from '../../shared/ledger/verify-export.ts'
import { makeCheckpoint } from '../../shared/operations/checkpoint.ts'
import { buildEvidence } from '../../shared/operations/evidence.ts'
import { brokerInMemory, type InMemory, mia, readers, tenantId } from './broker-in-memory.ts'
import { type Unpacked, unpacked } from './unpack.ts'

const run = promisify(execFile)
const resource = { type: 'group', id: readers } as const
const pairId = pairIdOf({ tenantId, grantee: mia, resource, permission: 'member' })

let broker: InMemory
let folder: string

beforeEach(async () => {
  broker = await brokerInMemory()
  folder = await mkdtemp(join(tmpdir(), 'entra-jit-evidence-'))
})

afterEach(() => rm(folder, { recursive: true, force: true }))

const submit = async (key: string): Promise<string> => {
  const body = { resource, duration: 'PT60S', justification: 'errors in checkout “ä” 𝄞' }
  const outcome = await broker.submitRequest(
    {
      body,
      intake: 'http',
      requester: mia,
      requesterIsApplication: false,
      actor: { id: mia, type: 'user' },
      claim: { owner: mia, key, body },
    },
    broker.clockwork,
  )
  if (outcome.kind !== 'accepted') throw new Error(`refused: ${outcome.detail}`)
  await broker.settlePair(pairId, { patience: 0 })
  return outcome.request.reason.id
}

const grantAndEnd = async (key: string): Promise<string> => {
  const id = await submit(key)
  broker.advance(60_000)
  await broker.settlePair(pairId, { patience: 2_000 })
  broker.advance(10_000)
  await broker.sweep()
  return id
}

const packOf = async (requestId: string): Promise<Buffer> => {
  const request = await readRequest(broker.needs.tables, requestId)
  if (request === undefined) throw new Error('Cannot prove it: there is no such request')
  return buildEvidence(broker.needs, undefined, request)
}

/** Does what VERIFY.md says: unpacks it, saves the lines, runs them. */
const verifyByHand = async (files: Unpacked): Promise<{ code: number; said: string }> => {
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text)
  const [, lines = ''] = /```js\n([\s\S]*?)```/.exec(files['VERIFY.md'] ?? '') ?? []
  await writeFile(join(folder, 'verify.mjs'), lines)
  try {
    const { stdout } = await run(process.execPath, ['verify.mjs'], { cwd: folder })
    return { code: 0, said: stdout.trim() }
  } catch (error) {
    const { code, stdout } = error as { code: number; stdout: string }
    return { code, said: stdout.trim() }
  }
}

describe('the evidence of a request', () => {
  test('holds the request, its stream from the first event on, the checkpoint and the calls', async () => {
    await grantAndEnd('k1')
    const id = await grantAndEnd('k2')

    const files = unpacked(await packOf(id))

    expect(Object.keys(files)).toEqual([
      'VERIFY.md',
      'request.json',
      'events.ndjson',
      'graph-requests.json',
      'checkpoint.json',
    ])
    const request = JSON.parse(files['request.json'] ?? '')
    expect(request).toMatchObject({
      id,
      status: 'ended',
      accessFlow: { name: 'oncall', version: 1 },
    })
    const lines = (files['events.ndjson'] ?? '').trimEnd().split('\n')
    const events = lines.slice(0, -1).map((line) => JSON.parse(line))
    expect(events.map(({ sequence }) => sequence)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12])
    expect(JSON.parse(files['graph-requests.json'] ?? '')).toMatchObject([
      { sequence: 10, event: 'grant.active', graphRequestId: expect.any(String) },
      { sequence: 12, event: 'grant.ended', graphRequestId: expect.any(String) },
    ])
    expect(JSON.parse(files['checkpoint.json'] ?? '')).toMatchObject({
      event: { event: 'checkpoint.written' },
      leaf: [events[11].stream, 12, events[11].hash, events[11].at],
    })
  })

  test('is the same bytes on every call after the end, whatever happens later', async () => {
    const id = await grantAndEnd('k1')
    const first = await packOf(id)

    broker.advance(86_400_000 * 40)
    await grantAndEnd('k2')
    await makeCheckpoint(broker.needs, undefined)

    expect((await packOf(id)).equals(first)).toBe(true)
  })

  test('of a request that was covered before it was asked for makes no checkpoint', async () => {
    const id = await grantAndEnd('k1')
    await makeCheckpoint(broker.needs, undefined)
    const rows = broker.tables.all('Ledger').length
    await packOf(id)

    expect(broker.tables.all('Ledger')).toHaveLength(rows)
  })

  test('is verified by the lines in it, with nothing but Node', async () => {
    await grantAndEnd('k1')
    const files = unpacked(await packOf(await grantAndEnd('k2')))
    const { event } = JSON.parse(files['checkpoint.json'] ?? '')

    expect(await verifyByHand(files)).toEqual({
      code: 0,
      said: `intact, by checkpoint ${event.hash}`,
    })
    expect(files['VERIFY.md']).toContain(event.hash)
  }, 20_000)

  test.each([
    ['an event was edited', 'events.ndjson', '"actorType":"user"', '"actorType":"system"'],
    ['an event was removed', 'events.ndjson', /\n[^\n]*"event":"grant.attempted"[^\n]*/, ''],
    ['the last event was removed', 'events.ndjson', /\n[^\n]*"event":"grant.ended"[^\n]*/, ''],
    ['the leaf was edited', 'checkpoint.json', /"leaf": \[\s*"pair/, '"leaf": ["pear'],
    ['the checkpoint was edited', 'checkpoint.json', '"kind": "changes"', '"kind": "full"'],
  ] as const)(
    'is not when %s',
    async (_, name, from, to) => {
      const files = unpacked(await packOf(await grantAndEnd('k1')))
      const changed = (files[name] ?? '').replace(from, to)
      expect(changed).not.toBe(files[name])

      expect(await verifyByHand({ ...files, [name]: changed })).toEqual({ code: 1, said: 'BROKEN' })
    },
    20_000,
  )

  test('of a request that goes on shows how far it has come', async () => {
    const id = await submit('k1')
    const files = unpacked(await packOf(id))

    expect(Object.keys(files)).not.toContain('checkpoint.json')
    expect(JSON.parse(files['request.json'] ?? '')).toMatchObject({ status: 'active' })
    expect(await verifyByHand(files)).toEqual({
      code: 0,
      said: 'intact as far as the chain goes; no checkpoint covers it yet',
    })
  }, 20_000)

  test('holds events that the verifier of exports takes, too', async () => {
    const files = unpacked(await packOf(await grantAndEnd('k1')))
    const lines = (files['events.ndjson'] ?? '').trimEnd().split('\n')
    const { event } = JSON.parse(files['checkpoint.json'] ?? '')

    expect(await verifyExport(lines, event.hash)).toMatchObject({
      verdict: 'intact',
      rows: 6,
      covered: 6,
    })
    expect(await verifyExport(lines, '0'.repeat(64))).toMatchObject({ problem: 'anchor-missing' })
    for (const at of lines.keys()) {
      expect((await verifyExport(lines.toSpliced(at, 1))).verdict, `line ${at + 1}`).toBe('broken')
    }
  })
})
