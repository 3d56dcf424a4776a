/*
 * Over 200 lines on purpose: the order of claim, due row, transaction, views and start is the
 * promise that nothing is lost and nothing happens twice, and is kept readable in one place.
 */
import canonicalize from 'canonicalize'
import type { ResourceRef } from '../access/access.ts'
import { parseDuration } from '../access/duration.ts'
import { newPair } from '../access/pair.ts'
import { addReason, mostOpenReasons } from '../access/requests.ts'
import {
  type Claim,
  claim,
  claimPartition,
  findClaim,
  type KeptRefusal,
  keepRefusal,
  markRecorded,
} from '../ledger/claims.ts'
import { newRequestId, pairIdOf, pairOfRequest, sha256Hex } from '../ledger/ids.ts'
import type { LedgerEvent } from '../ledger/ledger-event.ts'
import {
  commitPair,
  openPair,
  type PairStream,
  readRequest,
  type StoredRequest,
} from '../ledger/pair-ledger.ts'
import { LedgerConflictError } from '../ledger/stream.ts'
import type { Arrival, RequestBody } from './arrival.ts'
import { prepareApproval } from './ask-approval.ts'
import { cancelCleanup } from './cleanup-cancel.ts'
import { countExtensions } from './count-extensions.ts'
import { type Allowed, type Asked, decideRequest } from './decide-request.ts'
import type { Clockwork, Needs } from './needs.ts'
import { createdEvents, type Decided, reasonOf, submissionOf, waitOf } from './new-request.ts'
import { countPending } from './pending.ts'
import { projectEvents } from './project-events.ts'
import { recordRefusal } from './record-refusal.ts'
import { emergencyStopRefusal, invalidField, type Refusal, refused } from './refusal.ts'
import { shortened } from './short-trace.ts'
import type { ReadConfiguration } from './system-stream.ts'

export type SubmitOutcome = { readonly kind: 'accepted'; readonly request: StoredRequest } | Refusal

export type SubmitRequest = (arrival: Arrival, clockwork: Clockwork) => Promise<SubmitOutcome>

/** The first look of the sweep at a request that nobody carried on. */
const firstDueMilliseconds = 10_000
const startsAheadMilliseconds = 90 * 24 * 3_600_000
const startsBehindMilliseconds = 30_000

/**
 * Takes a request: claim, decision, due row, one ledger transaction, views, start. Repeating it
 * under the same key finds the same request, also when the first try broke off half-way.
 */
export function createSubmitRequest(
  needs: Needs,
  readConfiguration: ReadConfiguration,
): SubmitRequest {
  return async (arrival, clockwork) => {
    const known = await findKnown(needs, arrival)
    if (known?.kind === 'answered') return known.outcome
    const now = needs.now()
    const invalid = checkTimes(needs, arrival.body, now)
    if (invalid !== undefined) return invalid
    const configuration = await readConfiguration()
    if (configuration.stop.active) return emergencyStopRefusal

    const extensionsBefore = await extensionsOf(needs, arrival)
    const asked = { ...askedOf(arrival, now), extensionsBefore }
    const decision = await decideRequest(needs, configuration, asked)
    if (decision.kind === 'refused') {
      return refuse(needs, arrival, asked, decision, known?.requestId)
    }
    const approval = await prepareApproval(needs, decision)
    if (approval?.kind === 'refused') {
      return refuse(needs, arrival, asked, approval, known?.requestId)
    }
    const tooMany = await checkPending(needs, arrival, decision)
    if (tooMany !== undefined) return tooMany

    const pairId = pairIdOf(decision.key)
    const stream = await openPair(needs.tables, pairId)
    // Before the claim: an answer that may be another one tomorrow must not bind the key.
    if (isFull(stream)) return tooManyOpen
    if (decision.guardedBy !== undefined && isOpen(stream)) return oneAtATime
    const again = () => createSubmitRequest(needs, readConfiguration)(arrival, clockwork)
    // Another extension may have come between; from here on it would be met at the pair's head.
    if ((await extensionsOf(needs, arrival)) !== extensionsBefore) return again()
    const requestId = known?.requestId ?? newRequestId(pairId, now, needs.random)
    if (known === undefined && arrival.claim !== undefined) {
      const claimed = await claim(needs.tables, claimOf(arrival.claim, requestId), now)
      if (claimed.kind === 'other-body') return keyReused
      if (claimed.kind === 'known') return again()
    }
    const decided = { arrival, decision, approval }
    return (await accept(needs, stream, decided, requestId, clockwork)) ?? again()
  }
}

/** Only an extension asks how many there were before, and only it pays for the answer. */
async function extensionsOf({ tables }: Needs, arrival: Arrival): Promise<number> {
  return arrival.extends === undefined ? 0 : countExtensions(tables, arrival.extends)
}

const tooManyOpen = refused(
  'too-many',
  'too-many-open',
  `There are ${mostOpenReasons} open requests for this person and this resource already.`,
)

