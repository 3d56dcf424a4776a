import type { Collections } from '../collections.ts'
import type { SimulatedGroup, SimulatedUser } from '../tenant.ts'
import { badRequest, GraphRefusal, graphRoot } from './answers.ts'
import { parseFilter } from './filter.ts'
import type { GraphCall, GraphHandler } from './graph-call.ts'
import { groupDefaults, groupView, objectView, userDefaults, userView } from './objects.ts'

type Kind = 'users' | 'groups'
type Item = Readonly<Record<string, unknown>>

/** What a token says: of which generation it is, from when to when it looks, and how far it came. */
interface Token {
  readonly generation: number
  readonly issuedAt: number
  /** Changes after this number; -1: everything that is there. */
  readonly since: number
  /** Only in the token of a further page: where the round began, and the last id shown. */
  readonly until?: number
  readonly after?: string
}

const tokenDays = 7
const pageSize = 200

/** Changes of users or groups since a token (graph.md 2.6). */
export const delta =
  (kind: Kind): GraphHandler =>
  (call) => {
    refuseOptions(call.query)
    const token = tokenOf(call, kind)
    const { tenant, query } = call
    const until = token.until ?? tenant.tracking.last
    const test = filterOf(query.get('$filter'))
    const ids = changedIds(kind, call, token)
      .filter((id) => id > (token.after ?? '') && test({ id }))
      .toSorted()
    const page = ids.slice(0, call.maxPageSize ?? pageSize)
    const isMore = page.length < ids.length
    const { generation, issuedAt, since } = token
    // Changes between two pages belong to the next round, so that none falls between.
    const next = isMore
      ? { generation, issuedAt, since, until, after: page.at(-1) ?? '' }
      : { generation, issuedAt: call.now.getTime(), since: until }
    const link = linkOf(kind, query, isMore ? '$skiptoken' : '$deltatoken', next)
    return {
      status: 200,
      body: {
        '@odata.context': `${graphRoot}/$metadata#${kind}`,
        [isMore ? '@odata.nextLink' : '@odata.deltaLink']: link,
        value: page.map((id) => itemOf(kind, id, call, token)),
      },
    }
  }

function changedIds(kind: Kind, { tenant, query }: GraphCall, { since }: Token): string[] {
  const { objects, members, owners, purged } = tenant.tracking
  if (since < 0) return [...tenant[kind].keys()]
  const isNewer = ([, number]: readonly [string, number]) => number > since
  const isOfKind = (id: string) =>
    tenant[kind].has(id) || tenant.deleted.get(id)?.kind === kind || purged.get(id) === kind
  const moved = [
    ...(wants(query, 'members') ? members : []),
    ...(wants(query, 'owners') ? owners : []),
  ].filter(([, numbers]) => [...numbers].some(isNewer))
  const ids = [...[...objects].filter(isNewer).map(([id]) => id), ...moved.map(([id]) => id)]
  return [...new Set(ids)].filter(isOfKind)
}

function itemOf(kind: Kind, id: string, call: GraphCall, token: Token): Item {
  const { tenant, query } = call
  const user = kind === 'users' ? tenant.users.get(id) : undefined
  if (user !== undefined) return { ...shown(userView(user), query), ...managerOf(user, query) }
  const group = kind === 'groups' ? tenant.groups.get(id) : undefined
  if (group !== undefined) {
    const links = (['members', 'owners'] as const).map((each) => linksOf(each, group, call, token))
    return Object.assign(shown(groupView(group, tenant), query), ...links)
  }
  const isForGood = tenant.tracking.purged.get(id) === kind
  return { id, '@removed': { reason: isForGood ? 'deleted' : 'changed' } }
}

/** A deleted member is told only when it is gone for good: until then its link stays. */
function linksOf(
  links: 'members' | 'owners',
  { id, [links]: linked }: SimulatedGroup,
  { tenant, query }: GraphCall,
  { since }: Token,
): Item {
  if (!wants(query, links)) return {}
  const numbers = tenant.tracking[links].get(id) ?? new Map<string, number>()
  const isNewer = (each: string) => since < 0 || (numbers.get(each) ?? 0) > since
  const here = linked.filter((each) => isNewer(each) && objectView(each, tenant) !== undefined)
  const gone = [...numbers.keys()].filter(
    (each) => since >= 0 && isNewer(each) && !linked.includes(each),
  )
  const told = [
    ...here.map((each) => ({ '@odata.type': typeOf(each, tenant), id: each })),
    ...gone.map((each) => ({
      '@odata.type': typeOf(each, tenant),
      id: each,
      '@removed': { reason: 'deleted' },
    })),
  ]
  return told.length === 0 ? {} : { [`${links}@delta`]: told }
}

