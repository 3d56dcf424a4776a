import type { Actor } from '../access/events.ts'
import type { EndReason } from '../access/pair.ts'
import { newUlid } from '../ledger/ids.ts'
import { readRequest } from '../ledger/pair-ledger.ts'
import { rowsOf, type Tables, type Write } from '../ledger/tables.ts'
import { type DueRow, layDue, moveDue } from '../ledger/work-rows.ts'
import { endRequest } from './end-request.ts'
import { type GrantFilter, openReasons } from './grants.ts'
import type { Clockwork, Needs } from './needs.ts'
import { type Refusal, refused } from './refusal.ts'
import { laidAheadMilliseconds } from './sweep.ts'
import { emptySystem, openSystem } from './system-stream.ts'

/** A mass end as it was ordered. */
interface MassEnd {
  readonly actor: Actor
  readonly endReason: EndReason
  readonly reason: string
  readonly count: number
}

/** What counts as a grant, and what is taken along: pending approvals stay untouched. */
const counted = new Set(['granting', 'active'])
const takenAlong = new Set([...counted, 'scheduled'])

/** What the call itself works off before it answers; the sweep does the rest. */
const answerWithinMilliseconds = 1_000
const targetsABatch = 99

/**
 * Orders the end of many grants at once. The order and its targets are written first, so that it
 * is carried out whatever happens; a wrong expectation of the number changes nothing.
 */
export async function orderMassEnd(
  needs: Needs,
  actor: Actor,
  order: { readonly filter: GrantFilter; readonly reason: string; readonly expectedCount: number },
  clockwork: Pick<Clockwork, 'nudge'>,
): Promise<{ readonly kind: 'ordered'; readonly id: string; readonly count: number } | Refusal> {
  const targets: { id: string; isGrant: boolean }[] = []
  for await (const reason of openReasons(needs.tables, order.filter, takenAlong)) {
    targets.push({ id: reason.id, isGrant: counted.has(reason.status) })
  }
  const count = targets.filter(({ isGrant }) => isGrant).length
  if (count !== order.expectedCount) {
    return refused(
      'conflict',
      'count-differs',
      `${count} grants match, not ${order.expectedCount}; nothing was ended.`,
      { facts: { count } },
    )
  }
  const now = needs.now()
  const id = newUlid(now, needs.random)
  const { state = emptySystem } = await openSystem(needs.tables)
  const head: MassEnd = {
    actor,
    count,
    reason: order.reason,
    endReason: state.stop.active ? 'emergency' : 'revoked',
  }
  for (let start = 0; start < targets.length; start += targetsABatch) {
    const writes = targets
      .slice(start, start + targetsABatch)
      .map(({ id: requestId, isGrant }): Write => {
        const key = `${isGrant ? 'g' : 's'}-${requestId}`
        return { do: 'put', key, columns: { requestId, done: false } }
      })
    await needs.tables.write('Index', subjectOf(id), writes)
  }
  await layDue(needs.tables, now, subjectOf(id), 1)
  // The head comes last: an order without it is one that was never given.
  await needs.tables.write('Index', subjectOf(id), [
    { do: 'insert', key: 'head', columns: { order: JSON.stringify(head) } },
  ])
  const until = now.getTime() + answerWithinMilliseconds
  if (await carryOut(needs, id, clockwork, until)) {
    await moveDue(needs.tables, subjectOf(id), now, undefined)
  }
  return { kind: 'ordered', id, count }
}

/** Carries on a mass end that its call could not finish; false when the row is none. */
export async function carryOnMassEnd(
  needs: Needs,
  row: DueRow,
  clockwork: Pick<Clockwork, 'nudge'>,
): Promise<boolean> {
  if (!row.subject.startsWith('m-')) return false
  const id = row.subject.slice('m-'.length)
  // One whose order never came: its row must not stand before those of others for ever.
  const isAbandoned =
    needs.now().getTime() - row.at.getTime() >= laidAheadMilliseconds &&
    (await readHead(needs.tables, id)) === undefined
  if (isAbandoned || (await carryOut(needs, id, clockwork))) {
    await moveDue(needs.tables, row.subject, row.at, undefined)
  }
  return true
}

/** How far a mass end is; undefined when there is none of that id. */
export async function readMassEnd(
  tables: Tables,
  id: string,
): Promise<
  | {
      readonly id: string
      readonly count: number
      readonly ended: number
      readonly overdue: number
      readonly remaining: number
    }
  | undefined
> {
  const head = await readHead(tables, id)
  if (head === undefined) return undefined
  let ended = 0
  let overdue = 0
  for await (const row of rowsOf(tables, 'Index', subjectOf(id), { from: 'g-', before: 'g.' })) {
    const request = await readRequest(tables, String(row.columns['requestId']))
    const status = request?.reason.status
    if (status === 'ended' || status === 'failed' || status === 'cancelled') ended++
    if (status === 'overdue') overdue++
  }
  return { id, count: head.count, ended, overdue, remaining: head.count - ended }
}

async function readHead(tables: Tables, id: string): Promise<MassEnd | undefined> {
  const row = await tables.read('Index', subjectOf(id), 'head')
  return row === undefined ? undefined : (JSON.parse(String(row.columns['order'])) as MassEnd)
}

async function carryOut(
  needs: Needs,
  id: string,
  clockwork: Pick<Clockwork, 'nudge'>,
  until = Number.POSITIVE_INFINITY,
): Promise<boolean> {
  const head = await readHead(needs.tables, id)
  if (head === undefined) return false
  for await (const row of rowsOf(needs.tables, 'Index', subjectOf(id), {
    from: 'g-',
    before: 't',
  })) {
    if (row.columns['done'] === true) continue
    if (needs.now().getTime() > until) return false
    const { actor, endReason, reason: comment } = head
    const requestId = String(row.columns['requestId'])
    await endRequest(needs, { requestId, actor, endReason, comment }, clockwork)
    await needs.tables.write('Index', subjectOf(id), [
      { do: 'merge', key: row.key, columns: { done: true } },
    ])
  }
  return true
}

function subjectOf(id: string): string {
  return `m-${id}`
}
