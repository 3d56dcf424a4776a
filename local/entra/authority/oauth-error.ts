import { randomUUID } from 'node:crypto'
import type { SimulatorAnswer } from '../exchange.ts'

/** A refusal of the token endpoint, with Entra's number. */
export class OAuthRefusal extends Error {
  override readonly name = 'OAuthRefusal'
  readonly error: string
  readonly number: number
  readonly status: number

  constructor(error: string, number: number, text: string, status = 400) {
    super(text)
    this.error = error
    this.number = number
    this.status = status
  }
}

export function oauthErrorAnswer(refusal: OAuthRefusal, now: Date): SimulatorAnswer {
  const [traceId, correlationId] = [randomUUID(), randomUUID()]
  const timestamp = now.toISOString().slice(0, 19).replace('T', ' ')
  return {
    status: refusal.status,
    body: {
      error: refusal.error,
      error_description: `AADSTS${refusal.number}: ${refusal.message} Trace ID: ${traceId} Correlation ID: ${correlationId} Timestamp: ${timestamp}Z`,
      error_codes: [refusal.number],
      timestamp: `${timestamp}Z`,
      trace_id: traceId,
      correlation_id: correlationId,
    },
  }
}