/** Windows that follow one another would be one that is longer than what is guarded may be given for. */
const oneAtATime = refused(
  'conflict',
  'guarded-open',
  'It gives power over this product, and there is an open request for it already: ask again when that has ended.',
)

function isOpen({ state }: PairStream): boolean {
  return (state?.pair.reasons.length ?? 0) > 0
}

function isFull({ state }: PairStream): boolean {
  return (state?.pair.reasons.length ?? 0) >= mostOpenReasons
}

export const keyReused = refused(
  'conflict',
  'key-reused',
  'This idempotency key was used with another body.',
)

type Known =
  | { readonly kind: 'answered'; readonly outcome: SubmitOutcome }
  /** A claim without its request: the first try broke off, and this one finishes it. */
  | { readonly kind: 'unfinished'; readonly requestId: string }

async function findKnown(needs: Needs, arrival: Arrival): Promise<Known | undefined> {
  if (arrival.claim === undefined) return undefined
  const { owner, key, body } = arrival.claim
  const known = await findClaim(needs.tables, claimPartition(owner, key))
  if (known === undefined) return undefined
  if (known.bodyHash !== hashOfBody(body)) return { kind: 'answered', outcome: keyReused }
  if (known.refusal !== undefined) {
    const outcome = known.refusal.problem as unknown as Refusal
    // Whoever kept it may have died before the audit heard of it.
    if (known.isRecorded !== true) await record(needs, arrival, outcome, known.requestId)
    return { kind: 'answered', outcome }
  }
  const request = await readRequest(needs.tables, known.requestId)
  return request === undefined
    ? { kind: 'unfinished', requestId: known.requestId }
    : { kind: 'answered', outcome: { kind: 'accepted', request } }
}

function claimOf(
  { owner, key, body }: { owner: string; key: string; body: unknown },
  requestId: string,
): Claim {
  return { partition: claimPartition(owner, key), requestId, bodyHash: hashOfBody(body) }
}

/** SHA-256 of the body as it was sent, in canonical form. */
export function hashOfBody(body: unknown): string {
  return sha256Hex(canonicalize(body) ?? '')
}

/** A duration or a start that no flow could allow. */
export function checkTimes(needs: Needs, body: RequestBody, now: Date): Refusal | undefined {
  if (parseDuration(body.duration) < needs.rules.minimumDuration) {
    const seconds = needs.rules.minimumDuration / 1000
    return invalidField('/duration', `The shortest duration is ${seconds} seconds.`)
  }
  if (body.startsAt === undefined) return undefined
  const start = Date.parse(body.startsAt)
  if (start < now.getTime() - startsBehindMilliseconds) {
    return invalidField('/startsAt', 'The start lies in the past.')
  }
  if (start > now.getTime() + startsAheadMilliseconds) {
    return invalidField('/startsAt', 'The start lies more than 90 days ahead.')
  }
  return undefined
}

/** What an arrival asks, at an instant. */
export function askedOf({ body, ...arrival }: Arrival, now: Date): Asked {
  const permission = body.permission ?? (body.resource.type === 'group' ? 'member' : 'active')
  return {
    requester: arrival.requester,
    grantee: body.requestFor ?? arrival.requester,
    requesterIsApplication: arrival.requesterIsApplication,
    resource: refOf(body.resource),
    permission,
    durationMilliseconds: parseDuration(body.duration),
    startsAt: body.startsAt === undefined ? now : new Date(body.startsAt),
    intake: arrival.intake,
    isExtension: arrival.extends !== undefined,
    ...(body.justification === undefined ? {} : { justification: body.justification }),
    ...(body.ticket === undefined ? {} : { ticket: body.ticket }),
    ...(body.integration === undefined ? {} : { integration: body.integration }),
    ...(body.accessFlow === undefined ? {} : { accessFlow: body.accessFlow }),
  }
}

/** A directory role without a scope is meant for the whole tenant. */
function refOf({ type, id, scope }: RequestBody['resource']): ResourceRef {
  return type === 'group' ? { type, id } : { type, id, scope: scope ?? '/' }
}

/** A final no: kept in the claim, so that it is repeated as it was, and written to the audit. */
async function refuse(
  needs: Needs,
  arrival: Arrival,
  asked: Asked,
  decision: Refusal,
  claimedId: string | undefined,
): Promise<Refusal> {
  const refusal = shortened(decision)
  const key = {
    tenantId: needs.tenantId,
    grantee: asked.grantee,
    resource: asked.resource,
    permission: asked.permission,
  }
  const requestId = claimedId ?? newRequestId(pairIdOf(key), needs.now(), needs.random)
  if (arrival.claim !== undefined) {
    const kept: KeptRefusal = { status: 0, problem: { ...refusal } }
    const wanted = claimOf(arrival.claim, requestId)
    if (claimedId !== undefined) {
      await keepRefusal(needs.tables, wanted.partition, kept)
    } else {
      const claimed = await claim(needs.tables, { ...wanted, refusal: kept }, needs.now())
      if (claimed.kind === 'other-body') return keyReused
      if (claimed.kind === 'known' && claimed.claim.refusal !== undefined) {
        return claimed.claim.refusal.problem as unknown as Refusal
      }
    }
  }
  await record(needs, arrival, refusal, requestId)
  return refusal
}