function managerOf({ manager }: SimulatedUser, query: URLSearchParams): Item {
  if (manager === null || !wants(query, 'manager')) return {}
  return { 'manager@delta': [{ '@odata.type': '#microsoft.graph.user', id: manager }] }
}

function typeOf(id: string, tenant: Collections): unknown {
  return objectView(id, tenant)?.['@odata.type'] ?? '#microsoft.graph.user'
}

/** Members and managers come along unless something else was selected; owners only when selected. */
function wants(query: URLSearchParams, name: 'members' | 'owners' | 'manager'): boolean {
  const select = query.get('$select')
  return select === null ? name !== 'owners' : namesOf(select).includes(name)
}

function shown({ '@odata.type': type, ...view }: Item, query: URLSearchParams): Item {
  const select = query.get('$select')
  const defaults = type === '#microsoft.graph.user' ? userDefaults : groupDefaults
  const names = new Set(['id', ...(select === null ? defaults : namesOf(select))])
  return Object.fromEntries(Object.entries(view).filter(([name]) => names.has(name)))
}

function namesOf(select: string): readonly string[] {
  return select.split(',').map((name) => name.trim())
}

const known = new Set(['$select', '$filter', '$deltatoken', '$skiptoken'])

function refuseOptions(query: URLSearchParams): void {
  for (const name of query.keys()) {
    if (!known.has(name)) throw badRequest(`The query option '${name}' is not supported by delta.`)
  }
}

/** Only single objects can be named: `id eq '…' or id eq '…'`. */
function filterOf(filter: string | null): (item: Item) => boolean {
  if (filter === null) return () => true
  if (!/^\s*id eq '[^']+'(\s+or\s+id eq '[^']+')*\s*$/i.test(filter)) {
    throw badRequest('Delta takes only a filter by id.', 'Request_UnsupportedQuery')
  }
  return parseFilter(filter)
}

function linkOf(kind: Kind, query: URLSearchParams, name: string, token: Token): string {
  const next = new URLSearchParams(query)
  next.delete('$deltatoken')
  next.delete('$skiptoken')
  next.set(name, Buffer.from(JSON.stringify(token)).toString('base64url'))
  const text = next.toString().replaceAll('%24', '$').replaceAll('%2C', ',')
  return `${graphRoot}/${kind}/delta?${text}`
}

function tokenOf({ tenant, query, now }: GraphCall, kind: Kind): Token {
  const generation = tenant.settings.deltaGeneration
  const fresh = { generation, issuedAt: now.getTime() }
  const text = query.get('$skiptoken') ?? query.get('$deltatoken')
  // The address that a 410 tells carries an empty token.
  if (text === null || text === '') return { ...fresh, since: -1 }
  if (text === 'latest') return { ...fresh, since: tenant.tracking.last }
  const token = read(text)
  const oldest = now.getTime() - tokenDays * 86_400_000
  if (token?.generation === generation && token.issuedAt >= oldest) return token
  throw gone(kind, query)
}

function read(text: string): Token | undefined {
  try {
    const token: unknown = JSON.parse(Buffer.from(text, 'base64url').toString())
    const isToken = typeof token === 'object' && token !== null && 'since' in token
    return isToken ? (token as Token) : undefined
  } catch {
    return undefined
  }
}

/** Everything is to be read again, from the address that is told. */
function gone(kind: Kind, query: URLSearchParams): GraphRefusal {
  const start = new URLSearchParams(query)
  start.delete('$skiptoken')
  start.set('$deltatoken', '')
  return new GraphRefusal(410, 'syncStateNotFound', 'The sync state generation is not found.', {
    location: `${graphRoot}/${kind}/delta?${start.toString().replaceAll('%24', '$')}`,
  })
}
