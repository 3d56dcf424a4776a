import type { InstanceHead } from './instance.ts'

/** What cannot be understood of a filter is left out, as in the real host. */
export function instanceFilter(query: URLSearchParams): (head: InstanceHead) => boolean {
  const from = Date.parse(query.get('createdTimeFrom') ?? '')
  const to = Date.parse(query.get('createdTimeTo') ?? '')
  const names = (query.get('runtimeStatus') ?? '')
    .split(',')
    .map((name) => name.trim().toLowerCase())
  const statuses = names.filter((name) => knownStatuses.has(name))
  return ({ createdAt, status }) => {
    const created = Date.parse(createdAt)
    if (!Number.isNaN(from) && created < from) return false
    if (!Number.isNaN(to) && created > to) return false
    return statuses.length === 0 || statuses.includes(status.toLowerCase())
  }
}

const knownStatuses: ReadonlySet<string> = new Set([
  ...['running', 'completed', 'continuedasnew', 'failed', 'canceled', 'terminated'],
  ...['pending', 'suspended'],
])
