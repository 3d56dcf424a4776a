import { moveCleanup } from '../access/cleanup.ts'
import { layLook } from '../ledger/cleanup-rows.ts'
import { openPerson } from '../ledger/person-stream.ts'
import { LedgerConflictError } from '../ledger/stream.ts'
import { recordCleanup } from './cleanup-record.ts'
import type { Needs } from './needs.ts'

const mostTries = 10

/**
 * Cancels what is planned for the people of a new request, before it is written: a plan and the
 * request write to the same row, so one of the two loses. Costs one read where nothing is planned.
 */
export async function cancelCleanup(needs: Needs, people: readonly string[]): Promise<void> {
  for (const person of new Set(people)) await cancelOne(needs, person)
}

async function cancelOne(needs: Needs, person: string): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    const stream = await openPerson(needs.tables, person)
    const record = stream.state?.cleanup
    if (record?.case?.state !== 'planned') return
    // The directory is being asked in this moment: the request has to be sent again afterwards.
    if (record.case.attempt !== undefined) throw new LedgerConflictError(stream.name)
    const now = needs.now()
    const change = { reasons: ['new-request'], keepUntil: now.toISOString() } as const
    // Laid ahead: a request that comes to nothing must not keep him for good.
    await layLook(needs.tables, 'look', now, person)
    const draft = moveCleanup(record, 'kept', { now, change })
    if ((await recordCleanup(needs, stream, draft)) !== undefined) return
    if (attempt >= mostTries) throw new LedgerConflictError(stream.name)
  }
}
