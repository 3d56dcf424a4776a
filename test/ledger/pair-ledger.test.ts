import { describe, expect, test } from 'vitest'
import { draftOf, move } from '../../shared/access/life-cycle.ts'
import type { Reason } from '../../shared/access/pair.ts'
import { addReason } from '../../shared/access/requests.ts'
import { newRequestId, pairIdOf } from '../../shared/ledger/ids.ts'
import { createMemoryTables, type MemoryTables } from '../../shared/ledger/memory-tables.ts'
import {
  commitPair,
  type NewRequest,
  openPair,
  readEvents,
  readRequest,
  type Submission,
  subjectOf,
} from '../../shared/ledger/pair-ledger.ts'
import type { StreamNeeds } from '../../shared/ledger/stream.ts'
import { dueKey, dueRows } from '../../shared/ledger/work-rows.ts'
import { aPair, aReason, at, iso } from '../builders.ts'

const { key } = aPair()
const pairId = pairIdOf(key)
const requestId = newRequestId(pairId, at('12:00:00'), (count) => new Uint8Array(count))
const submission: Submission = {
  requester: { id: 'mia', type: 'user', name: 'Mia' },
  grantee: { id: key.grantee, name: 'Mia' },
  resourceName: 'Production Readers',
  intake: 'http',
  createdAt: iso('12:00:00'),
}
const needsOn = (tables: MemoryTables): StreamNeeds => {
  let seed = 0
  return {
    tables,
    now: () => at('12:00:00'),
    random: (count) => new Uint8Array(count).fill(++seed),
    pause: async () => {},
  }
}
const dueKeys = (tables: MemoryTables) =>
  tables
    .all('Index')
    .map((row) => row.key)
    .filter((each) => each.startsWith('d-'))

/** Commits a new request that is due at one o'clock. */
const submit = async (tables: MemoryTables, over: Partial<Reason> = {}) => {
  const reason = aReason({ id: requestId, ...over })
  const request: NewRequest = {
    submission,
    reason,
    events: [
      { event: 'request.created', at: iso('12:00:00'), actor: reason.requester, detail: {} },
      { event: 'request.approved', at: iso('12:00:00'), actor: reason.requester, detail: {} },
    ],
  }
  const stream = await openPair(tables, pairId)
  const draft = addReason(aPair(), reason)
  return commitPair(needsOn(tables), stream, draft, at('13:00:00'), request)
}

describe('commitPair()', () => {
  test('stores the pair, the request and its events together', async () => {
    const tables = createMemoryTables()

    const { stream, events } = await submit(tables)

    expect(await openPair(tables, pairId)).toEqual(stream)
    expect(stream.state).toEqual({
      pair: aPair({ reasons: [aReason({ id: requestId })] }),
      due: iso('13:00:00'),
    })
    expect(await readEvents(tables, subjectOf(stream))).toEqual(events)
    expect(await readEvents(tables, subjectOf(stream), 2)).toEqual(events.slice(1))
    expect(await readRequest(tables, requestId)).toEqual({
      key,
      submission,
      reason: aReason({ id: requestId }),
    })
  })

  test('shows on the head whose access it is, what is held and how much is open', async () => {
    const tables = createMemoryTables()

    await submit(tables)

    const head = await tables.read('Ledger', `p-${pairId}`, 'head')
    expect(head?.columns).toMatchObject({
      tenantId: key.tenantId,
      grantee: key.grantee,
      resourceType: 'group',
      resourceId: key.resource.id,
      scope: '',
      permission: 'member',
      held: 'none',
      open: 1,
    })
  })

  test('lays the due row, and an outbox that is looked at soon, before the transaction', async () => {
    const tables = createMemoryTables()
    tables.fault = ({ kind, table }) =>
      kind === 'write' && table === 'Ledger' ? 'unavailable' : undefined

    await expect(submit(tables)).rejects.toThrow('storage did not answer')

    expect(dueKeys(tables)).toEqual(
      ['12:00:10', '13:00:00'].map((time) => dueKey(at(time), `p-${pairId}`)),
    )
    expect(tables.all('Ledger')).toEqual([])
  })

  test.each([
    { due: '12:30:00', rows: ['12:00:10', '12:30:00', '13:00:00'] },
    { due: '13:00:00', rows: ['12:00:10', '13:00:00'] },
    { due: '14:00:00', rows: ['12:00:10', '13:00:00'] },
    { due: undefined, rows: ['12:00:10', '13:00:00'] },
  ])('lays another due row only where work comes earlier: $due', async ({ due, rows }) => {
    const tables = createMemoryTables()
    const { stream } = await submit(tables)

    await commitPair(
      needsOn(tables),
      stream,
      draftOf(stream.state?.pair ?? aPair()),
      due === undefined ? undefined : at(due),
    )

    expect(dueKeys(tables)).toEqual(rows.map((time) => dueKey(at(time), `p-${pairId}`)))
    expect((await openPair(tables, pairId)).state?.due).toBe(
      due === undefined ? undefined : iso(due),
    )
  })

  test('lays a due row as the outbox of the events that come with it, soon in any case', async () => {
    const tables = createMemoryTables()
    const { stream } = await submit(tables)

    await commitPair(needsOn(tables), stream, draftOf(aPair()), at('12:30:00'))

    expect(await dueRows(tables, at('23:59:59'), 10)).toMatchObject([
      { at: at('12:00:10'), from: 1 },
      { at: at('12:30:00'), from: 3 },
      { at: at('13:00:00'), from: 1 },
    ])
  })

  test('makes a request row again that somebody has deleted: no end waits for it', async () => {
    const tables = createMemoryTables()
    const { stream } = await submit(tables)
    const pair = stream.state?.pair ?? aPair()
    tables.lose('Ledger', `p-${pairId}`, `r-${requestId.slice(-26)}`)

    const draft = move(draftOf(pair), pair.reasons[0] ?? aReason(), {
      to: 'failed',
      at: at('12:01:00'),
    })
    await commitPair(needsOn(tables), stream, draft, undefined)

    const row = await tables.read('Ledger', `p-${pairId}`, `r-${requestId.slice(-26)}`)
    expect(row?.columns['status']).toBe('failed')
    expect(await readRequest(tables, requestId)).toBeUndefined()
  })
})

describe('readRequest()', () => {
  test.each([
    { title: 'of another form', id: 'request-1' },
    { title: 'that nobody made', id: requestId },
  ])('finds nothing by an id $title', async ({ id }) => {
    expect(await readRequest(createMemoryTables(), id)).toBeUndefined()
  })
})
