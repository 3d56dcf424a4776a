import type { ActorType, EventDraft } from '../access/events.ts'
import type { ApprovalRule, Intake } from '../access/flow.ts'
import type { Draft } from '../access/life-cycle.ts'
import { isOpen, type Pair, type Reason } from '../access/pair.ts'
import { joinJson, splitJson } from './columns.ts'
import { pairOfRequest, pairPartition, pairStream } from './ids.ts'
import { eventFromRow, type LedgerEvent } from './ledger-event.ts'
import { type Committed, commit, openStream, type Stream, type StreamNeeds } from './stream.ts'
import { rowsOf, type Tables, type Write } from './tables.ts'
import { isDueLost, layDue } from './work-rows.ts'

/** What the head of a pair's stream holds. */
export interface PairState {
  readonly pair: Pair
  /** A due row stands at this time; undefined when nothing is open. */
  readonly due?: string
}

export type PairStream = Stream<PairState>

/** The submission of a request as it was decided; never changes. */
export interface Submission {
  readonly requester: {
    readonly id: string
    readonly type: ActorType
    readonly name: string
  }
  readonly grantee: { readonly id: string; readonly name: string }
  /** The application that asked on behalf of the requester. */
  readonly submittedBy?: string
  readonly resourceName: string
  readonly intake: Intake
  readonly createdAt: string
  readonly justification?: string
  readonly ticket?: string
  readonly extends?: string
  /** How people have to approve it, and who was asked when it was submitted. */
  readonly approval?: {
    readonly rule: ApprovalRule
    readonly asked: readonly (readonly (readonly AskedApprover[])[])[]
  }
}

/** One entry of an approval's step as it is shown: in which role, and who that was. */
export interface AskedApprover {
  readonly as: 'resource-owner' | 'integration-owner' | 'manager' | 'user' | 'group'
  readonly people: readonly { readonly id: string; readonly name: string }[]
  readonly groups: readonly { readonly id: string; readonly name: string }[]
  /** The integration's owner stands in for an owner that nobody named. */
  readonly insteadOf?: 'resource-owner'
}

/** A request as stored: its submission and its life cycle. */
export interface StoredRequest {
  readonly key: Pair['key']
  readonly submission: Submission
  readonly reason: Reason
}

export function openPair(tables: Tables, pairId: string): Promise<PairStream> {
  return openStream<PairState>(tables, {
    name: pairStream(pairId),
    partition: pairPartition(pairId),
  })
}

/** A new request's own row, beside the draft that adds its reason to the pair. */
export interface NewRequest {
  readonly submission: Submission
  readonly reason: Reason
  readonly events: readonly EventDraft[]
}

/** A due row further off than this is no outbox for what is committed now. */
const outboxReach = 60_000
const outboxMilliseconds = 10_000

/**
 * Commits a draft of a pair. Where its work comes earlier than the due row that stands, an earlier
 * one is laid first: at no moment does open work lack a due row. Events get one soon in any case,
 * which is their outbox: else a crash would keep them from the views for as long as a window lasts.
 */
export async function commitPair(
  needs: StreamNeeds,
  stream: PairStream,
  draft: Draft,
  due: Date | undefined,
  request?: NewRequest,
): Promise<Committed<PairState>> {
  const former = stream.state?.due
  const { pair } = draft
  if (due !== undefined && (former === undefined || due.toISOString() < former)) {
    await layDue(needs.tables, due, subjectOf(stream), await outboxFrom(needs.tables, stream))
  }
  const events = [...(request?.events ?? []), ...draft.events]
  const now = needs.now().getTime()
  const stands = [former, due?.toISOString()].filter((time) => time !== undefined)
  if (events.length > 0 && !stands.some((time) => Date.parse(time) <= now + outboxReach)) {
    const outbox = new Date(now + outboxMilliseconds)
    await layDue(needs.tables, outbox, subjectOf(stream), await outboxFrom(needs.tables, stream))
  }
  const rows: Write[] = [...draft.touched.values()].map((reason) =>
    request?.reason.id === reason.id
      ? {
          do: 'insert',
          key: requestKey(reason.id),
          columns: {
            ...reasonColumns(reason),
            ...splitJson('key', pair.key),
            ...splitJson('submission', request.submission),
          },
        }
      : // Makes a row that somebody has deleted: an end must not wait for it.
        { do: 'merge', key: requestKey(reason.id), columns: reasonColumns(reason) },
  )
  return commit(needs, stream, {
    state: { pair, ...(due === undefined ? {} : { due: due.toISOString() }) },
    events,
    rows,
    headColumns: {
      tenantId: pair.key.tenantId,
      grantee: pair.key.grantee,
      resourceType: pair.key.resource.type,
      resourceId: pair.key.resource.id,
      scope: pair.key.resource.scope ?? '',
      permission: pair.key.permission,
      held: pair.held,
      open: pair.reasons.filter((reason) => isOpen(reason.status)).length,
    },
  })
}

/**
 * From which event on a new due row is the outbox: from those to come, unless a row before it was
 * lost. Then nobody would find out any more what had waited in that one.
 */
async function outboxFrom(tables: Tables, stream: PairStream): Promise<number> {
  const { sequence, state } = stream
  const due = state?.due === undefined ? undefined : new Date(state.due)
  if (sequence === 0) return 1
  return (await isDueLost(tables, due, subjectOf(stream))) ? 1 : sequence + 1
}

/** The name of a pair in due rows and markers. */
export function subjectOf(stream: PairStream): string {
  return stream.partition
}

function requestKey(requestId: string): string {
  return `r-${requestId.slice(-26)}`
}

function reasonColumns(reason: Reason) {
  return { status: reason.status, ...splitJson('reason', reason) }
}

/** One request, in one read; undefined when there is none of that id. */
export async function readRequest(
  tables: Tables,
  requestId: string,
): Promise<StoredRequest | undefined> {
  const pairId = pairOfRequest(requestId)
  if (pairId === undefined) return undefined
  const row = await tables.read('Ledger', pairPartition(pairId), requestKey(requestId))
  if (row?.columns['submission'] === undefined) return undefined
  return {
    key: joinJson('key', row.columns) as StoredRequest['key'],
    submission: joinJson('submission', row.columns) as Submission,
    reason: joinJson('reason', row.columns) as Reason,
  }
}

/** The extensions among the requests of a pair: which request each of them extends. */
export async function readExtensions(
  tables: Tables,
  pairId: string,
): Promise<ReadonlyMap<string, string>> {
  const extended = new Map<string, string>()
  const range = { from: 'r-', before: 'r.' }
  for await (const row of rowsOf(tables, 'Ledger', pairPartition(pairId), range)) {
    const submission = joinJson('submission', row.columns) as Submission | undefined
    if (submission?.extends === undefined) continue
    extended.set(`${pairId}-${row.key.slice('r-'.length)}`, submission.extends)
  }
  return extended
}

/** Events of a stream, in order, from a sequence on. */
export async function readEvents(
  tables: Tables,
  partition: string,
  from = 1,
): Promise<readonly LedgerEvent[]> {
  const events: LedgerEvent[] = []
  const range = { from: `e-${String(from).padStart(10, '0')}`, before: 'e.' }
  for await (const row of rowsOf(tables, 'Ledger', partition, range)) {
    events.push(eventFromRow(row))
  }
  return events
}
