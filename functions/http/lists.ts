import type { HttpRequest, HttpResponseInit } from '@azure/functions'
import * as z from 'zod'
import { instant } from '../../shared/config/fields.ts'
import { BodyRefusedError } from './body.ts'

/** Items of one page, unless the caller asks for fewer. */
export const pageSize = 100

/** Opaque to the caller: where the next page begins. */
function nextOf(cursor: string | undefined): { readonly next?: string } {
  return cursor === undefined ? {} : { next: Buffer.from(cursor, 'utf8').toString('base64url') }
}

/** The cursor that the caller handed back; `isOurs` tells whether this list can have given it out. */
export function cursorOf(
  request: HttpRequest,
  isOurs: (cursor: string) => boolean,
): string | undefined {
  const next = request.query.get('next')
  if (next === null || next === '') return undefined
  const cursor = Buffer.from(next, 'base64url').toString('utf8')
  if (Buffer.from(cursor, 'utf8').toString('base64url') !== next || !isOurs(cursor)) {
    throw invalidQuery('next', 'It is not a token of this list.')
  }
  return cursor
}

/** Query parameters of a list: known names only, each at most once, empty ones as absent. */
export function queryOf<Name extends string>(
  request: HttpRequest,
  names: readonly Name[],
): { readonly [Key in Name]?: string } {
  const known = new Set<string>([...names, 'next'])
  const query: Record<string, string> = {}
  const seen = new Set<string>()
  // The host joins the values of a name that comes twice; the address still has them apart.
  for (const [name, value] of new URL(request.url).searchParams) {
    if (!known.has(name)) throw invalidQuery(name, 'There is no such parameter.')
    if (seen.has(name)) throw invalidQuery(name, 'It may be given once.')
    seen.add(name)
    if (name !== 'next' && value !== '') query[name] = value
  }
  return query as { [Key in Name]?: string }
}

const dayOrInstant = z.union([z.iso.date(), instant])

/** An instant of a query, a date being its beginning in UTC; undefined when absent. */
export function instantOf(name: string, value: string | undefined): Date | undefined {
  if (value === undefined) return undefined
  if (!dayOrInstant.safeParse(value).success) {
    throw invalidQuery(name, 'It is no ISO 8601 date, and no instant with an offset.')
  }
  return new Date(value)
}

/** A list of the API. */
export function listResponse(
  items: readonly unknown[],
  cursor: string | undefined,
): HttpResponseInit {
  return { jsonBody: { items, ...nextOf(cursor) } }
}

function invalidQuery(name: string, detail: string): BodyRefusedError {
  return new BodyRefusedError({
    status: 400,
    code: 'invalid',
    title: 'The query is not valid',
    detail: `${name}: ${detail}`,
    more: { errors: [{ pointer: `/query/${name}`, detail }] },
  })
}
