import { randomUUID } from 'node:crypto'
import * as z from 'zod'
import type { SimulatorAnswer } from '../exchange.ts'
import type { SimulatedGroup } from '../tenant.ts'
import {
  badRequest,
  denied,
  entityAnswer,
  GraphRefusal,
  graphRoot,
  noContent,
  notFound,
  notSimulated,
} from './answers.ts'
import { auditEntry } from './audit-entry.ts'
import {
  bodyAs,
  type GraphCall,
  type GraphHandler,
  groupOf,
  idOf,
  need,
  referenceOf,
} from './graph-call.ts'
import { listAnswer, refuseUnknownOptions, selected } from './list-answer.ts'
import {
  groupDefaults,
  groupView,
  isRestricted,
  objectView,
  transitiveMembers,
  userDefaults,
  viewsOf,
} from './objects.ts'
import { dropSchedules } from './pim/directory-entry.ts'
import { listMemberships, removeUser, synchronised } from './users.ts'

type Links = 'members' | 'owners'

const mostOwners = 100

const newGroup = z.looseObject({
  displayName: z.string().min(1),
  description: z.string().nullable().default(null),
  mailNickname: z.string().default('unused'),
  mailEnabled: z.boolean(),
  securityEnabled: z.boolean(),
  groupTypes: z.array(z.string()).default([]),
  membershipRule: z.string().nullable().default(null),
  isAssignableToRole: z.boolean().nullable().default(null),
  visibility: z.string().nullable().default(null),
})

const patchGroupBody = z.looseObject({
  displayName: z.string().optional(),
  description: z.string().nullish(),
  'members@odata.bind': z.array(z.string()).max(20).optional(),
})

export const listGroups: GraphHandler = ({ tenant, ...call }) =>
  listAnswer(
    [...tenant.groups.values()].map((group) => groupView(group, tenant)),
    { ...call, context: 'groups', defaults: groupDefaults },
  )

export const getGroup: GraphHandler = (call) => {
  refuseUnknownOptions(call.query)
  const group = groupView(groupOf(call, idOf(call)), call.tenant)
  return entityAnswer('groups', selected(group, call.query, groupDefaults))
}

export const createGroup: GraphHandler = (call) => {
  need(call, 'Group.ReadWrite.All', 'Group.Create')
  const asked = bodyAs(call, newGroup)
  if (asked.isAssignableToRole === true) need(call, 'RoleManagement.ReadWrite.Directory')
  const { displayName, description, mailNickname, mailEnabled, securityEnabled } = asked
  const { groupTypes, membershipRule, isAssignableToRole, visibility } = asked
  const group: SimulatedGroup = {
    ...{ displayName, description, mailNickname, mailEnabled, securityEnabled },
    ...{ groupTypes, membershipRule, isAssignableToRole, visibility },
    id: randomUUID(),
    mail: null,
    onPremisesSyncEnabled: null,
    createdDateTime: call.now.toISOString(),
    members: [],
    owners: [],
  }
  const entry = { activity: 'Add group', category: 'GroupManagement', target: group.id } as const
  call.apply([
    { put: 'groups', id: group.id, value: group },
    auditEntry(call, { ...entry, operation: 'Add' }),
  ])
  return entityAnswer('groups', groupView(group, call.tenant), 201)
}

export const patchGroup: GraphHandler = (call) => {
  const group = groupOf(call, idOf(call))
  const { 'members@odata.bind': bind, ...asked } = bodyAs(call, patchGroupBody)
  const unknown = Object.keys(asked).find((name) => !['displayName', 'description'].includes(name))
  if (unknown !== undefined) throw notSimulated(`changing ${unknown} of a group`)
  let value: SimulatedGroup = { ...group, ...asked } as SimulatedGroup
  for (const address of bind ?? []) {
    const member = referenceOf({ ...call, body: { '@odata.id': address } })
    refuseChange(call, group, 'members')
    value = withLink(call, value, 'members', member)
  }
  if (bind === undefined) need(call, 'Group.ReadWrite.All')
  const added = value.members.filter((member) => !group.members.includes(member))
  call.apply([
    { put: 'groups', id: group.id, value },
    ...added.map((member) => linkAudit(call, group, 'members', member, 'Add')),
  ])
  return noContent
}

export const deleteGroup: GraphHandler = (call) => {
  need(call, 'Group.ReadWrite.All')
  const group = groupOf(call, idOf(call))
  const deleted = { kind: 'groups', object: group, deletedDateTime: call.now.toISOString() }
  const entry = { activity: 'Delete group', category: 'GroupManagement', target: group.id } as const
  call.apply([
    { drop: 'groups', id: group.id },
    { put: 'deleted', id: group.id, value: deleted },
    auditEntry(call, { ...entry, operation: 'Delete' }),
  ])
  return noContent
}

export const listLinks =
  (links: Links): GraphHandler =>
  (call) => {
    const group = groupOf(call, idOf(call))
    return listAnswer(viewsOf(group[links], call.tenant), {
      ...call,
      context: 'directoryObjects',
      defaults: userDefaults,
      isRelationship: true,
    })
  }

export const listTransitiveMembers: GraphHandler = (call) => {
  const group = groupOf(call, idOf(call))
  return listAnswer(viewsOf(transitiveMembers(group, call.tenant), call.tenant), {
    ...call,
    context: 'directoryObjects',
    defaults: userDefaults,
    isRelationship: true,
  })
}

