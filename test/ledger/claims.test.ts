import { describe, expect, test } from 'vitest'
import {
  type Claim,
  claim,
  claimPartition,
  findClaim,
  keepRefusal,
  markRecorded,
} from '../../shared/ledger/claims.ts'
import { createMemoryTables } from '../../shared/ledger/memory-tables.ts'
import { TableConflictError, TableUnavailableError } from '../../shared/ledger/tables.ts'
import { at, iso } from '../builders.ts'

const partition = claimPartition('tenant/mia', 'key-1')
const wanted: Claim = { partition, requestId: 'request-1', bodyHash: 'a' }
const refusal = { status: 403, problem: { code: 'not-eligible', detail: 'Störung 𝄞' } }
const now = at('12:00:00')
/** As it is read back. */
const kept: Claim = { ...wanted, isRecorded: false }

describe('claim()', () => {
  test('takes a key that nobody has, and says when', async () => {
    const tables = createMemoryTables()

    expect(await claim(tables, wanted, now)).toEqual({ kind: 'new', claim: wanted })

    expect(await findClaim(tables, partition)).toEqual(kept)
    expect(tables.all('Claims')).toMatchObject([
      { partition, key: 'claim', columns: { createdAt: iso('12:00:00') } },
    ])
  })

  test.each<{ title: string; again: Partial<Claim>; outcome: object }>([
    {
      title: 'answers the first request to the same body',
      again: { requestId: 'request-2' },
      outcome: { kind: 'known', claim: kept },
    },
    {
      title: 'refuses another body',
      again: { requestId: 'request-2', bodyHash: 'b' },
      outcome: { kind: 'other-body' },
    },
  ])('$title under a key that is taken', async ({ again, outcome }) => {
    const tables = createMemoryTables()
    await claim(tables, wanted, now)

    expect(await claim(tables, { ...wanted, ...again }, at('13:00:00'))).toEqual(outcome)

    expect(await findClaim(tables, partition)).toEqual(kept)
  })

  test('lets one of two through who come at the same time', async () => {
    const tables = createMemoryTables()

    const both = await Promise.all([
      claim(tables, wanted, now),
      claim(tables, { ...wanted, requestId: 'request-2' }, now),
    ])

    expect(both.map(({ kind }) => kind)).toEqual(['new', 'known'])
    expect(both[1]).toMatchObject({ claim: { requestId: 'request-1' } })
  })

  test.each([
    { fault: 'committed-reply-lost', found: 'request-1' },
    { fault: 'not-committed-unclear', found: 'request-2' },
    { fault: 'unavailable', found: 'request-2' },
  ] as const)('finds out by the next try what $fault left', async ({ fault, found }) => {
    const tables = createMemoryTables()
    tables.fault = () => fault
    await expect(claim(tables, wanted, now)).rejects.toThrow(TableUnavailableError)
    tables.fault = () => undefined

    const outcome = await claim(tables, { ...wanted, requestId: 'request-2' }, now)

    expect(outcome).toMatchObject({ claim: { requestId: found } })
  })

  test('passes on a conflict with a row that is gone when it is read', async () => {
    const tables = createMemoryTables()
    await claim(tables, wanted, now)
    tables.fault = ({ kind }) => {
      if (kind === 'read') tables.lose('Claims', partition, 'claim')
      return undefined
    }

    await expect(claim(tables, wanted, now)).rejects.toThrow(TableConflictError)
  })
})

describe('a refusal', () => {
  test('is kept in the claim that it was made with, to be answered again', async () => {
    const tables = createMemoryTables()

    await claim(tables, { ...wanted, refusal }, now)

    expect(await findClaim(tables, partition)).toEqual({ ...kept, refusal })
    expect(await claim(tables, wanted, now)).toEqual({
      kind: 'known',
      claim: { ...kept, refusal },
    })
  })

  test('is put into a claim that stands, and changes nothing else of it', async () => {
    const tables = createMemoryTables()
    await claim(tables, wanted, now)

    await keepRefusal(tables, partition, refusal)

    expect(await findClaim(tables, partition)).toEqual({ ...kept, refusal })
  })
})

describe('markRecorded()', () => {
  test('notes that the audit has a refusal, and changes nothing else of it', async () => {
    const tables = createMemoryTables()
    await claim(tables, { ...wanted, refusal }, now)

    await markRecorded(tables, partition)

    expect(await findClaim(tables, partition)).toEqual({ ...wanted, refusal, isRecorded: true })
  })
})

describe('findClaim()', () => {
  test('finds nothing under a key that nobody took', async () => {
    expect(await findClaim(createMemoryTables(), partition)).toBeUndefined()
  })
})