async function record(
  needs: Needs,
  arrival: Arrival,
  refusal: Refusal,
  requestId: string,
): Promise<void> {
  await recordRefusal(needs, arrival, askedOf(arrival, needs.now()), refusal, requestId)
  if (arrival.claim === undefined) return
  await markRecorded(needs.tables, claimPartition(arrival.claim.owner, arrival.claim.key))
}

async function checkPending(
  needs: Needs,
  arrival: Arrival,
  decision: Allowed,
): Promise<Refusal | undefined> {
  const waits = arrival.body.startsAt !== undefined || decision.verdict.flow.approval !== undefined
  if (!waits) return undefined
  const { maximumPending } = needs.rules
  const pending = await countPending(needs.tables, decision.requester.id, maximumPending)
  if (pending < maximumPending) return undefined
  return refused(
    'too-many',
    'too-many-pending',
    `There are ${maximumPending} pending requests already, and no more are allowed.`,
  )
}

/** Undefined when an extension met another change, and so has to be decided again. */
async function accept(
  needs: Needs,
  opened: PairStream,
  decided: Decided,
  requestId: string,
  clockwork: Clockwork,
): Promise<SubmitOutcome | undefined> {
  const pairId = pairOfRequest(requestId)
  if (pairId !== pairIdOf(decided.decision.key)) return keyReused
  for (let stream = opened; ; ) {
    const written = await writeRequest(needs, stream, decided, requestId)
    if (written.kind === 'refused') return written
    if (written.kind === 'again') {
      if (decided.arrival.extends !== undefined) return undefined
      stream = await openPair(needs.tables, pairId)
      continue
    }
    if (written.events.length > 0) await carryRequestOn(needs, written, clockwork)
    return { kind: 'accepted', request: written.request }
  }
}

export interface Written {
  readonly kind: 'written'
  readonly request: StoredRequest
  /** Empty when somebody else wrote this very request first, and so carries it on. */
  readonly events: readonly LedgerEvent[]
  /** Undefined where events of others before it may not be outside yet. */
  readonly projectedTo: number | undefined
}

/** Writes a decided request into its pair; `again` when somebody else has changed the pair first. */
export async function writeRequest(
  needs: Needs,
  stream: PairStream,
  decided: Decided,
  requestId: string,
): Promise<Written | Refusal | { readonly kind: 'again' }> {
  if (isFull(stream)) return tooManyOpen
  await cancelCleanup(needs, partiesOf(decided))
  const pair = stream.state?.pair ?? newPair(decided.decision.key)
  const now = needs.now()
  const reason = reasonOf(needs, decided, requestId, now)
  const submission = submissionOf(decided, now)
  const draft = addReason(pair, reason)
  const request = { reason, submission, events: createdEvents(pair, reason, decided, now) }
  const first = now.getTime() + Math.min(firstDueMilliseconds, reason.durationMilliseconds)
  const former = stream.state?.due
  const due = new Date(former === undefined ? first : Math.min(first, Date.parse(former)))
  try {
    const committed = await commitPair(needs, stream, draft, due, request)
    return {
      kind: 'written',
      request: { key: pair.key, submission, reason },
      events: committed.events,
      // A due row of an earlier change stands for this one as well, and for what that one left behind.
      projectedTo: due.toISOString() === former ? undefined : committed.stream.sequence,
    }
  } catch (error) {
    if (!(error instanceof LedgerConflictError)) throw error
    const known = await readRequest(needs.tables, requestId)
    if (known === undefined) return { kind: 'again' }
    return { kind: 'written', request: known, events: [], projectedTo: undefined }
  }
}

/** The people whose accounts a request speaks for: who asks and who is given the access. */
function partiesOf({ arrival, decision }: Decided): readonly string[] {
  const isPerson = !arrival.requesterIsApplication && arrival.intake !== 'automatic'
  return isPerson ? [decision.grantee.id, decision.requester.id] : [decision.grantee.id]
}

/** Views first, then the clock: an orchestration that runs means that its events are outside. */
export async function carryRequestOn(
  needs: Needs,
  written: Written,
  clockwork: Clockwork,
): Promise<void> {
  const { reason } = written.request
  if (!(await projectEvents(needs, written.events))) return
  try {
    await clockwork.start(reason.id, waitOf(reason), written.projectedTo)
  } catch (error) {
    needs.log('warning', 'Cannot start an orchestration now: the sweep carries the request on', {
      requestId: reason.id,
      cause: String(error),
    })
  }
}
