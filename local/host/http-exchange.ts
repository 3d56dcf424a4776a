import type { IncomingMessage, ServerResponse } from 'node:http'

/** As much as the host takes of a request's body. */
const bodyLimit = 100 * 1024 * 1024

/** The request cannot be taken: what to answer instead of running anything. */
export class RefusedRequest extends Error {
  readonly status: number

  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }
}

/** Reads a whole body, refusing one that is too long. */
export async function readBody(request: IncomingMessage): Promise<Buffer> {
  refuseLongBody(request)
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length
    if (length > bodyLimit) throw tooLong()
    chunks.push(chunk)
  }
  return Buffer.concat(chunks, length)
}

/** The body as a stream that fails when it grows too long. */
export function streamBody(
  request: IncomingMessage,
  response: ServerResponse,
): ReadableStream<Uint8Array> {
  refuseLongBody(request)
  let length = 0
  let wanted = true
  // A connection serves its next request only after the body of this one was read to its end.
  const discard = () => {
    wanted = false
    request.resume()
  }
  response.once('finish', discard)

  return new ReadableStream<Uint8Array>({
    start(controller) {
      const fail = (error: Error) => {
        if (wanted) controller.error(error)
        discard()
      }
      request.on('data', (chunk: Buffer) => {
        if (!wanted) return
        length += chunk.length
        if (length > bodyLimit) return fail(tooLong())
        controller.enqueue(chunk)
        if ((controller.desiredSize ?? 0) <= 0) request.pause()
      })
      request.on('end', () => wanted && controller.close())
      request.on('error', fail)
      request.pause()
    },
    pull() {
      request.resume()
    },
    cancel: discard,
  })
}

function refuseLongBody(request: IncomingMessage): void {
  if (Number(request.headers['content-length'] ?? 0) > bodyLimit) throw tooLong()
}

function tooLong(): RefusedRequest {
  return new RefusedRequest(413, 'Cannot take the request: its body is over 100 MB')
}

/** Answers with a status and perhaps a text. */
export function answer(
  response: ServerResponse,
  status: number,
  headers: Readonly<Record<string, string>> = {},
  body = '',
): void {
  const bodyless = status === 204 || status === 304
  response.writeHead(status, {
    ...(bodyless ? {} : { 'content-length': String(Buffer.byteLength(body)) }),
    ...headers,
  })
  response.end(bodyless ? undefined : body)
}

/** Answers with JSON. */
export function answerJson(response: ServerResponse, value: unknown): void {
  const body = JSON.stringify(value)
  answer(response, 200, { 'content-type': 'application/json; charset=utf-8' }, body)
}
