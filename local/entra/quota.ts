import { GraphRefusal } from './graph/answers.ts'

/** What an application may ask of a tenant; the defaults are those of a small one (graph.md 8.1). */
export interface Quotas {
  readonly unitsPer10Seconds: number
  readonly writesPer150Seconds: number
}

export const defaultQuotas: Quotas = { unitsPer10Seconds: 3_500, writesPer150Seconds: 3_000 }

/** Never a 429 but by a fault that is set. */
export const noQuotas: Quotas = { unitsPer10Seconds: 1e9, writesPer150Seconds: 1e9 }

export interface Quota {
  /** Takes what a call costs, or throws the 429; gives the headers that tell of it. */
  take(method: string, path: string, query: URLSearchParams): Readonly<Record<string, string>>
}

interface Bucket {
  readonly capacity: number
  readonly perSecond: number
  level: number
  at: number
}

/** Two token buckets: resource units, and writes. */
export function createQuota(quotas: Quotas, now: () => Date, scope: string): Quota {
  const start = now().getTime()
  const bucket = (capacity: number, seconds: number): Bucket => ({
    capacity,
    perSecond: capacity / seconds,
    level: capacity,
    at: start,
  })
  const units = bucket(quotas.unitsPer10Seconds, 10)
  const writes = bucket(quotas.writesPer150Seconds, 150)

  const refill = (one: Bucket) => {
    const time = now().getTime()
    one.level = Math.min(one.capacity, one.level + ((time - one.at) / 1000) * one.perSecond)
    one.at = time
  }
  const refuse = (one: Bucket, cost: number, information: string): GraphRefusal => {
    const wait = Math.max(1, Math.ceil((cost - one.level) / one.perSecond))
    return new GraphRefusal(429, 'TooManyRequests', 'Please retry again later.', {
      'retry-after': String(wait),
      'x-ms-throttle-scope': scope,
      'x-ms-throttle-information': information,
    })
  }

  return {
    take(method, path, query) {
      const cost = unitsOf(path, query)
      const isWrite = method !== 'GET' && !isQuestion(path)
      refill(units)
      refill(writes)
      if (units.level < cost) throw refuse(units, cost, 'ResourceUnitLimitExceeded')
      if (isWrite && writes.level < 1) throw refuse(writes, 1, 'WriteLimitExceeded')
      units.level -= cost
      if (isWrite) writes.level -= 1
      const used = Math.max(1 - units.level / units.capacity, 1 - writes.level / writes.capacity)
      return {
        'x-ms-resource-unit': String(cost),
        ...(used > 0.8 ? { 'x-ms-throttle-limit-percentage': used.toFixed(2) } : {}),
      }
    },
  }
}

/** A `POST` that changes nothing. */
export function isQuestion(path: string): boolean {
  return /\/(checkMemberGroups|getMemberGroups|getByIds|\$batch)$/i.test(path)
}

const costs: readonly (readonly [RegExp, number])[] = [
  [/\/transitiveMembers$|\/getByIds$/i, 5],
  [/\/checkMember(Groups|Objects)$/i, 4],
  [/^\/groups\/[^/]+\/members$/i, 3],
  [/^\/users$|\/memberOf$|\/transitiveMemberOf$|\/getMemberGroups$/i, 2],
]

function unitsOf(path: string, query: URLSearchParams): number {
  const base = costs.find(([pattern]) => pattern.test(path))?.[1] ?? 1
  const saved = (query.has('$select') ? 1 : 0) + (Number(query.get('$top') ?? 99) < 20 ? 1 : 0)
  return Math.max(1, base - saved + (query.has('$expand') ? 1 : 0))
}
