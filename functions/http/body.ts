import type { HttpRequest } from '@azure/functions'
import type { Problem } from './problem.ts'

/** Bodies of every call but `/config` (contract). */
const mostBytes = 64 * 1024

/** A body that cannot be taken; carries its problem document. */
export class BodyRefusedError extends Error {
  override readonly name = 'BodyRefusedError'
  readonly problem: Problem

  constructor(problem: Problem) {
    super(`Cannot read the body: ${problem.title}`)
    this.problem = problem
  }
}

/** Reads a JSON body of limited size; undefined when there is none. */
export async function readJson(request: HttpRequest): Promise<unknown> {
  return readBody(request, mostBytes, { 'application/json': parseJson })
}

/** Reads a body by its media type, each with what makes sense of its text. */
export async function readBody(
  request: HttpRequest,
  most: number,
  readers: Readonly<Record<string, (text: string) => unknown>>,
): Promise<unknown> {
  const length = Number(request.headers.get('content-length') ?? '0')
  if (length > most) throw tooLarge(most)
  const bytes = new Uint8Array(await request.arrayBuffer())
  if (bytes.byteLength === 0) return undefined
  if (bytes.byteLength > most) throw tooLarge(most)
  const [type = ''] = (request.headers.get('content-type') ?? '').split(';')
  const read = readers[type.trim().toLowerCase()]
  if (read === undefined) {
    const accepted = Object.keys(readers).join(' or ')
    throw new BodyRefusedError({
      status: 415,
      code: 'unsupported-media-type',
      title: `Only ${accepted} is accepted`,
      detail: `The Content-Type of the body has to be ${accepted}.`,
    })
  }
  return read(textOf(bytes))
}

function textOf(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw unreadable('The body is not UTF-8.')
  }
}

export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw unreadable('The body is not valid JSON in UTF-8.')
  }
}

/** A body whose text makes no sense at all. */
export function unreadable(detail: string): BodyRefusedError {
  return new BodyRefusedError({
    status: 400,
    code: 'invalid',
    title: 'The body cannot be read',
    detail,
    more: { errors: [{ pointer: '', detail }] },
  })
}

function tooLarge(most: number): BodyRefusedError {
  return new BodyRefusedError({
    status: 413,
    code: 'too-large',
    title: 'The body is too large',
    detail: `A body may have ${most} bytes.`,
  })
}
