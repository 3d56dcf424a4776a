import type { SimulatorAnswer } from '../exchange.ts'
import { badRequest, GraphRefusal, graphRoot, notSimulated } from './answers.ts'
import { parseFilter } from './filter.ts'

type Item = Readonly<Record<string, unknown>>

interface List {
  /** What stands behind `$metadata#` in the context. */
  readonly context: string
  /** Path below `/v1.0`, for the next link. */
  readonly path: string
  readonly query: URLSearchParams
  readonly isAdvanced: boolean
  /** Shown when nothing is selected. */
  readonly defaults?: readonly string[]
  readonly pageSize?: number
  /** Objects by a link of another one: filtering them is an advanced query. */
  readonly isRelationship?: boolean
}

const known = new Set([
  ...['$select', '$filter', '$top', '$skiptoken', '$count', '$search', '$orderby', '$expand'],
  '$format',
])
const maximumPage = 999

/** One page of a list, by the query options that Graph has for directory objects. */
export function listAnswer(items: readonly Item[], list: List): SimulatorAnswer {
  const { query } = list
  refuseUnknownOptions(query)
  if (query.has('$expand')) throw notSimulated('$expand on lists')
  const search = query.get('$search')
  const filter = query.get('$filter')
  if (search !== null && !list.isAdvanced) {
    throw new GraphRefusal(
      400,
      'Request_UnsupportedQuery',
      "Request with $search query parameter only works through MSGraph with a special request header: 'ConsistencyLevel: eventual'",
    )
  }
  if (needsAdvanced(list) && !(list.isAdvanced && query.get('$count') === 'true')) {
    throw new GraphRefusal(400, 'Request_UnsupportedQuery', 'Unsupported Query.')
  }

  let found = items
  if (filter !== null) found = found.filter(parseFilter(filter))
  if (search !== null) found = found.filter(searchTest(search))
  found = ordered(found, query.get('$orderby'))

  const size = pageSizeOf(query.get('$top'), list.pageSize ?? 100)
  const start = startOf(query.get('$skiptoken'))
  const page = found.slice(start, start + size).map((item) => selected(item, query, list.defaults))
  const isMore = start + size < found.length
  const context = { '@odata.context': `${graphRoot}/$metadata#${list.context}` }
  const count =
    query.get('$count') === 'true' && list.isAdvanced && start === 0
      ? { '@odata.count': found.length }
      : {}
  const next = isMore ? { '@odata.nextLink': nextLink(list, start + size) } : {}
  return { status: 200, body: { ...context, ...count, ...next, value: page } }
}

/** What only the index behind `ConsistencyLevel: eventual` can answer (graph.md 2.5). */
function needsAdvanced({ query, context, isRelationship }: List): boolean {
  const filter = query.get('$filter')
  if (filter === null) return false
  const isOrdered = query.has('$orderby') && ['users', 'groups'].includes(context)
  if (isRelationship === true || isOrdered) return true
  return /\b(ne|not|endswith)\b/i.test(filter.replaceAll(/'[^']*'/g, ''))
}

/** The chosen properties of an object, or those that Graph gives without being asked. */
export function selected(item: Item, query: URLSearchParams, defaults?: readonly string[]): Item {
  const select = query.get('$select')
  const names = select === null ? defaults : select.split(',').map((name) => name.trim())
  if (names === undefined) return item
  const wanted = new Set(['@odata.type', ...names].map((name) => name.toLowerCase()))
  return Object.fromEntries(Object.entries(item).filter(([name]) => wanted.has(name.toLowerCase())))
}

export function refuseUnknownOptions(query: URLSearchParams): void {
  for (const name of query.keys()) {
    if (name.startsWith('$') && !known.has(name)) throw notSimulated(`the query option ${name}`)
  }
}

function nextLink({ path, query }: List, start: number): string {
  const next = new URLSearchParams(query)
  next.set('$skiptoken', Buffer.from(`s${start}`).toString('base64url'))
  return `${graphRoot}${path}?${next.toString().replaceAll('%24', '$').replaceAll('%2C', ',')}`
}

function startOf(token: string | null): number {
  if (token === null) return 0
  const start = /^s(\d+)$/.exec(Buffer.from(token, 'base64url').toString())?.[1]
  if (start === undefined) throw badRequest('Invalid skiptoken.', 'Directory_ExpiredPageToken')
  return Number(start)
}

function pageSizeOf(top: string | null, fallback: number): number {
  if (top === null) return fallback
  const size = Number(top)
  if (!Number.isInteger(size) || size < 1 || size > maximumPage) {
    throw badRequest(`Invalid page size specified: '${top}'. Must be between 1 and 999 inclusive.`)
  }
  return size
}

const clause = /"([^":]+):((?:[^"\\]|\\.)*)"/
const clauses = new RegExp(`^${clause.source}(?:\\s+(?:and|or)\\s+${clause.source})*$`, 'i')
const tokenized = new Set(['displayName', 'description'])

/** `"displayName:words"`, joined by AND or OR; a quote or backslash within stands behind a `\`. */
function searchTest(search: string): (item: Item) => boolean {
  if (!clauses.test(search)) throw badRequest(`Syntax error: character in '${search}'.`)
  const found = [...search.matchAll(new RegExp(clause, 'g'))]
  const isAny = /\s+or\s+/i.test(search.replaceAll(new RegExp(clause, 'g'), ''))
  const tests = found.map(([, property = '', escaped = '']) => (item: Item) => {
    const text = String(item[property] ?? '').toLowerCase()
    const wanted = escaped.replaceAll(/\\(.)/g, '$1').toLowerCase()
    // Only these are looked up word by word; of any other property the whole has to begin so.
    if (!tokenized.has(property)) return text.startsWith(wanted)
    const parts = text.split(/[\s@._-]+/)
    return wanted.split(/\s+/).every((word) => parts.some((part) => part.startsWith(word)))
  })
  return (item) => (isAny ? tests.some((test) => test(item)) : tests.every((test) => test(item)))
}

function ordered(items: readonly Item[], orderBy: string | null): readonly Item[] {
  if (orderBy === null) return items
  const [property = '', direction = 'asc'] = orderBy.trim().split(/\s+/)
  const sign = direction.toLowerCase() === 'desc' ? -1 : 1
  return items.toSorted(
    (one, other) => sign * String(one[property] ?? '').localeCompare(String(other[property] ?? '')),
  )
}
