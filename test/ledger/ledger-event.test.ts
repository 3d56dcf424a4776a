import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import canonicalize from 'canonicalize'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { EventDraft } from '../../shared/access/events.ts'
import {
  chain,
  eventColumns,
  eventFromRow,
  eventKey,
  genesisHash,
  hashOf,
  type LedgerEvent,
} from '../../shared/ledger/ledger-event.ts'
import type { Columns } from '../../shared/ledger/tables.ts'
import { iso } from '../builders.ts'
import vector from './audit-vector.json' with { type: 'json' }

const stream = 'pair:7zzzzzzzzzzzzzzzzzzzzzzzzz'
const start = { stream, sequence: 0, hash: genesisHash }
const requestId = '7zzzzzzzzzzzzzzzzzzzzzzzzz-01kzzzzzzzzzzzzzzzzzzzzzzz'

/** A request as it goes, told in three events: free text, a name, and what Graph said. */
const drafts: readonly EventDraft[] = [
  {
    event: 'request.created',
    at: iso('12:00:00'),
    actor: { id: '20000000-0000-4000-8000-000000000001', type: 'user' },
    requestId,
    correlationId: 'INC-1',
    grantee: '20000000-0000-4000-8000-000000000001',
    integration: 'ContosoEntra',
    resourceType: 'group',
    resourceId: '30000000-0000-4000-8000-000000000001',
    resourceName: 'Production Readers',
    permission: 'member',
    accessFlow: 'oncall',
    reason: 'Störung in der Anmeldung "𝄞"\nsiehe INC-1',
    detail: { duration: 'PT1H', intake: 'http', ticket: 'INC-1' },
  },
  {
    event: 'request.approved',
    at: iso('12:00:00'),
    actor: { id: 'system', type: 'system' },
    requestId,
    accessFlow: 'oncall',
    detail: { by: 'access-flow', accessFlow: { version: 3, name: 'oncall' }, trace: [] },
  },
  {
    event: 'grant.active',
    at: iso('12:00:01'),
    actor: { id: 'system', type: 'system' },
    requestId,
    resourceType: 'directory-role',
    resourceId: '40000000-0000-4000-8000-000000000001',
    scope: '/',
    permission: 'active',
    graphRequestId: '50000000-0000-4000-8000-000000000001',
    detail: { status: 'active', mechanism: 'direct', endsAt: iso('13:00:00'), ä: 1, a: 2 },
  },
]
const salt = '00112233445566778899'
const chained = chain(drafts, start, 'tx-1', () => salt)

const sha256 = (text: string) => createHash('sha256').update(text, 'utf8').digest('hex')

/** The members of the hashed object, as docs/audit.md names them. */
function membersByTheBook(): readonly string[] {
  const words = readFileSync(join(import.meta.dirname, '../../docs/audit.md'), 'utf8')
  const [, object = ''] = /```\n\{ v: 1, ([^}]*)\}\n```/.exec(words) ?? []
  return object.split(',').map((name) => name.trim())
}

/** What an outsider hashes: the row as it is stored, and the words of docs/audit.md. */
function textByTheBook(row: Columns): string {
  const facts: Record<string, unknown> = { ...row, detail: JSON.parse(String(row['detail'])) }
  if (typeof row['reason'] === 'string') {
    facts['reasonDigest'] = sha256(`${row['salt']}${row['reason']}`)
  }
  const members = membersByTheBook().flatMap((name) =>
    facts[name] === undefined ? [] : [[name, facts[name]]],
  )
  return canonicalize({ v: 1, ...Object.fromEntries(members) }) ?? ''
}

describe('the vector of docs/audit.md', () => {
  test('is what the code writes', () => {
    expect(vector.map(({ row }) => row)).toEqual(chained.map(eventColumns))
  })

  test('is hashed as the page says', () => {
    expect(membersByTheBook()).toHaveLength(19)
    for (const { row, canonical } of vector) {
      expect(textByTheBook(row)).toBe(canonical)
      expect(sha256(canonical)).toBe(row.hash)
    }
  })

  test('is chained as the page says', () => {
    const hashes = vector.map(({ row }) => row.hash)

    expect(vector.map(({ row }) => row.previousHash)).toEqual([
      '0'.repeat(64),
      ...hashes.slice(0, 2),
    ])
    expect(vector.map(({ row }) => row.sequence)).toEqual([1, 2, 3])
  })
})

