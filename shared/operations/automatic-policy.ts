import type { AccessKey } from '../access/access.ts'
import { isAutomatic, judgedAs, nameOfAccess } from '../access/automatic.ts'
import { holdsFor, needsOf } from '../access/conditions.ts'
import { durationOf } from '../access/duration.ts'
import { evaluate, factsAsked, type Verdict, type VersionedFlow } from '../access/evaluate.ts'
import { isActive } from '../access/evaluate-rules.ts'
import { createCoverage } from '../access/evaluate-target.ts'
import { decidingGroups } from '../access/guard.ts'
import type { Integration } from '../access/integration.ts'
import type { Facts } from '../directory/directory.ts'
import { sha256Hex } from '../ledger/ids.ts'
import { peopleFactsOf } from './people-facts.ts'
import type { KnownResource, ReadResources } from './read-resources.ts'
import type { Configuration } from './system-stream.ts'

/** Pairs that a flow gives are counted by people and resources: more need a narrower target. */
const mostAccesses = 200

/** One access that a flow gives to everybody whom it covers. */
export interface WantedAccess extends Pick<AccessKey, 'resource' | 'permission'> {
  readonly name: string
  readonly known: KnownResource
  readonly integration: Integration
  /** Groups that decide about access, by the configuration as it was read. */
  readonly deciders: ReadonlySet<string>
}

/** What an automatic flow means at this moment: for whom, for what, and what may stand against it. */
export interface AutomaticPolicy {
  readonly flow: VersionedFlow
  readonly maximumMilliseconds: number
  readonly wanted: ReadonlyMap<string, WantedAccess>
  readonly tooMany: boolean
  readonly asks: ReturnType<typeof factsAsked>
  /** Whoever was looked at under the same print need not be, unless it is his time. */
  readonly print: string
  /** Something besides the flow's own condition decides, so that everybody is judged each time. */
  readonly judgesAlways: boolean
  /** Whether somebody fits the flow's condition, whatever it gives. */
  covers(personId: string, facts: Facts): boolean
  /** By which verdict somebody gets an access; undefined when he does not. */
  allows(
    personId: string,
    wanted: WantedAccess,
    facts: Facts,
    now: Date,
  ): Extract<Verdict, { kind: 'allowed' }> | undefined
}

/** Undefined where resources that it could give are not known yet. */
export async function automaticPolicy(
  { integrations, accessFlows }: Configuration,
  found: VersionedFlow,
  readResources: ReadResources,
): Promise<AutomaticPolicy | undefined> {
  const flow = judgedAs(found)
  const all: KnownResource[] = []
  for (const type of new Set(flow.targets.map(({ resourceType }) => resourceType))) {
    const known = await readResources(type)
    if (known === undefined) return undefined
    all.push(...known.filter(({ goneAt }) => goneAt === undefined))
  }
  const deciders = decidingGroups(integrations, accessFlows)
  const wanted = wantedOf(flow, all, integrations, deciders)
  const denials = accessFlows.filter(
    (each) =>
      each.effect === 'deny' && isActive(each) && wanted.some(isCoveredBy(each, integrations)),
  )
  const flows = [flow, ...denials]
  const maximumMilliseconds = durationOf(flow.duration?.maximum ?? '') ?? 0
  return {
    flow,
    maximumMilliseconds,
    wanted: new Map(wanted.map((each) => [nameOfAccess(each), each])),
    tooMany: wanted.length > mostAccesses,
    asks: factsAsked(flows),
    print: sha256Hex(JSON.stringify([flow.version, wanted.map(nameOfAccess)])),
    judgesAlways: denials.length > 0 || flow.timeframe !== undefined,
    covers: (personId, facts) =>
      isThere(personId, facts) && holdsFor(flow.requesters, personId, peopleFactsOf(facts)),
    allows: (personId, { resource, permission, known }, facts, now) => {
      if (!isThere(personId, facts)) return undefined
      const verdict = evaluate(
        {
          requesterId: personId,
          granteeId: personId,
          resource: { ref: resource, name: known.name, tags: known.tags },
          permission,
          durationMilliseconds: maximumMilliseconds,
          startsAt: now,
          intake: 'automatic',
          accessFlow: flow.name,
        },
        { integrations, flows },
        peopleFactsOf(facts),
      )
      return verdict.kind === 'allowed' ? verdict : undefined
    },
  }
}

/** The flow to be evaluated by a name; undefined for one that gives nothing by itself (any more). */
export function automaticFlowOf(
  { accessFlows }: Configuration,
  name: string,
): VersionedFlow | undefined {
  return accessFlows.find(
    (flow) => flow.name.toLowerCase() === name.toLowerCase() && isAutomatic(flow) && isActive(flow),
  )
}

function wantedOf(
  flow: VersionedFlow,
  resources: readonly KnownResource[],
  integrations: readonly Integration[],
  deciders: ReadonlySet<string>,
): readonly WantedAccess[] {
  const permissions = [...new Set(flow.targets.flatMap((target) => target.permissions))]
  // Whoever is in a group because he is in it would never leave it.
  const own = new Set(needsOf(flow.requesters).groups)
  return resources.flatMap((known) =>
    own.has(known.id.toLowerCase())
      ? []
      : permissions.flatMap((permission): WantedAccess[] => {
          const { type, id, name, unmanageable } = known
          if (type === 'administrative-unit') return []
          const resource = type === 'group' ? { type, id } : { type, id, scope: '/' }
          const subject = { resource: { ref: resource, name, tags: known.tags }, permission }
          const coverage = createCoverage(subject, integrations)(flow)
          if (!coverage.passes) return []
          const { integration } = coverage
          // What is guarded takes people to decide, whatever the integration may.
          const isGiven = unmanageable === undefined && !known.privileged
          return isGiven ? [{ resource, permission, name, known, integration, deciders }] : []
        }),
  )
}

function isCoveredBy(flow: VersionedFlow, integrations: readonly Integration[]) {
  return ({ resource, permission, known }: WantedAccess) => {
    const subject = { resource: { ref: resource, name: known.name, tags: known.tags }, permission }
    return createCoverage(subject, integrations)(flow).passes
  }
}

function isThere(personId: string, { people }: Facts): boolean {
  return people.get(personId)?.enabled === true
}
