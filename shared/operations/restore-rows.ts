import { pendingPartition, pendingWrite } from '../ledger/approval-rows.ts'
import { openPair, type PairStream, readRequest, subjectOf } from '../ledger/pair-ledger.ts'
import { restoreLists } from '../ledger/views.ts'
import { isDueLaid, layDue, unmarkedSubjects } from '../ledger/work-rows.ts'
import type { Needs, Revival } from './needs.ts'
import { waitOf } from './new-request.ts'

/** Puts back what the index and the task hub should have of an open pair. */
export async function restoreRows(
  needs: Needs,
  stream: PairStream,
  revival: Revival | undefined,
): Promise<void> {
  const { state } = stream
  // Where nothing is open any more, the marker that led here goes with a row that is due now.
  const due = state?.due === undefined ? needs.now() : new Date(state.due)
  // From the first event: whoever lost the due row may have lost views as well.
  if (!(await isDueLaid(needs.tables, due, subjectOf(stream)))) {
    await layDue(needs.tables, due, subjectOf(stream), 1)
  }
  for (const reason of state?.pair.reasons ?? []) {
    const { submission } = (await readRequest(needs.tables, reason.id)) ?? {}
    if (submission !== undefined) {
      const { requester, grantee, submittedBy, createdAt } = submission
      const people = [requester.id, grantee.id, ...(submittedBy === undefined ? [] : [submittedBy])]
      await restoreLists(needs.tables, reason.id, { createdAt, people })
    }
    if (reason.status === 'pending-approval') {
      await needs.tables.write('Index', pendingPartition, [pendingWrite(reason.id, true)])
    }
    if ((await revival?.revive(reason.id, waitOf(reason))) === true) {
      needs.log('warning', 'Started an orchestration that was lost', { requestId: reason.id })
    }
  }
}

/** Finds by their due rows what has lost its marker. */
export async function restoreMarkers({ tables }: Needs): Promise<void> {
  for (const subject of await unmarkedSubjects(tables)) {
    if (!subject.startsWith('p-')) continue
    const { state } = await openPair(tables, subject.slice('p-'.length))
    if (state?.due !== undefined) await layDue(tables, new Date(state.due), subject, 1)
  }
}
