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
  const length = Number(request.headers.get('content-length') ?? '0')
  if (length > mostBytes) throw tooLarge()
  const bytes = new Uint8Array(await request.arrayBuffer())
  if (bytes.byteLength === 0) return undefined
  if (bytes.byteLength > mostBytes) throw tooLarge()
  const type = request.headers.get('content-type') ?? ''
  if (!/^application\/json\s*(;|$)/i.test(type)) {
    throw new BodyRefusedError({
      status: 415,
      code: 'unsupported-media-type',
      title: 'Only application/json is accepted',
      detail: 'The Content-Type of the body has to be application/json.',
    })
  }
  return parse(bytes)
}

function parse(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch {
    const detail = 'The body is not valid JSON in UTF-8.'
    throw new BodyRefusedError({
      status: 400,
      code: 'invalid',
      title: 'The body is not JSON',
      detail,
      more: { errors: [{ pointer: '', detail }] },
    })
  }
}

function tooLarge(): BodyRefusedError {
  return new BodyRefusedError({
    status: 413,
    code: 'too-large',
    title: 'The body is too large',
    detail: `A body may have ${mostBytes} bytes.`,
  })
}
