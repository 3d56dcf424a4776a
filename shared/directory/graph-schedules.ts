import type { AccessKey } from '../access/access.ts'
import { DirectoryUnavailableError } from '../access/errors.ts'
import {
  type AskedSchedule,
  endsLike,
  type FoundSchedule,
  isOwn,
  type OwnSchedule,
  youngestMilliseconds,
} from '../access/schedule.ts'
import { classifyScheduleError } from './classify-schedule-error.ts'
import type { WriteLimits, WriteOutcome } from './directory.ts'
import { scheduleRequestFrom } from './graph-objects.ts'
import {
  directoryScopeId,
  groupPath,
  scheduleRequestPath,
  scheduleRequestsPath,
  userPath,
} from './graph-paths.ts'
import { type ReadGraph, unavailable } from './graph-reads.ts'
import { readSchedule } from './graph-schedule-reads.ts'
import { type GraphAnswer, TransportFailure } from './graph-transport.ts'
import { errorAnswerOf, isSuccess, tellGovernor, toldBy, writeWithin } from './graph-write-call.ts'
import type { GraphWriteNeeds } from './graph-writes.ts'

interface Needs extends GraphWriteNeeds {
  readonly read: ReadGraph
}

const actions = { add: 'adminAssign', update: 'adminUpdate', remove: 'adminRemove' } as const
type Operation = keyof typeof actions

const firstPollMilliseconds = 500
const longestPollMilliseconds = 4_000
/** A start that a clock running ahead puts into the future would be one to wait for. */
const startsBehindMilliseconds = 60_000

const failedStates: ReadonlySet<string> = new Set(['Failed', 'Denied', 'Canceled'])

/** Access by Privileged Identity Management: each write is one request, polled until it is final. */
export function createGraphSchedules(needs: Needs) {
  const within = (
    operation: Operation,
    access: AccessKey,
    limits: WriteLimits,
    run: (order: Order) => Promise<WriteOutcome>,
  ) => writeWithin(needs, access, limits, (signal) => run({ operation, access, limits, signal }))

  return {
    assign: (access: AccessKey, limits: WriteLimits, asked: AskedSchedule) =>
      within('add', access, limits, async (order) => {
        const outcome = await ask(needs, order, asked)
        if (outcome.kind === 'already') return withFound(needs, order, outcome)
        return outcome.kind === 'not-applied' ? withoutGroup(needs, order, outcome) : outcome
      }),

    reschedule: (access: AccessKey, limits: WriteLimits, own: OwnSchedule, asked: AskedSchedule) =>
      within('update', access, limits, async (order) => {
        const seen = await ourSchedule(needs, order, own)
        if ('outcome' in seen) return seen.outcome
        // An update whose answer was lost has been made.
        return endsLike(seen.ours, asked.endsAt)
          ? { kind: 'done', schedule: seen.ours }
          : ask(needs, order, asked, seen.ours.startedAt)
      }),

    unschedule: (access: AccessKey, limits: WriteLimits, own: OwnSchedule) =>
      within('remove', access, limits, async (order) => {
        // A removal names no schedule, so what would be taken is looked at first.
        const seen = await ourSchedule(needs, order, own)
        if ('outcome' in seen) return seen.outcome
        const outcome = await ask(needs, order)
        return outcome.kind === 'refused' ? untaken(outcome, seen.ours, needs.now()) : outcome
      }),
  }
}

interface Order {
  readonly operation: Operation
  readonly access: AccessKey
  readonly limits: WriteLimits
  readonly signal: AbortSignal
}

/** Sends one request, and waits for what becomes of it: a 201 does not mean active. */
async function ask(
  needs: Needs,
  order: Order,
  asked?: AskedSchedule,
  startedAt?: string,
): Promise<WriteOutcome> {
  const { access, operation, limits, signal } = order
  const sentAt = needs.now()
  const answer = await needs.send({
    method: 'POST',
    path: scheduleRequestsPath(access.resource.type),
    body: bodyOf(operation, access, asked, startedAt ?? startBehind(sentAt)),
    requestId: limits.attemptId,
    signal,
  })
  if (!isSuccess(answer)) {
    const outcome = classifyScheduleError(order, errorAnswerOf(answer), needs.now())
    tellGovernor(needs.governor, answer, outcome)
    return outcome
  }
  const told = toldBy(answer)
  try {
    return await settled(needs, order, answer, asked, sentAt)
  } catch (error) {
    const isLost = error instanceof DirectoryUnavailableError || error instanceof TransportFailure
    if (!isLost && !signal.aborted) throw error
    return { kind: 'ambiguous', detail: 'The request was taken and is not finished yet', ...told }
  }
}

