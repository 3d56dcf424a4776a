import type { AccessKey, Permission, ResourceRef } from '../access/access.ts'
import { parseDuration } from '../access/duration.ts'
import { evaluate, factsAsked, type Verdict } from '../access/evaluate.ts'
import type { Intake } from '../access/flow.ts'
import { givingOf, minimumOf, shortestReason } from '../access/giving.ts'
import { decidingGroups } from '../access/guard.ts'
import { manageability } from '../access/manageability.ts'
import { asksForTags } from '../access/resource-tags.ts'
import type { Tags } from '../access/selector.ts'
import type { Facts } from '../directory/directory.ts'
import { guardedBy, obstacleOf } from './guard-target.ts'
import type { Needs } from './needs.ts'
import { peopleFactsOf } from './people-facts.ts'
import { type Refusal, refused } from './refusal.ts'
import { readTags } from './resource-tags.ts'
import type { Configuration } from './system-stream.ts'

/** What is asked, whoever asks it and by which door. */
export interface Asked {
  /** Object ids, or user principal names where a producer names people. */
  readonly requester: string
  readonly grantee: string
  /** An application of the tenant asks for itself: it is no user the directory could look up. */
  readonly requesterIsApplication: boolean
  readonly resource: ResourceRef
  readonly permission: Permission
  readonly durationMilliseconds: number
  /** When the access is to start: now, or later. */
  readonly startsAt: Date
  readonly intake: Intake
  readonly justification?: string
  readonly ticket?: string
  readonly integration?: string
  readonly accessFlow?: string
  readonly isExtension: boolean
  readonly extensionsBefore?: number
}

/** A request that a flow allows, with everything the ledger records of it. */
export interface Allowed {
  readonly kind: 'allowed'
  readonly key: AccessKey
  readonly requester: { readonly id: string; readonly name: string }
  readonly grantee: { readonly id: string; readonly name: string }
  readonly resourceName: string
  readonly verdict: Extract<Verdict, { kind: 'allowed' }>
  /** The way to power over this product, where the resource is guarded. */
  readonly guardedBy?: readonly string[]
}

/** Decides a request by configuration and directory, both read now, the latter in one batch. */
export async function decideRequest(
  needs: Pick<Needs, 'directory' | 'tables' | 'tenantId'>,
  configuration: Configuration,
  asked: Asked,
): Promise<Allowed | Refusal> {
  const people = [
    ...new Set([...(asked.requesterIsApplication ? [] : [asked.requester]), asked.grantee]),
  ]
  const [facts, tags] = await Promise.all([
    needs.directory.lookUp({
      people,
      resource: asked.resource,
      ...factsAsked(configuration.accessFlows),
    }),
    tagsFor(needs, configuration, asked.resource),
  ])
  const found = findPeople(facts, asked)
  if ('reason' in found) return found
  const { requester, grantee } = found
  const resource = facts.resource
  if (resource === undefined) {
    return refused('not-found', 'no-such-resource', 'The directory has no such resource.')
  }
  // A rule by tag, such as a denial, cannot be judged on a resource whose tags nobody knows.
  if (tags === 'unknown') return notDiscovered

  const verdict = evaluate(
    {
      requesterId: requester.id,
      granteeId: grantee.id,
      resource: { ref: resource.ref, name: resource.name, tags },
      permission: asked.permission,
      durationMilliseconds: asked.durationMilliseconds,
      startsAt: asked.startsAt,
      intake: asked.intake,
      extends: asked.isExtension,
      extensionsBefore: asked.extensionsBefore ?? 0,
      ...(asked.justification === undefined ? {} : { justification: asked.justification }),
      ...(asked.ticket === undefined ? {} : { ticket: asked.ticket }),
      ...(asked.integration === undefined ? {} : { integration: asked.integration }),
      ...(asked.accessFlow === undefined ? {} : { accessFlow: asked.accessFlow }),
    },
    { integrations: configuration.integrations, flows: configuration.accessFlows },
    peopleFactsOf(facts),
  )
  if (verdict.kind === 'refused') {
    const { code, detail, trace, nearest } = verdict
    return refused('not-allowed', code, detail, {
      trace,
      ...(nearest === undefined ? {} : { nearest }),
    })
  }
  const obstacle =
    resource.unmanageable === undefined
      ? undefined
      : manageability(resource.unmanageable, verdict.integration.privileged ?? false)
  if (obstacle !== undefined) {
    return refused('cannot-be-managed', `${resource.unmanageable}`, obstacle, {
      trace: verdict.trace,
    })
  }
  const path = guardedBy(
    resource,
    facts.power,
    decidingGroups(configuration.integrations, configuration.accessFlows),
  )
  const refusal = path && obstacleOf(path, resource.ref.id, verdict, asked)
  if (refusal !== undefined) {
    return refused('cannot-be-managed', 'guarded', refusal, { trace: verdict.trace })
  }
  const obstruction = tooShort(verdict, asked)
  if (obstruction !== undefined) return obstruction
  return {
    kind: 'allowed',
    ...(path === undefined ? {} : { guardedBy: path }),
    key: {
      tenantId: needs.tenantId,
      grantee: grantee.id,
      resource: resource.ref,
      permission: asked.permission,
    },
    requester,
    grantee,
    resourceName: resource.name,
    verdict,
  }
}

/** What Entra would not let be taken in time is not given. */
function tooShort(
  { integration, trace }: Allowed['verdict'],
  { resource, durationMilliseconds }: Asked,
): Refusal | undefined {
  const minimum = minimumOf(givingOf(integration, resource.type))
  if (minimum === undefined || durationMilliseconds >= parseDuration(minimum)) return undefined
  return refused('not-feasible', 'too-short-for-pim', shortestReason, { trace })
}

/** Read only where somebody picks by tag. What nobody has discovered yet has no tags. */
async function tagsFor(
  { tables }: Pick<Needs, 'tables'>,
  { integrations, accessFlows: flows }: Configuration,
  resource: ResourceRef,
): Promise<Tags | 'unknown' | undefined> {
  if (!asksForTags({ integrations, flows })) return undefined
  return (await readTags(tables, resource)) ?? 'unknown'
}

const notDiscovered = refused(
  'conflict',
  'not-discovered',
  'The policy picks by tag, and the resource has not been discovered yet. Try again after the next discovery.',
)

interface Person {
  readonly id: string
  readonly name: string
}

function findPeople(
  facts: Facts,
  asked: Asked,
): { readonly requester: Person; readonly grantee: Person } | Refusal {
  const grantee = facts.people.get(asked.grantee)
  const requester = asked.requesterIsApplication
    ? { id: asked.requester, displayName: 'application', enabled: true }
    : facts.people.get(asked.requester)
  if (requester === undefined) {
    return refused('not-allowed', 'requester-unknown', 'The requester is no user of this tenant.')
  }
  if (grantee === undefined) {
    return refused('not-found', 'grantee-unknown', 'The directory has no such user.')
  }
  if (!requester.enabled) {
    return refused('not-allowed', 'requester-disabled', "The requester's account is disabled.")
  }
  if (!grantee.enabled) {
    return refused('not-allowed', 'grantee-disabled', "The grantee's account is disabled.")
  }
  return {
    requester: { id: requester.id, name: requester.displayName },
    grantee: { id: grantee.id, name: grantee.displayName },
  }
}