describe('hashOf()', () => {
  const [event] = chained
  if (event === undefined) throw new Error('Cannot test a hash: there is no event')
  const { hash, txId: _, ...open } = event

  test.each<{ member: keyof LedgerEvent; value: unknown }>([
    { member: 'stream', value: 'pair:other' },
    { member: 'sequence', value: 2 },
    { member: 'event', value: 'request.refused' },
    { member: 'at', value: iso('12:00:01') },
    { member: 'actor', value: { id: 'ada', type: 'user' } },
    { member: 'actor', value: { ...open.actor, type: 'application' } },
    { member: 'requestId', value: 'other' },
    { member: 'correlationId', value: 'other' },
    { member: 'grantee', value: 'other' },
    { member: 'integration', value: 'other' },
    { member: 'resourceType', value: 'directory-role' },
    { member: 'resourceId', value: 'other' },
    { member: 'scope', value: '/' },
    { member: 'permission', value: 'owner' },
    { member: 'accessFlow', value: 'other' },
    { member: 'reason', value: 'other' },
    { member: 'salt', value: 'other' },
    { member: 'detail', value: { ...open.detail, duration: 'PT2H' } },
    { member: 'graphRequestId', value: 'other' },
    { member: 'previousHash', value: '1'.repeat(64) },
  ])('notices a change of $member', ({ member, value }) => {
    expect(hashOf({ ...open, [member]: value })).not.toBe(hash)
  })

  test('lets a name be blanked', () => {
    expect(hashOf({ ...open, resourceName: '' })).toBe(hash)
  })

  test('needs of a text nothing but its digest, so that the text can be blanked', () => {
    const { reason: __, salt: ___, ...blanked } = eventColumns(event)

    const text = canonicalize({
      ...JSON.parse(textByTheBook(blanked)),
      reasonDigest: sha256(`${salt}${open.reason}`),
    })

    expect(sha256(text ?? '')).toBe(hash)
  })

  test('digests a text without a salt by itself', () => {
    const { salt: __, ...unsalted } = open

    expect(hashOf(unsalted)).toBe(hashOf({ ...unsalted, salt: '' }))
  })
})

describe('chain()', () => {
  test('goes on where the stream ends, and salts what has a text', () => {
    const events = chain(drafts, { stream, sequence: 41, hash: 'f'.repeat(64) }, 'tx-2', () => salt)

    expect(events.map(({ sequence }) => sequence)).toEqual([42, 43, 44])
    expect(events[0]?.previousHash).toBe('f'.repeat(64))
    expect(events.map((event) => event.salt)).toEqual([salt, undefined, undefined])
    expect(events.map(({ txId }) => txId)).toEqual(['tx-2', 'tx-2', 'tx-2'])
  })
})

describe('eventKey()', () => {
  test('sorts as the sequence does', () => {
    expect(eventKey(7)).toBe('e-0000000007')
    expect([eventKey(10), eventKey(9), eventKey(1_000)].sort()).toEqual(
      [9, 10, 1_000].map(eventKey),
    )
  })
})

describe('eventFromRow()', () => {
  const stored = (columns: Columns) =>
    eventFromRow({ partition: 'p', key: 'e-1', etag: '1', columns })

  test.each(chained)('reads back the $event that was written', (event) => {
    expect(stored(eventColumns(event))).toEqual(event)
  })

  test('reads a row without detail as one that says nothing more', () => {
    const { detail: _, ...bare } = eventColumns(chained[0] ?? expect.fail('no event'))

    expect(stored(bare).detail).toEqual({})
  })

  test('keeps the hash of whatever was written', () => {
    const words = fc.string({ unit: 'binary' })
    const detail = fc.dictionary(fc.string(), fc.jsonValue({ stringUnit: 'binary' }))

    fc.assert(
      fc.property(words, detail, (reason, facts) => {
        const draft: EventDraft = {
          event: 'grant.active',
          at: iso('12:00:00'),
          actor: { id: 'ada', type: 'user' },
          reason,
          detail: facts,
        }
        const [event] = chain([draft], start, 'tx-1', () => salt)
        const columns = eventColumns(event ?? expect.fail('no event'))

        const { hash, txId: _, ...read } = stored(columns)

        expect(hashOf(read)).toBe(hash)
        expect(sha256(textByTheBook(columns))).toBe(hash)
      }),
      { numRuns: 100 },
    )
  })
})
