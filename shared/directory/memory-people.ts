import type { DirectoryUser, PeopleFound, PeoplePage, PeopleQuery, Principal } from './directory.ts'
import {
  findObject,
  findUser,
  groupLink,
  isNestedMember,
  type MemoryTenant,
} from './memory-tenant.ts'

/** The people behind an approver in a given state. */
export function peopleIn(state: MemoryTenant, query: PeopleQuery): PeopleFound {
  const found = (
    users: readonly (DirectoryUser | undefined)[],
    groups: PeopleFound['groups'] = [],
  ) => ({
    users: users.filter((user) => user !== undefined),
    groups,
    isComplete: true,
  })
  switch (query.by) {
    case 'user':
      return found([findUser(state, query.id)])
    case 'group': {
      const group = findObject(state, state.groups, query.id)
      if (group === undefined) return found([])
      return found(
        liveUsers(state).filter(({ id }) => isNestedMember(state, group.id, id)),
        [{ id: group.id, name: group.name }],
      )
    }
    case 'manager':
      return found([findUser(state, findUser(state, query.of)?.managerId ?? '')])
    case 'owners':
      return found(
        liveUsers(state).filter(({ id }) => state.links.has(groupLink(query.group, 'owner', id))),
      )
    case 'attribute': {
      const { of, attribute, value } = query
      const fits = ({ id }: { readonly id: string }) =>
        attributeIn(state, of, id, attribute) === value
      if (of === 'user') return found(liveUsers(state).filter(fits))
      return found(
        [],
        liveGroups(state)
          .filter(fits)
          .map(({ id, name }) => ({ id, name })),
      )
    }
  }
}

/** One page of a group's members, nested ones too, or of all users. */
export function peoplePage(
  state: MemoryTenant,
  of: { readonly group: string } | 'everybody',
  token: string | undefined,
  pageSize: number,
): PeoplePage {
  const users =
    of === 'everybody' ? liveUsers(state) : peopleIn(state, { by: 'group', id: of.group }).users
  const from = Number(token ?? 0)
  const page = users.slice(from, from + pageSize)
  const isLast = from + pageSize >= users.length
  return isLast ? { users: page } : { users: page, token: String(from + pageSize) }
}

/** Users or groups by their names. */
export function searchIn(
  state: MemoryTenant,
  type: Principal['type'],
  text: string,
  limit: number,
): readonly Principal[] {
  const wanted = text.toLowerCase()
  const words = wanted.split(/\s+/)
  const objects =
    type === 'user'
      ? liveUsers(state).map((user) => ({ ...user, name: user.displayName }))
      : liveGroups(state).map((group) => ({ ...group, userPrincipalName: '' }))
  const fits = ({ name, userPrincipalName, mail = '' }: (typeof found)[number]) => {
    const parts = name.toLowerCase().split(/[\s@._-]+/)
    return (
      words.every((word) => parts.some((part) => part.startsWith(word))) ||
      [mail, userPrincipalName].some((address) => address.toLowerCase().startsWith(wanted))
    )
  }
  const found = objects.map(({ attributes, ...object }) => ({
    ...object,
    mail: attributes?.['mail'],
  }))
  return found
    .filter(fits)
    .slice(0, limit)
    .map(({ id, name, mail }) => ({ type, id, name, ...(mail === undefined ? {} : { mail }) }))
}

/** One attribute of a live user or group. */
export function attributeIn(
  state: MemoryTenant,
  of: 'user' | 'group',
  id: string,
  attribute: string,
): string | undefined {
  const object = of === 'user' ? findUser(state, id) : groupIn(state, id)
  if (object === undefined) return undefined
  const named: Readonly<Record<string, unknown>> = { ...object, ...object.attributes }
  const value = named[attribute]
  return typeof value === 'string' ? value : undefined
}

function liveUsers(state: MemoryTenant): readonly DirectoryUser[] {
  return [...state.users.values()].filter(({ id }) => !state.deleted.has(id))
}

function liveGroups(state: MemoryTenant) {
  return [...state.groups.values()].filter(({ id }) => !state.deleted.has(id))
}

function groupIn(state: MemoryTenant, id: string) {
  const group = findObject(state, state.groups, id)
  return group === undefined ? undefined : { ...group, displayName: group.name }
}
