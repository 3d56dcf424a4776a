import { deciderPartition, dropPending, pendingRows } from '../ledger/approval-rows.ts'
import { readRequest, type StoredRequest } from '../ledger/pair-ledger.ts'
import { findApprovers, groupsBehind, standsFor } from './approvers.ts'
import type { CallerFacts } from './callers.ts'
import { isParty, subjectOf } from './decide-approval.ts'
import type { Needs } from './needs.ts'
import type { Configuration, ReadConfiguration } from './system-stream.ts'

export interface ApprovalPage {
  readonly requests: readonly StoredRequest[]
  readonly next?: string
}

/** Pending requests looked at in one go; whoever is asked about more of them pages on. */
const pendingAtOnce = 100

/**
 * Pending requests that this caller may decide now. Who that is, is looked up in the directory for
 * all of them together; the rows say only what is pending.
 */
export async function listApprovals(
  needs: Needs,
  readConfiguration: ReadConfiguration,
  caller: CallerFacts,
  after?: string,
): Promise<ApprovalPage> {
  if (caller.kind !== 'user') return { requests: [] }
  const page = await pendingRows(needs.tables, pendingAtOnce, after)
  const read = await Promise.all(page.ids.map((id) => readRequest(needs.tables, id)))
  const pending: StoredRequest[] = []
  for (const [index, request] of read.entries()) {
    if (request?.reason.status === 'pending-approval') pending.push(request)
    // A row that came after the decision's own: dropped by whoever sees it.
    else await dropPending(needs.tables, page.ids[index] ?? '')
  }
  const requests = await decidable(needs, await readConfiguration(), caller.id, pending)
  return page.next === undefined ? { requests } : { requests, next: page.next }
}

/** Requests that somebody has said a word about, the latest word first. */
export async function listDecided(
  { tables }: Pick<Needs, 'tables'>,
  caller: CallerFacts,
  limit: number,
  after?: string,
): Promise<ApprovalPage> {
  const from = after === undefined ? '0' : `${after}!`
  const page = await tables.page(
    'Index',
    deciderPartition(caller.id),
    { from, before: ':' },
    { limit },
  )
  const ids = [...new Set(page.rows.map(({ columns }) => String(columns['requestId'])))]
  const read = await Promise.all(ids.map((id) => readRequest(tables, id)))
  const requests = read.filter((request) => request !== undefined)
  const last = page.rows.at(-1)
  return page.next === undefined || last === undefined ? { requests } : { requests, next: last.key }
}

/** Whether somebody is an approver of a request, of whichever step, and so may see it. */
export async function isApprover(
  needs: Needs,
  readConfiguration: ReadConfiguration,
  caller: CallerFacts,
  request: StoredRequest,
): Promise<boolean> {
  if (caller.kind !== 'user' || request.submission.approval === undefined) return false
  const found = await approvedBy(needs, await readConfiguration(), caller.id, [request])
  return found.some(({ stages }) => stages.some((entries) => entries.length > 0))
}

async function decidable(
  needs: Needs,
  configuration: Configuration,
  personId: string,
  requests: readonly StoredRequest[],
): Promise<readonly StoredRequest[]> {
  const found = await approvedBy(needs, configuration, personId, requests)
  return found.filter((each) => isAsked(each, personId)).map(({ request }) => request)
}

/** A request, and what a person stands for in each of its stages. */
interface Standing {
  readonly request: StoredRequest
  readonly stages: readonly (readonly string[])[]
}

async function approvedBy(
  needs: Needs,
  configuration: Configuration,
  personId: string,
  requests: readonly StoredRequest[],
): Promise<readonly Standing[]> {
  const candidates = requests.filter((request) => !isParty(request, personId))
  if (candidates.length === 0) return []
  const approvers = await findApprovers(
    needs,
    candidates.flatMap((request) => subjectOf(configuration, request)),
  )
  const facts = await needs.directory.lookUp({
    people: [personId],
    groups: groupsBehind(approvers),
  })
  if (facts.people.get(personId)?.enabled !== true) return []
  const memberOf = facts.memberOf.get(personId) ?? new Set()
  return candidates.map((request, index) => ({
    request,
    stages: (approvers[index] ?? []).map((stage) =>
      standsFor(stage, stage.length, personId, memberOf),
    ),
  }))
}

/** Stands for something open that he has not spoken for yet. */
function isAsked({ request, stages }: Standing, personId: string): boolean {
  const { approval } = request.reason
  if (approval === undefined) return false
  const { stage, opened, decisions } = approval
  const said = decisions.find((each) => each.stage === stage && each.approver === personId)
  return (stages[stage] ?? []).some(
    (entry) => Number.parseInt(entry, 10) < opened.length && said?.entries.includes(entry) !== true,
  )
}