const idOfGroup = (call: GraphCall) => groupOf(call, idOf(call)).id

export const listMemberOf = listMemberships(idOfGroup, false)
export const listTransitiveMemberOf = listMemberships(idOfGroup, true)

export const getLink =
  (links: Links): GraphHandler =>
  (call) => {
    const group = groupOf(call, idOf(call))
    const member = idOf(call, 'member')
    if (!hasLink(call, group, links, member)) throw notFound(member)
    const reference = { '@odata.id': `${graphRoot}/directoryObjects/${member}` }
    return { status: 200, body: { '@odata.context': `${graphRoot}/$metadata#$ref`, ...reference } }
  }

export const addLink =
  (links: Links): GraphHandler =>
  (call) => {
    const member = referenceOf(call)
    const group = groupOf(call, idOf(call))
    refuseChange(call, group, links)
    const value = withLink(call, group, links, member)
    call.apply([
      { put: 'groups', id: group.id, value },
      linkAudit(call, group, links, member, 'Add'),
    ])
    return noContent
  }

export const removeLink =
  (links: Links): GraphHandler =>
  (call) => {
    const member = idOf(call, 'member')
    const group = groupOf(call, idOf(call))
    refuseChange(call, group, links)
    if (!hasLink(call, group, links, member)) throw notFound(member)
    const left = group[links].filter((id) => id !== member)
    if (links === 'owners' && left.length === 0 && group.groupTypes.includes('Unified')) {
      throw badRequest(
        'The group must have at least one owner, hence this owner cannot be removed.',
      )
    }
    const value = { ...group, [links]: left }
    const accessId = links === 'members' ? 'member' : 'owner'
    const target = { kind: 'group', principalId: member, groupId: group.id, accessId } as const
    call.apply([
      { put: 'groups', id: group.id, value },
      ...dropSchedules(target, call.tenant),
      linkAudit(call, group, links, member, 'Remove'),
    ])
    return noContent
  }

/** Without `/$ref` the address is that of the person, and the person goes (graph.md 3.1). */
export const removeMemberItself: GraphHandler = (call): SimulatorAnswer => {
  const member = idOf(call, 'member')
  groupOf(call, idOf(call))
  need(call, 'User.ReadWrite.All', 'User.DeleteRestore.All')
  const user = call.tenant.users.get(member)
  if (user === undefined) throw notFound(member)
  return removeUser(call, user)
}

export const wrongWrite: GraphHandler = () => {
  throw badRequest('Write requests are only supported on contained entities', 'BadRequest')
}

/** Links of a deleted object stay, for the case that it is restored, but cannot be seen or changed meanwhile. */
function hasLink({ tenant }: GraphCall, group: SimulatedGroup, links: Links, member: string) {
  return group[links].includes(member) && objectView(member, tenant) !== undefined
}

function withLink(
  { tenant }: GraphCall,
  group: SimulatedGroup,
  links: Links,
  member: string,
): SimulatedGroup {
  const object = objectView(member, tenant)
  if (object === undefined) throw notFound(member)
  if (group[links].includes(member)) {
    throw badRequest(
      `One or more added object references already exist for the following modified properties: '${links}'.`,
    )
  }
  const isUser = object['@odata.type'] === '#microsoft.graph.user'
  if (group.groupTypes.includes('Unified') && !isUser) {
    throw badRequest(`Only users can be ${links} of this group.`)
  }
  if (links === 'owners' && group.owners.length >= mostOwners) {
    throw new GraphRefusal(
      403,
      'Directory_QuotaExceeded',
      `Unable to perform operation as '${mostOwners + 1}' would exceed the maximum quota count '${mostOwners}' for forward-link 'owners'.`,
    )
  }
  return { ...group, [links]: [...group[links], member] }
}

/** Who may change what of which group (graph.md 2.1 and 3.3). */
function refuseChange(call: GraphCall, group: SimulatedGroup, links: Links): void {
  const isUnified = group.groupTypes.includes('Unified')
  if (links === 'members' && group.groupTypes.includes('DynamicMembership')) throw denied()
  if (group.onPremisesSyncEnabled === true) throw synchronised()
  if (group.mailEnabled && !isUnified) {
    throw badRequest('Cannot Update a mail-enabled security groups and or distribution list.')
  }
  if (isRestricted(group.id, call.tenant)) throw denied()
  if (group.isAssignableToRole === true) need(call, 'RoleManagement.ReadWrite.Directory')
  if (links === 'owners') need(call, 'Group.ReadWrite.All')
  else need(call, 'GroupMember.ReadWrite.All', 'Group.ReadWrite.All')
}

function linkAudit(
  call: GraphCall,
  group: SimulatedGroup,
  links: Links,
  member: string,
  verb: 'Add' | 'Remove',
) {
  const what = links === 'members' ? 'member' : 'owner'
  return auditEntry(call, {
    activity: `${verb} ${what} ${verb === 'Add' ? 'to' : 'from'} group`,
    category: 'GroupManagement',
    operation: verb === 'Add' ? 'Assign' : 'Unassign',
    target: member,
    about: ['Group.ObjectID', group.id],
  })
}
