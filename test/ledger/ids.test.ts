import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { AccessKey } from '../../shared/access/access.ts'
import { claimPartition } from '../../shared/ledger/claims.ts'
import {
  newRequestId,
  newUlid,
  pairIdOf,
  pairOfRequest,
  pairPartition,
  pairStream,
  requestTime,
  sha256Hex,
} from '../../shared/ledger/ids.ts'
import { eventKey } from '../../shared/ledger/ledger-event.ts'
import { personPartition } from '../../shared/ledger/views.ts'
import { dueKey } from '../../shared/ledger/work-rows.ts'
import { at } from '../builders.ts'

const alphabet = '0123456789abcdefghjkmnpqrstvwxyz'
const group: AccessKey = {
  tenantId: '10000000-0000-4000-8000-00000000000a',
  grantee: '20000000-0000-4000-8000-00000000000a',
  resource: { type: 'group', id: '30000000-0000-4000-8000-00000000000a' },
  permission: 'member',
}
const role: AccessKey = {
  ...group,
  resource: {
    type: 'directory-role',
    id: '40000000-0000-4000-8000-00000000000a',
    scope: '/administrativeUnits/50000000-0000-4000-8000-00000000000a',
  },
  permission: 'active',
}
const zeros = (count: number) => new Uint8Array(count)
const ones = (count: number) => new Uint8Array(count).fill(255)

describe('pairIdOf()', () => {
  test('names a pair in the same 26 characters for ever', () => {
    expect(pairIdOf(group)).toBe('7f8cfeczsvcse82bkw6fq4v4be')
    expect(pairIdOf(role)).toBe('4d010e5kryn8kv00knqsxf74h8')
  })

  test('is the first 128 bits of SHA-256 in base 32', () => {
    const parts = [group.tenantId, group.grantee, 'group', group.resource.id, '', 'member']
    const digest = createHash('sha256').update(JSON.stringify(parts)).digest().subarray(0, 16)

    const bits = [...pairIdOf(group)].map((each) =>
      alphabet.indexOf(each).toString(2).padStart(5, '0'),
    )

    expect(BigInt(`0b${bits.join('')}`)).toBe(BigInt(`0x${digest.toString('hex')}`))
  })

  test.each<{ part: string; key: AccessKey }>([
    { part: 'tenant', key: { ...role, tenantId: role.tenantId.toUpperCase() } },
    { part: 'grantee', key: { ...role, grantee: role.grantee.toUpperCase() } },
    {
      part: 'resource',
      key: { ...role, resource: { ...role.resource, id: role.resource.id.toUpperCase() } },
    },
    {
      part: 'scope',
      key: {
        ...role,
        resource: {
          ...role.resource,
          scope: '/ADMINISTRATIVEUNITS/50000000-0000-4000-8000-00000000000A',
        },
      },
    },
  ])('takes no notice of the case of the $part', ({ key }) => {
    expect(pairIdOf(key)).toBe(pairIdOf(role))
  })

  test('tells every other access apart', () => {
    const others: AccessKey[] = [
      group,
      role,
      { ...group, tenantId: 'other' },
      { ...group, grantee: 'other' },
      { ...group, resource: { ...group.resource, id: 'other' } },
      { ...group, permission: 'owner' },
      { ...role, resource: { ...role.resource, scope: '/' } },
      { ...group, tenantId: 'ab', grantee: 'c' },
      { ...group, tenantId: 'a', grantee: 'bc' },
    ]

    expect(new Set(others.map(pairIdOf)).size).toBe(others.length)
  })
})

