import * as z from 'zod'
import type { Change, Collections } from '../collections.ts'
import type { SimulatorAnswer } from '../exchange.ts'
import { badRequest, denied, notFound } from './answers.ts'

/** One call to Graph with everything a handler needs of its surroundings. */
export interface GraphCall {
  readonly method: string
  /** Below `/v1.0`. */
  readonly path: string
  readonly params: Readonly<Record<string, string>>
  readonly query: URLSearchParams
  readonly body: unknown
  /** `ConsistencyLevel: eventual` was sent. */
  readonly isAdvanced: boolean
  /** `Prefer: odata.maxpagesize=…` was sent. */
  readonly maxPageSize?: number
  /** What this call sees: the tenant now, or as it was while a fault makes reads stale. */
  readonly tenant: Collections
  readonly now: Date
  /** Application permissions in the caller's token. */
  readonly permissions: readonly string[]
  /** Who calls, for the audit log. */
  readonly appId: string
  apply(changes: readonly Change[]): void
}

export type GraphHandler = (call: GraphCall) => SimulatorAnswer

const idPattern = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i

/** An object id in lower case; Graph answers 400 to anything else. */
export function idOf(call: GraphCall, name = 'id'): string {
  const id = call.params[name] ?? ''
  if (!idPattern.test(id)) throw badRequest(`Invalid object identifier '${id}'.`)
  return id.toLowerCase()
}

export function need(call: GraphCall, ...permissions: readonly string[]): void {
  if (!permissions.some((permission) => call.permissions.includes(permission))) throw denied()
}

/** The body in a shape, or Graph's word for one that it cannot read. */
export function bodyAs<Shape extends z.ZodType>(call: GraphCall, shape: Shape): z.output<Shape> {
  const parsed = shape.safeParse(call.body)
  if (parsed.success) return parsed.data
  throw badRequest(
    'Unable to read JSON request payload. Please ensure Content-Type header is set and payload is of valid JSON format.',
    'BadRequest',
  )
}

const reference = z.object({ '@odata.id': z.string() })

/** The object that a `$ref` body points to. */
export function referenceOf(call: GraphCall): string {
  const { '@odata.id': address } = bodyAs(call, reference)
  const id = /\/([^/]+)\/?$/.exec(address)?.[1] ?? ''
  if (!idPattern.test(id)) throw badRequest(`Invalid object identifier '${id}'.`)
  return id.toLowerCase()
}

export function userOf({ tenant }: GraphCall, idOrName: string) {
  const wanted = idOrName.toLowerCase()
  const user =
    tenant.users.get(wanted) ??
    [...tenant.users.values()].find(
      ({ userPrincipalName }) => userPrincipalName.toLowerCase() === wanted,
    )
  if (user === undefined) throw notFound(idOrName)
  return user
}

export function groupOf({ tenant }: GraphCall, id: string) {
  const group = tenant.groups.get(id)
  if (group === undefined) throw notFound(id)
  return group
}
