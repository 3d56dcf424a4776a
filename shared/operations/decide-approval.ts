import type { Word } from '../access/approval.ts'
import { dueAt } from '../access/due.ts'
import { durationOf, parseDuration } from '../access/duration.ts'
import { minimumOf, shortestReason } from '../access/giving.ts'
import type { Draft } from '../access/life-cycle.ts'
import { failPending, takeDecision } from '../access/pending.ts'
import { pairOfRequest } from '../ledger/ids.ts'
import {
  commitPair,
  openPair,
  type PairStream,
  readRequest,
  type StoredRequest,
} from '../ledger/pair-ledger.ts'
import { LedgerConflictError } from '../ledger/stream.ts'
import { type Approvers, findApprovers, groupsBehind, standsFor } from './approvers.ts'
import { actorOf, type CallerFacts } from './callers.ts'
import { type Allowed, decideRequest } from './decide-request.ts'
import type { Clockwork, Needs } from './needs.ts'
import { nudge } from './nudge.ts'
import { projectEvents } from './project-events.ts'
import { emergencyStopRefusal, invalidField, type Refusal, refused } from './refusal.ts'
import { askedAgain } from './stored-question.ts'
import type { Configuration, ReadConfiguration } from './system-stream.ts'

/** What an approver says. */
export interface ApproverWord {
  readonly verdict: 'approve' | 'deny'
  readonly reason?: string | undefined
  /** ISO 8601; shorter than what was asked for. */
  readonly duration?: string | undefined
}

export type DecideApproval = (
  request: StoredRequest,
  caller: CallerFacts,
  word: ApproverWord,
  clockwork: Pick<Clockwork, 'nudge'>,
) => Promise<{ readonly kind: 'decided'; readonly request: StoredRequest } | Refusal>

/**
 * Takes the word of an approver. The right to it is looked up in the directory at this moment; who
 * asked and who is given the access never decide, whatever else they are.
 */
export function createDecideApproval(
  needs: Needs,
  readConfiguration: ReadConfiguration,
): DecideApproval {
  return async (request, caller, said, clockwork) => {
    if (caller.kind !== 'user') return notAnApprover
    if (isParty(request, caller.id)) return ownRequest
    const shorter = durationSaid(needs, request, said)
    if (shorter !== undefined && typeof shorter !== 'number') return shorter

    const configuration = await readConfiguration()
    if (said.verdict === 'approve' && configuration.stop.active) return emergencyStopRefusal
    const rights = await rightsOf(needs, configuration, request, caller.id)
    if (rights.isDisabled) return notAnApprover
    const word = (openTiers: number, stage: number): Word => ({
      approver: caller.id,
      ...(caller.name === undefined ? {} : { approverName: caller.name }),
      verdict: said.verdict,
      entries: standsFor(rights.approvers[stage] ?? [], openTiers, caller.id, rights.memberOf),
      ...(shorter === undefined ? {} : { durationMilliseconds: shorter }),
      ...(said.reason === undefined ? {} : { comment: said.reason }),
    })
    const again = said.verdict === 'deny' ? undefined : await recheck(needs, configuration, request)
    const unfit = again?.kind === 'refused' ? again : undefined
    const needsTwo = again?.kind === 'allowed' && again.guardedBy !== undefined
    const unlockedBy = configuration.unlockedBy[request.reason.integration.toLowerCase()]
    if (needsTwo && unlockedBy === caller.id) return ownUnlocking
    return write(needs, request, { caller, said, word, unfit, needsTwo }, clockwork)
  }
}

const notAnApprover = refused(
  'not-allowed',
  'not-an-approver',
  'You are no approver of this request, or not at this moment.',
)

const ownRequest = refused(
  'not-allowed',
  'own-request',
  'Nobody decides about a request that he made or that gives him access.',
)

const ownUnlocking = refused(
  'not-allowed',
  'own-unlocking',
  'Whoever made the integration privileged does not approve what it gives for that.',
)

const secondApprover = refused(
  'not-allowed',
  'second-approver-needed',
  'It gives power over this product: somebody else has to approve it, too.',
)

/** Whether somebody is a party to a request, and so never its judge. */
export function isParty({ submission, key }: StoredRequest, personId: string): boolean {
  return submission.requester.id === personId || key.grantee === personId
}

function durationSaid(
  needs: Needs,
  { reason }: StoredRequest,
  { verdict, duration }: ApproverWord,
): number | Refusal | undefined {
  if (duration === undefined) return undefined
  if (verdict === 'deny') return invalidField('/duration', 'A denial has no duration.')
  const milliseconds = durationOf(duration) ?? 0
  if (milliseconds > reason.durationMilliseconds) {
    return invalidField('/duration', 'An approver may shorten the duration, not lengthen it.')
  }
  const minimum = minimumOf(reason.giving)
  if (minimum !== undefined && milliseconds < parseDuration(minimum)) {
    return invalidField('/duration', shortestReason)
  }
  return milliseconds < needs.rules.minimumDuration
    ? invalidField(
        '/duration',
        `The shortest duration is ${needs.rules.minimumDuration / 1000} seconds.`,
      )
    : milliseconds
}

