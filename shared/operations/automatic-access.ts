import type { AccessKey } from '../access/access.ts'
import { automaticStep, renewReason } from '../access/automatic.ts'
import type { Verdict, VersionedFlow } from '../access/evaluate.ts'
import { system } from '../access/events.ts'
import type { DirectoryUser } from '../directory/directory.ts'
import { newRequestId, pairIdOf } from '../ledger/ids.ts'
import { commitPair, openPair, type PairStream } from '../ledger/pair-ledger.ts'
import { LedgerConflictError } from '../ledger/stream.ts'
import type { WantedAccess } from './automatic-policy.ts'
import { endRequest } from './end-request.ts'
import { guardedBy } from './guard-target.ts'
import type { Clockwork, Needs } from './needs.ts'
import { projectEvents } from './project-events.ts'
import type { SettlePair } from './settle-pair.ts'
import { carryRequestOn, writeRequest } from './submit-request.ts'

/** Whom the evaluation tells, and by whom access is put in order after a renewal. */
export interface AutomaticHands {
  readonly settlePair: SettlePair
  readonly clockwork: Clockwork
}

/** One person and one access, as they were just judged. */
export interface JudgedAccess {
  readonly key: AccessKey
  readonly person: DirectoryUser | undefined
  /** Set where the flow gives it. */
  readonly allowed?: {
    readonly wanted: WantedAccess
    readonly verdict: Extract<Verdict, { kind: 'allowed' }>
  }
}

export interface AccessOutcome {
  readonly did: 'started' | 'renewed' | 'ended' | 'nothing'
  /** When it has to be looked at again by itself; undefined: at the next evaluation. */
  readonly until?: Date
}

/** By which flow it is done; one that is gone can still end what it gave. */
export interface ActingFlow {
  readonly flow: Pick<VersionedFlow, 'name' | 'version' | 'duration'>
  readonly maximumMilliseconds: number
}

export interface Permits {
  readonly mayStart: boolean
  readonly mayRenew: boolean
}

/** The sweep leaves a renewal so long to whoever made it. */
const outboxMilliseconds = 10_000

/**
 * Starts, renews or ends one automatic access by what stands in its pair at this moment. Two that do
 * it at once collide at the pair's head, and the later one finds it done.
 */
export async function carryOutAccess(
  needs: Needs,
  hands: AutomaticHands,
  policy: ActingFlow,
  judged: JudgedAccess,
  permits: Permits,
): Promise<AccessOutcome> {
  const pairId = pairIdOf(judged.key)
  for (;;) {
    const stream = await openPair(needs.tables, pairId)
    const step = automaticStep({
      reasons: stream.state?.pair.reasons ?? [],
      covered: judged.allowed !== undefined,
      flow: policy.flow,
      maximumMilliseconds: policy.maximumMilliseconds,
      ...permits,
      now: needs.now(),
    })
    switch (step.do) {
      case 'leave':
        return { did: 'nothing', ...(step.until === undefined ? {} : { until: step.until }) }
      case 'end':
        for (const requestId of step.requestIds) await end(needs, hands, requestId)
        return { did: 'ended' }
      case 'start': {
        const started = await start(needs, hands, policy, stream, judged)
        if (started !== 'again') return { did: started ? 'started' : 'nothing' }
        break
      }
      case 'renew': {
        const until = await renew(needs, hands, policy, stream, step.requestId)
        if (until !== 'again') return { did: 'renewed', until }
      }
    }
  }
}

async function end(needs: Needs, { clockwork }: AutomaticHands, requestId: string): Promise<void> {
  const order = { requestId, actor: system, endReason: 'no-longer-eligible' } as const
  await endRequest(needs, order, clockwork)
}

/** A request of the broker itself, written and carried on like any other. */
async function start(
  needs: Needs,
  { clockwork }: AutomaticHands,
  { flow }: ActingFlow,
  stream: PairStream,
  { key, person, allowed }: JudgedAccess,
): Promise<boolean | 'again'> {
  if (person === undefined || allowed === undefined) return false
  if (!(await isManageable(needs, allowed.wanted))) return false
  const { resource, permission, name } = allowed.wanted
  const decided = {
    arrival: {
      body: { resource, permission, duration: flow.duration?.maximum ?? '' },
      intake: 'automatic',
      requester: system.id,
      requesterIsApplication: false,
      actor: system,
    },
    decision: {
      kind: 'allowed',
      key,
      requester: { id: system.id, name: system.id },
      grantee: { id: person.id, name: person.displayName },
      resourceName: name,
      verdict: allowed.verdict,
    },
    approval: undefined,
  } as const
  const requestId = newRequestId(pairIdOf(key), needs.now(), needs.random)
  const written = await writeRequest(needs, stream, decided, requestId)
  if (written.kind === 'again') return 'again'
  // Too many other requests are open for this person and resource: he has the access by them.
  if (written.kind === 'refused') return false
  await carryRequestOn(needs, written, clockwork)
  return true
}

/**
 * What was discovered may be an hour old; before somebody is added, the directory is asked. What is
 * guarded takes people to decide, whatever the integration may.
 */
async function isManageable(
  { directory }: Needs,
  { resource, deciders }: WantedAccess,
): Promise<boolean> {
  const { resource: found, power } = await directory.lookUp({ people: [], groups: [], resource })
  if (found === undefined || found.unmanageable !== undefined) return false
  return guardedBy(found, power, deciders) === undefined
}

/** Answers when it has to be renewed again. */
async function renew(
  needs: Needs,
  { settlePair }: AutomaticHands,
  { flow, maximumMilliseconds }: ActingFlow,
  stream: PairStream,
  requestId: string,
): Promise<Date | 'again'> {
  const now = needs.now()
  const renewal = {
    now,
    maximumMilliseconds,
    accessFlow: { name: flow.name, version: flow.version },
  }
  const halfTime = new Date(now.getTime() + maximumMilliseconds / 2)
  const draft = stream.state && renewReason(stream.state.pair, requestId, renewal)
  if (draft === undefined) return halfTime
  const outbox = new Date(now.getTime() + outboxMilliseconds)
  const former = stream.state?.due
  const due = former !== undefined && former < outbox.toISOString() ? new Date(former) : outbox
  try {
    const committed = await commitPair(needs, stream, draft, due)
    const isOutside = await projectEvents(needs, committed.events)
    // Lays the due row at the new end: the one that stands is for the event, and comes earlier.
    if (isOutside) {
      const projectedTo = committed.stream.sequence
      await settlePair(pairIdOf(draft.pair.key), { projectedTo, patience: 0 })
    }
    return halfTime
  } catch (error) {
    if (error instanceof LedgerConflictError) return 'again'
    throw error
  }
}
