import type { AccessKey } from './access.ts'
import { type Condition, type ConditionTree, isTree } from './conditions.ts'
import type { VersionedFlow } from './evaluate.ts'
import type { AccessFlow } from './flow.ts'
import { type Draft, draftOf, note } from './life-cycle.ts'
import { oncePer } from './once.ts'
import type { Pair, Reason } from './pair.ts'

/** People whom a flow may cover before an administrator has confirmed that it is meant so. */
const mostUnconfirmedPeople = 500

/**
 * A request is renewed so often; then another one takes over without a gap, so that neither the
 * history of its life cycle nor its list of events grows for ever.
 */
export const mostRenewals = 30

/** A confirmed number of people may grow by a tenth before it has to be confirmed again. */
const growthAllowed = 1.1

/** What an administrator has said yes to: so many people, by this version of the flow. */
export interface Confirmation {
  readonly people: number
  readonly version: number
}

export function isAutomatic({ trigger, effect }: AccessFlow): boolean {
  return trigger === 'automatic' && effect !== 'deny'
}

/**
 * An automatic flow as a request for oneself is judged by it: whoever the flow gives access to is
 * both requester and grantee, since nobody asks.
 */
export const judgedAs = oncePer(
  (flow: VersionedFlow): VersionedFlow => ({
    ...flow,
    requesters: flow.grantees ?? flow.requesters,
    grantees: undefined,
  }),
)

/** Whether so many people may be given access by a flow without asking an administrator first. */
export function mayCover(
  people: number,
  { version }: Pick<VersionedFlow, 'version'>,
  confirmed: Confirmation | undefined,
): boolean {
  if (people <= mostUnconfirmedPeople) return true
  return confirmed?.version === version && people <= confirmed.people * growthAllowed
}

/** Where the people of a condition can be found; whoever fits it is among them. */
export interface Candidates {
  readonly users: readonly string[]
  readonly groups: readonly string[]
  /** Only a look at each user of the tenant finds them all. */
  readonly everybody: boolean
}

const nobody: Candidates = { users: [], groups: [], everybody: false }
const everybody: Candidates = { users: [], groups: [], everybody: true }

/** The smallest circle of people that a condition is sure not to reach beyond. */
export function candidatesOf(node: Condition | ConditionTree): Candidates {
  if (!isTree(node)) {
    if (node.match === 'is-not') return everybody
    const values = node.values.map((value) => value.toLowerCase())
    if (node.type === 'user') return { ...nobody, users: values }
    return node.type === 'group' ? { ...nobody, groups: values } : everybody
  }
  const parts = node.conditions.map(candidatesOf)
  if (node.operator === 'and') {
    return parts.reduce((best, part) => (sizeOf(part) < sizeOf(best) ? part : best), everybody)
  }
  if (parts.some((part) => part.everybody)) return everybody
  return {
    users: [...new Set(parts.flatMap(({ users }) => users))],
    groups: [...new Set(parts.flatMap(({ groups }) => groups))],
    everybody: false,
  }
}

/** Rough, to compare: a group is thought larger than any list of people. */
function sizeOf({ users, groups, everybody: all }: Candidates): number {
  return all ? Number.POSITIVE_INFINITY : groups.length * 1_000 + users.length
}

/** What becomes of one person's automatic access to one resource. */
export type AutomaticStep =
  | { readonly do: 'start' }
  | { readonly do: 'renew'; readonly requestId: string }
  | { readonly do: 'end'; readonly requestIds: readonly string[] }
  /** Nothing before this time; never by itself without one. */
  | { readonly do: 'leave'; readonly until?: Date }

export interface Standing {
  /** The pair's open requests. */
  readonly reasons: readonly Reason[]
  /** Whether the person fits now, and nothing denies it. */
  readonly covered: boolean
  readonly flow: Pick<VersionedFlow, 'name'>
  readonly maximumMilliseconds: number
  readonly mayStart: boolean
  readonly mayRenew: boolean
  readonly now: Date
}

/** Decides for one person and one resource: start, renew at half time, end, or leave alone. */
export function automaticStep(standing: Standing): AutomaticStep {
  const { covered, mayStart, mayRenew, maximumMilliseconds, now } = standing
  const own = ownReasons(standing.reasons, standing.flow.name)
  if (!covered) {
    return own.length === 0 ? { do: 'leave' } : { do: 'end', requestIds: own.map(({ id }) => id) }
  }
  const start: AutomaticStep = mayStart ? { do: 'start' } : { do: 'leave' }
  const current = own.reduce<Reason | undefined>(
    (latest, each) => (latest === undefined || isLater(each, latest) ? each : latest),
    undefined,
  )
  if (current === undefined) return start
  if (current.status !== 'active' || current.endsAt === undefined) return { do: 'leave' }
  const endsAt = Date.parse(current.endsAt)
  // Its window is over and only its end is not recorded yet: another request takes over.
  if (endsAt <= now.getTime()) return start
  const halfTime = new Date(endsAt - maximumMilliseconds / 2)
  if (halfTime > now) return { do: 'leave', until: halfTime }
  if (!mayRenew) return { do: 'leave' }
  // Another one in its place is a renewal too: nobody new gets anything.
  return (current.renewals ?? 0) >= mostRenewals
    ? { do: 'start' }
    : { do: 'renew', requestId: current.id }
}

/** The requests that the broker itself made by a flow, and that nothing ends yet. */
function ownReasons(reasons: readonly Reason[], flow: string): readonly Reason[] {
  return reasons.filter(
    ({ requester, accessFlow, status, givenUp }) =>
      requester.type === 'system' &&
      accessFlow.name.toLowerCase() === flow.toLowerCase() &&
      (status === 'granting' || status === 'active') &&
      givenUp === undefined,
  )
}

/** One that is still being granted has its whole window before it. */
function isLater(one: Reason, other: Reason): boolean {
  if (one.status !== other.status) return one.status === 'granting'
  return (one.endsAt ?? '') > (other.endsAt ?? '')
}

/** A new window for access that goes on. */
export interface Renewal {
  readonly now: Date
  /** The window from now on: never longer than the flow allows (invariant I12). */
  readonly maximumMilliseconds: number
  readonly accessFlow: Reason['accessFlow']
}

/** Moves the end of an active request; undefined where its window is over or would get shorter. */
export function renewReason(
  pair: Pair,
  requestId: string,
  { now, maximumMilliseconds, accessFlow }: Renewal,
): Draft | undefined {
  const reason = pair.reasons.find(({ id }) => id === requestId)
  if (reason?.status !== 'active' || reason.endsAt === undefined) return undefined
  const endsAt = new Date(now.getTime() + maximumMilliseconds).toISOString()
  if (reason.endsAt <= now.toISOString() || endsAt <= reason.endsAt) return undefined
  return note(draftOf(pair), reason, 'grant.renewed', {
    at: now,
    change: {
      endsAt,
      accessFlow,
      durationMilliseconds: maximumMilliseconds,
      renewals: (reason.renewals ?? 0) + 1,
    },
    detail: { formerEndsAt: reason.endsAt, accessFlow },
  })
}

/** The same access in one text, to tell accesses apart. */
export function nameOfAccess({ resource, permission }: Omit<AccessKey, 'tenantId' | 'grantee'>) {
  return JSON.stringify([resource.type, resource.id, resource.scope ?? '', permission])
}
