import { BrokerError } from '../access/errors.ts'
import type { Pair } from '../access/pair.ts'
import type { StartVerdict } from '../access/settle.ts'
import { readRequest } from '../ledger/pair-ledger.ts'
import { decideRequest } from './decide-request.ts'
import type { Needs } from './needs.ts'
import type { JudgeStarts } from './settle-pair.ts'
import type { ReadConfiguration } from './system-stream.ts'

/**
 * Judges scheduled requests again when they start, by the same decision as at first, held to the
 * flow they were allowed by. What cannot be judged stays unknown: not granted, not refused.
 */
export function createJudgeStarts(needs: Needs, readConfiguration: ReadConfiguration): JudgeStarts {
  return async (pair, requestIds) => {
    const verdicts = await Promise.all(
      requestIds.map(async (id) => [id, await judge(needs, readConfiguration, pair, id)] as const),
    )
    return new Map(verdicts)
  }
}

async function judge(
  needs: Needs,
  readConfiguration: ReadConfiguration,
  pair: Pair,
  requestId: string,
): Promise<StartVerdict> {
  try {
    const [configuration, request] = await Promise.all([
      readConfiguration(),
      readRequest(needs.tables, requestId),
    ])
    if (request === undefined) return { eligible: 'unknown' }
    const { submission, reason } = request
    const decision = await decideRequest(needs, configuration, {
      requester: submission.requester.id,
      grantee: pair.key.grantee,
      requesterIsApplication: submission.requester.type === 'application',
      resource: pair.key.resource,
      permission: pair.key.permission,
      durationMilliseconds: reason.durationMilliseconds,
      startsAt: reason.startsAt === undefined ? needs.now() : new Date(reason.startsAt),
      intake: submission.intake,
      isExtension: submission.extends !== undefined,
      integration: reason.integration,
      accessFlow: reason.accessFlow.name,
      ...(submission.justification === undefined
        ? {}
        : { justification: submission.justification }),
      ...(submission.ticket === undefined ? {} : { ticket: submission.ticket }),
    })
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