async function settled(
  needs: Needs,
  { access, operation, signal }: Order,
  answer: GraphAnswer,
  asked: AskedSchedule | undefined,
  sentAt: Date,
): Promise<WriteOutcome> {
  const told = toldBy(answer)
  let request = scheduleRequestFrom(answer.body)
  const finalState = operation === 'remove' ? 'Revoked' : 'Provisioned'
  for (let pause = firstPollMilliseconds; request.status !== finalState; pause *= 2) {
    if (failedStates.has(request.status) || request.status === 'Revoked') {
      return { kind: 'not-applied', detail: `The request is ${request.status}`, ...told }
    }
    await needs.wait(Math.min(pause, longestPollMilliseconds), signal)
    const path = scheduleRequestPath(access.resource.type, request.id)
    const next = await needs.read({ action: 'read a schedule request', path, signal })
    // The answer may come from a replica that has not heard of the request yet.
    if (next.status === 200) request = scheduleRequestFrom(next.body)
    else if (next.status !== 404) throw unavailable('read a schedule request', next, needs.now())
  }
  if (asked === undefined) return { kind: 'done', ...told }
  const start = Date.parse(request.startedAt)
  const startedAt = new Date(Math.max(Number.isNaN(start) ? 0 : start, sentAt.getTime()))
  const schedule: FoundSchedule = {
    id: request.scheduleId,
    by: 'assigned',
    ...(operation === 'add' ? { startedAt: startedAt.toISOString() } : {}),
    endsAt: asked.endsAt,
  }
  return { kind: 'done', ...told, schedule }
}

function startBehind(now: Date): string {
  return new Date(now.getTime() - startsBehindMilliseconds).toISOString()
}

function bodyOf(
  operation: Operation,
  { grantee, resource, permission }: AccessKey,
  asked: AskedSchedule | undefined,
  startDateTime: string,
) {
  const target =
    resource.type === 'group'
      ? { groupId: resource.id, accessId: permission }
      : { roleDefinitionId: resource.id, directoryScopeId: directoryScopeId(resource) }
  const common = { action: actions[operation], principalId: grantee, ...target }
  if (asked === undefined) return common
  return {
    ...common,
    justification: asked.justification,
    scheduleInfo: {
      startDateTime,
      expiration: { type: 'afterDateTime', endDateTime: asked.endsAt },
    },
  }
}

/** Our own schedule, or the outcome of a write that has nothing of ours to touch. */
async function ourSchedule(
  needs: Needs,
  order: Order,
  own: OwnSchedule,
): Promise<{ readonly ours: FoundSchedule } | { readonly outcome: WriteOutcome }> {
  const seen = await readSchedule(needs, order.access, order.signal)
  if ('refusal' in seen) {
    return { outcome: classifyScheduleError(order, errorAnswerOf(seen.refusal), needs.now()) }
  }
  const { found } = seen
  if (found === undefined) return { outcome: await whyNothing(needs, order) }
  return isOwn(found, own) ? { ours: found } : { outcome: { kind: 'already', found } }
}

/** Nothing is active: person or group may be gone altogether. */
async function whyNothing(needs: Needs, { access, signal }: Order): Promise<WriteOutcome> {
  const isGone = async (path: string) =>
    (await needs.read({ action: 'look for what is gone', path, signal })).status === 404
  const { grantee, resource } = access
  if (resource.type === 'group' && (await isGone(groupPath(resource.id)))) {
    return { kind: 'already', missing: 'resource' }
  }
  return (await isGone(userPath(grantee)))
    ? { kind: 'already', missing: 'grantee' }
    : { kind: 'already' }
}

async function withFound(
  needs: Needs,
  { access, signal }: Order,
  outcome: WriteOutcome & { kind: 'already' },
): Promise<WriteOutcome> {
  const seen = await readSchedule(needs, access, signal)
  return 'found' in seen && seen.found !== undefined ? { ...outcome, found: seen.found } : outcome
}

/** What a refusal to take means: not yet, or never again since there is nobody to take it from. */
function untaken(
  outcome: WriteOutcome & { kind: 'refused' },
  { startedAt }: FoundSchedule,
  now: Date,
): WriteOutcome {
  const { reason, graphRequestId } = outcome
  const told = graphRequestId === undefined ? {} : { graphRequestId }
  switch (reason) {
    case 'policy': {
      const since = startedAt === undefined ? now.getTime() : Date.parse(startedAt)
      const until = new Date(since + youngestMilliseconds)
      return { kind: 'too-early', until: until.toISOString(), ...told }
    }
    case 'grantee-gone':
      return { kind: 'already', missing: 'grantee', ...told }
    case 'resource-gone':
      return { kind: 'already', missing: 'resource', ...told }
    default:
      return outcome
  }
}

/** A 404 is said of a group that is gone and of one that is too new; only a look tells. */
async function withoutGroup(
  needs: Needs,
  { access, signal }: Order,
  outcome: WriteOutcome & { kind: 'not-applied' },
): Promise<WriteOutcome> {
  const isTold = outcome.detail.includes('ResourceNotFound')
  if (!isTold || access.resource.type !== 'group') return outcome
  const group = await needs.read({
    action: 'look for a group',
    path: groupPath(access.resource.id),
    signal,
  })
  if (group.status !== 404) return outcome
  const { detail, graphRequestId } = outcome
  const told = graphRequestId === undefined ? {} : { graphRequestId }
  return { kind: 'refused', reason: 'resource-gone', detail, ...told }
}
