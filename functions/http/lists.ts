import type { HttpRequest, HttpResponseInit } from '@azure/functions'
import { BodyRefusedError } from './body.ts'

/** Items of one page, unless the caller asks for fewer. */
export const pageSize = 100

/** Opaque to the caller: where the next page begins. */
function nextOf(cursor: string | undefined): { readonly next?: string } {
  return cursor === undefined ? {} : { next: Buffer.from(cursor, 'utf8').toString('base64url') }
}

/** The cursor that the caller handed back. */
export function cursorOf(request: HttpRequest): string | undefined {
  const next = request.query.get('next')
  if (next === null || next === '') return undefined
  const cursor = Buffer.from(next, 'base64url').toString('utf8')
  if (Buffer.from(cursor, 'utf8').toString('base64url') !== next) {
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
  for (const [name, value] of request.query) {
    if (!known.has(name)) throw invalidQuery(name, 'There is no such parameter.')
    if (name !== 'next' && value !== '') query[name] = value
  }
  return query as { [Key in Name]?: string }
}

/** An instant of a query; undefined when absent. */
export function instantOf(name: string, value: string | undefined): Date | undefined {
  if (value === undefined) return undefined
  const at = new Date(value)
  if (!/^\d{4}-\d{2}-\d{2}(T.*)?$/.test(value) || Number.isNaN(at.getTime())) {
    throw invalidQuery(name, 'It is not an ISO 8601 date or instant.')
  }
  return at
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