interface Rights {
  readonly approvers: Approvers
  readonly memberOf: ReadonlySet<string>
  readonly isDisabled: boolean
}

async function rightsOf(
  needs: Needs,
  configuration: Configuration,
  request: StoredRequest,
  personId: string,
): Promise<Rights> {
  const [approvers = []] = await findApprovers(needs, [subjectOf(configuration, request)].flat())
  const facts = await needs.directory.lookUp({
    people: [personId],
    groups: groupsBehind([approvers]),
  })
  return {
    approvers,
    memberOf: facts.memberOf.get(personId) ?? new Set(),
    isDisabled: facts.people.get(personId)?.enabled !== true,
  }
}

/** What a stored request's approval is about, by the configuration as it is now. */
export function subjectOf(
  { integrations }: Configuration,
  { submission, reason, key }: StoredRequest,
) {
  const rule = submission.approval?.rule
  if (rule === undefined) return []
  const integration = integrations.find(({ name }) => name === reason.integration) ?? {}
  return [{ rule, integration, resource: key.resource, granteeId: key.grantee }]
}

/** Whether the request would still be allowed: who left or changed teams gets nothing any more. */
async function recheck(
  needs: Needs,
  configuration: Configuration,
  request: StoredRequest,
): Promise<Allowed | Refusal | undefined> {
  if (request.reason.status !== 'pending-approval') return undefined
  return decideRequest(needs, configuration, askedAgain(request, needs.now()))
}

interface Spoken {
  readonly caller: CallerFacts
  readonly said: ApproverWord
  readonly word: (openTiers: number, stage: number) => Word
  readonly unfit: Refusal | undefined
  /** What is guarded takes two people, however the flow counts. */
  readonly needsTwo: boolean
}

/** Commits the word on whatever state the pair is in; two words at once come one after the other. */
async function write(
  needs: Needs,
  request: StoredRequest,
  spoken: Spoken,
  clockwork: Pick<Clockwork, 'nudge'>,
): ReturnType<DecideApproval> {
  const requestId = request.reason.id
  for (;;) {
    const stream = await openPair(needs.tables, pairOfRequest(requestId) ?? '')
    const pair = stream.state?.pair
    const pending = pair?.reasons.find(({ id }) => id === requestId)
    const approval = pending?.approval
    if (pair === undefined || pending?.status !== 'pending-approval' || approval === undefined) {
      return settled(needs, requestId, spoken)
    }
    const now = needs.now()
    const outcome = takeDecision(
      pair,
      requestId,
      (state) => spoken.word(state.opened.length, state.stage),
      {
        now,
        actor: actorOf(spoken.caller),
        ...(spoken.said.reason === undefined ? {} : { comment: spoken.said.reason }),
      },
    )
    switch (outcome.kind) {
      case 'no-approver':
        return notAnApprover
      case 'contradicts':
        return alreadyDecided('You have approved it already.')
      case 'unchanged':
        return { kind: 'decided', request }
      case 'not-pending':
        return alreadyDecided('Its time to be decided is over.')
    }
    const { unfit } = spoken
    const isAlone = !approval.decisions.some(({ approver }) => approver !== spoken.caller.id)
    if (outcome.kind === 'approved' && spoken.needsTwo && isAlone) return secondApprover
    const failed =
      unfit && failPending(pair, requestId, { code: unfit.code, detail: unfit.detail }, now)
    if (!(await commit(needs, stream, failed ?? outcome.draft, now))) continue
    const isOver = unfit !== undefined || outcome.kind !== 'recorded'
    if (isOver) await nudge(needs, clockwork, requestId)
    if (unfit !== undefined) {
      return refused(
        'conflict',
        'no-longer-eligible',
        `It can no longer be granted: ${unfit.detail}`,
      )
    }
    const decided = await readRequest(needs.tables, requestId)
    return { kind: 'decided', request: decided ?? request }
  }
}

async function commit(needs: Needs, stream: PairStream, draft: Draft, now: Date): Promise<boolean> {
  try {
    const committed = await commitPair(
      needs,
      stream,
      draft,
      dueAt(draft.pair, needs.limits, now) ?? now,
    )
    await projectEvents(needs, committed.events)
    return true
  } catch (error) {
    if (error instanceof LedgerConflictError) return false
    throw error
  }
}

/** The answer to a word about a request that is decided: the same word again changes nothing. */
async function settled(
  needs: Needs,
  requestId: string,
  { caller, said }: Spoken,
): ReturnType<DecideApproval> {
  const request = await readRequest(needs.tables, requestId)
  const decisions = request?.reason.approval?.decisions ?? []
  const own = decisions.find(({ approver }) => approver === caller.id)
  if (request !== undefined && own?.verdict === said.verdict) return { kind: 'decided', request }
  return alreadyDecided(`It is decided already: it is ${request?.reason.status ?? 'gone'}.`)
}

function alreadyDecided(detail: string): Refusal {
  return refused('conflict', 'already-decided', detail)
}
