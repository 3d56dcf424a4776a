import type { Collections } from '../collections.ts'
import type { SimulatedGroup, SimulatedUser } from '../tenant.ts'

/** How objects look from outside; what is not here needs no `$select` or does not exist. */

export const userDefaults = [
  ...['id', 'businessPhones', 'displayName', 'givenName', 'jobTitle', 'mail', 'mobilePhone'],
  ...['officeLocation', 'preferredLanguage', 'surname', 'userPrincipalName'],
]

export const groupDefaults = [
  ...['id', 'displayName', 'description', 'mail', 'mailEnabled', 'mailNickname', 'securityEnabled'],
  ...['groupTypes', 'isAssignableToRole', 'membershipRule', 'membershipRuleProcessingState'],
  ...['onPremisesSyncEnabled', 'visibility', 'createdDateTime'],
]

/** Directory extensions stand beside the other properties, for those who select them. */
export function userView({ manager: _, sponsors: __, extensions, ...user }: SimulatedUser) {
  return {
    '@odata.type': '#microsoft.graph.user',
    ...user,
    ...extensions,
    businessPhones: [],
    mobilePhone: null,
    preferredLanguage: null,
  }
}

export function groupView(
  { members: _, owners: __, extensions, ...group }: SimulatedGroup,
  tenant: Collections,
) {
  return {
    '@odata.type': '#microsoft.graph.group',
    ...group,
    ...extensions,
    membershipRuleProcessingState: group.membershipRule === null ? null : 'On',
    isManagementRestricted: isRestricted(group.id, tenant) ? true : null,
  }
}

/** Whether a restricted administrative unit holds the object. */
export function isRestricted(id: string, { administrativeUnits }: Collections): boolean {
  return [...administrativeUnits.values()].some(
    ({ isMemberManagementRestricted, members }) =>
      isMemberManagementRestricted && members.includes(id),
  )
}

/** Any object that can be linked; undefined for deleted ones, whose links stay. */
export function objectView(
  id: string,
  tenant: Collections,
): Readonly<Record<string, unknown>> | undefined {
  const user = tenant.users.get(id)
  if (user !== undefined) return userView(user)
  const group = tenant.groups.get(id)
  if (group !== undefined) return groupView(group, tenant)
  const principal = tenant.servicePrincipals.get(id)
  if (principal !== undefined) {
    return { '@odata.type': '#microsoft.graph.servicePrincipal', ...principal }
  }
  const unit = tenant.administrativeUnits.get(id)
  if (unit === undefined) return undefined
  const { members: _, ...shown } = unit
  return {
    '@odata.type': '#microsoft.graph.administrativeUnit',
    ...shown,
    ...{ visibility: null, membershipType: 'Assigned' },
    ...{ membershipRule: null, membershipRuleProcessingState: null },
  }
}

export function viewsOf(
  ids: readonly string[],
  tenant: Collections,
): readonly Readonly<Record<string, unknown>>[] {
  return ids.map((id) => objectView(id, tenant)).filter((view) => view !== undefined)
}

/** Groups that hold an object: directly, or through others too. */
export function groupsOf(
  id: string,
  tenant: Collections,
  isTransitive: boolean,
): readonly string[] {
  const found = new Set<string>()
  const look = (member: string) => {
    for (const group of tenant.groups.values()) {
      if (!group.members.includes(member) || found.has(group.id)) continue
      found.add(group.id)
      if (isTransitive) look(group.id)
    }
  }
  look(id)
  return [...found]
}

/** Members of a group and of the groups in it. */
export function transitiveMembers(group: SimulatedGroup, tenant: Collections): readonly string[] {
  const found = new Set<string>()
  const look = ({ members }: SimulatedGroup) => {
    for (const member of members) {
      if (found.has(member)) continue
      found.add(member)
      const inner = tenant.groups.get(member)
      if (inner !== undefined) look(inner)
    }
  }
  look(group)
  return [...found]
}
