import { BrokerError } from '../access/errors.ts'
import type { StartVerdict } from '../access/settle.ts'
import { readRequest, type StoredRequest } from '../ledger/pair-ledger.ts'
import { type Allowed, decideRequest } from './decide-request.ts'
import type { Needs } from './needs.ts'
import type { JudgeStarts } from './settle-pair.ts'
import { askedAgain } from './stored-question.ts'
import type { ReadConfiguration } from './system-stream.ts'

/**
 * Judges scheduled requests again when they start, by the same decision as at first, held to the
 * flow they were allowed by. What cannot be judged stays unknown: not granted, not refused.
 */
export function createJudgeStarts(needs: Needs, readConfiguration: ReadConfiguration): JudgeStarts {
  return async (requestIds) => {
    const verdicts = await Promise.all(
      requestIds.map(async (id) => [id, await judge(needs, readConfiguration, id)] as const),
    )
    return new Map(verdicts)
  }
}

/** A flow that asks people now does not let pass what no person has approved. */
function needsPeople({ verdict }: Allowed, { submission }: StoredRequest): boolean {
  return verdict.flow.approval !== undefined && submission.approval === undefined
}

const approvalNeeded: StartVerdict = {
  eligible: false,
  code: 'approval-needed',
  detail: 'The access flow asks for an approval now, and nobody has given one.',
}

async function judge(
  needs: Needs,
  readConfiguration: ReadConfiguration,
  requestId: string,
): Promise<StartVerdict> {
  try {
    const [configuration, request] = await Promise.all([
      readConfiguration(),
      readRequest(needs.tables, requestId),
    ])
    if (request === undefined) return { eligible: 'unknown' }
    const decision = await decideRequest(needs, configuration, askedAgain(request, needs.now()))
    if (decision.kind === 'allowed' && needsPeople(decision, request)) return approvalNeeded
    return decision.kind === 'allowed'
      ? { eligible: true }
      : { eligible: false, code: decision.code, detail: decision.detail }
  } catch (error) {
    if (!(error instanceof BrokerError)) throw error
    needs.log('warning', 'Cannot judge a scheduled start now: it is not granted meanwhile', {
      requestId,
      cause: error.message,
    })
    return { eligible: 'unknown' }
  }
}
