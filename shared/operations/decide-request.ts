import type { AccessKey, Permission, ResourceRef } from '../access/access.ts'
import { evaluate, groupsAsked, type Verdict } from '../access/evaluate.ts'
import { manageability } from '../access/manageability.ts'
import type { Facts } from '../directory/directory.ts'
import type { Needs } from './needs.ts'
import { type Refusal, refused } from './refusal.ts'
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
  readonly intake: 'http' | 'service-bus'
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
}

/** Decides a request by configuration and directory, both read now, the latter in one batch. */
export async function decideRequest(
  needs: Pick<Needs, 'directory' | 'tenantId'>,
  configuration: Configuration,
  asked: Asked,
): Promise<Allowed | Refusal> {
  const people = [
    ...new Set([...(asked.requesterIsApplication ? [] : [asked.requester]), asked.grantee]),
  ]
  const facts = await needs.directory.lookUp({
    people,
    resource: asked.resource,
    groups: groupsAsked(configuration.accessFlows),
  })
  const found = findPeople(facts, asked)
  if ('reason' in found) return found
  const { requester, grantee } = found
  const resource = facts.resource
  if (resource === undefined) {
    return refused('not-found', 'no-such-resource', 'The directory has no such resource.')
  }

  const members = membershipsOf(facts)
  const verdict = evaluate(
    {
      requesterId: requester.id,
      granteeId: grantee.id,
      resource: { ref: resource.ref, name: resource.name },
      permission: asked.permission,
      durationMilliseconds: asked.durationMilliseconds,
      intake: asked.intake,
      extends: asked.isExtension,
      extensionsBefore: asked.extensionsBefore ?? 0,
      ...(asked.justification === undefined ? {} : { justification: asked.justification }),
      ...(asked.ticket === undefined ? {} : { ticket: asked.ticket }),
      ...(asked.integration === undefined ? {} : { integration: asked.integration }),
      ...(asked.accessFlow === undefined ? {} : { accessFlow: asked.accessFlow }),
    },
    { integrations: configuration.integrations, flows: configuration.accessFlows },
    members,
  )
  if (verdict.kind === 'refused') {
    const detail = verdict.refusals[0]?.detail ?? 'No access flow allows this request.'
    return refused('not-allowed', verdict.code, detail, { trace: verdict.trace })
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
  return {
    kind: 'allowed',
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

/** Memberships by object id, whatever name the person was asked by. */
function membershipsOf(facts: Facts) {
  const byId = new Map<string, ReadonlySet<string>>()
  for (const [asked, groups] of facts.memberOf) {
    byId.set(facts.people.get(asked)?.id ?? asked, groups)
  }
  return {
    isMember: (personId: string, groupId: string) => byId.get(personId)?.has(groupId) ?? false,
  }
}