describe('newUlid()', () => {
  test.each([
    // The instant of the ULID specification, and both ends of its time.
    { time: 1_469_918_176_385, random: zeros, ulid: '01aryz6s410000000000000000' },
    { time: 0, random: zeros, ulid: '00000000000000000000000000' },
    { time: 2 ** 48 - 1, random: ones, ulid: '7zzzzzzzzzzzzzzzzzzzzzzzzz' },
  ])('of $time is $ulid', ({ time, random, ulid }) => {
    expect(newUlid(new Date(time), random)).toBe(ulid)
  })

  test('sorts by time, whatever the randomness', () => {
    const moment = fc.nat({ max: 4_102_444_800_000 })
    const randomness = fc.uint8Array({ minLength: 10, maxLength: 10 })

    fc.assert(
      fc.property(moment, moment, randomness, randomness, (a, b, one, other) => {
        fc.pre(a < b)

        expect(newUlid(new Date(a), () => one) < newUlid(new Date(b), () => other)).toBe(true)
      }),
    )
  })
})

describe('a request id', () => {
  const pairId = pairIdOf(group)

  test('carries its pair and the moment it was made', () => {
    const requestId = newRequestId(pairId, at('12:00:00'), ones)

    expect(requestId).toBe(`${pairId}-${newUlid(at('12:00:00'), ones)}`)
    expect(pairOfRequest(requestId)).toBe(pairId)
  })

  const valid = `${'0'.repeat(26)}-${'z'.repeat(26)}`
  test.each([
    { title: 'nothing', text: '' },
    { title: 'a pair alone', text: pairId },
    { title: 'one character too few', text: valid.slice(0, -1) },
    { title: 'one character too many', text: `${valid}0` },
    { title: 'upper case', text: valid.toUpperCase() },
    { title: 'a line feed behind it', text: `${valid}\n` },
    { title: 'something before it', text: `/${valid}` },
    ...['i', 'l', 'o', 'u', '/', '#', '?', '.'].map((character) => ({
      title: `a forbidden "${character}"`,
      text: `${character}${valid.slice(1)}`,
    })),
  ])('is no request id: $title', ({ text }) => {
    expect(pairOfRequest(valid)).toBe('0'.repeat(26))
    expect(pairOfRequest(text)).toBeUndefined()
  })
})

describe('a key of Table Storage', () => {
  /** What a PartitionKey or RowKey must not contain. */
  const forbidden = /[/\\#?\p{Cc}]/u

  test('has no forbidden character, whatever an id or an idempotency key is made of', () => {
    const text = fc.string({ unit: 'binary' })

    fc.assert(
      fc.property(text, text, fc.nat(), (owner, key, sequence) => {
        const pairId = pairIdOf({ ...group, grantee: owner, resource: { type: 'group', id: key } })
        const requestId = newRequestId(pairId, at('12:00:00'), ones)
        const keys = [
          requestId,
          pairPartition(pairId),
          claimPartition(owner, key),
          eventKey(sequence),
          dueKey(at('12:00:00'), pairPartition(pairId)),
          personPartition(group.grantee),
        ]

        expect(keys.filter((each) => forbidden.test(each))).toEqual([])
      }),
      { numRuns: 100 },
    )
  })

  test('tells the owner of an idempotency key from the key', () => {
    expect(claimPartition('a', 'b/c')).not.toBe(claimPartition('a/b', 'c'))
    expect(claimPartition('a', 'Key')).not.toBe(claimPartition('a', 'key'))
  })
})

describe('pairStream()', () => {
  test('and its partition name the same pair', () => {
    expect([pairStream('x'), pairPartition('x')]).toEqual(['pair:x', 'p-x'])
  })
})

describe('sha256Hex()', () => {
  test('is that of the UTF-8 bytes', () => {
    expect(sha256Hex('ä')).toBe(
      createHash('sha256')
        .update(Buffer.from([0xc3, 0xa4]))
        .digest('hex'),
    )
  })
})

describe('requestTime()', () => {
  test('tells when a request was made, to the millisecond, by its id', () => {
    const made = at('12:00:00.123')

    expect(requestTime(newRequestId(pairIdOf(group), made, ones))).toBe(made.getTime())
    expect(requestTime('nonsense')).toBeUndefined()
  })
})
