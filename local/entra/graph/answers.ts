import { randomUUID } from 'node:crypto'
import type { SimulatorAnswer } from '../exchange.ts'

/** What Graph calls itself in links, whatever address it was reached by (graph.md 11.4). */
export const graphRoot = 'https://graph.microsoft.com/v1.0'

/** An error in Graph's words; thrown by handlers, answered by the frame around them. */
export class GraphRefusal extends Error {
  override readonly name = 'GraphRefusal'
  readonly status: number
  readonly code: string
  readonly headers: Readonly<Record<string, string>>

  constructor(
    status: number,
    code: string,
    message: string,
    headers: Readonly<Record<string, string>> = {},
  ) {
    super(message)
    this.status = status
    this.code = code
    this.headers = headers
  }
}

export function errorAnswer(
  refusal: GraphRefusal,
  now: Date,
  clientRequestId = '',
): SimulatorAnswer {
  return {
    status: refusal.status,
    headers: refusal.headers,
    body: {
      error: {
        code: refusal.code,
        message: refusal.message,
        innerError: {
          date: now.toISOString().slice(0, 19),
          'request-id': randomUUID(),
          'client-request-id': clientRequestId === '' ? randomUUID() : clientRequestId,
        },
      },
    },
  }
}

/** Graph does not say whether the object or a link of it is missing (graph.md 3.3). */
export function notFound(id: string): GraphRefusal {
  return new GraphRefusal(
    404,
    'Request_ResourceNotFound',
    `Resource '${id}' does not exist or one of its queried reference-property objects are not present.`,
  )
}

export function badRequest(message: string, code = 'Request_BadRequest'): GraphRefusal {
  return new GraphRefusal(400, code, message)
}

export function denied(): GraphRefusal {
  return new GraphRefusal(
    403,
    'Authorization_RequestDenied',
    'Insufficient privileges to complete the operation.',
  )
}

/** What is not simulated says so: a silent 200 would teach wrong things. */
export function notSimulated(what: string): GraphRefusal {
  return new GraphRefusal(501, 'NotImplemented', `This simulator does not offer ${what}.`)
}

export const noContent: SimulatorAnswer = { status: 204 }

export function entityAnswer(context: string, entity: object, status = 200): SimulatorAnswer {
  return {
    status,
    body: { '@odata.context': `${graphRoot}/$metadata#${context}/$entity`, ...entity },
  }
}
