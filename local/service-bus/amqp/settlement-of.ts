import type { Settlement } from '../queue.ts'
import { propertiesOf } from './message-codec.ts'

interface Outcome {
  readonly constructor: { readonly composite_type?: string }
  readonly undeliverable_here?: boolean
  readonly message_annotations?: unknown
  readonly error?: { readonly info?: unknown }
}

/** What a receiver means by the outcome it put on a delivery. */
export function settlementOf(state: unknown): Settlement | undefined {
  const outcome = state as Outcome | undefined
  switch (outcome?.constructor.composite_type) {
    case 'accepted':
      return { kind: 'complete' }
    case 'released':
      return { kind: 'abandon' }
    case 'modified':
      return {
        kind: outcome.undeliverable_here === true ? 'defer' : 'abandon',
        properties: propertiesOf(outcome.message_annotations),
      }
    case 'rejected':
      return { kind: 'dead-letter', properties: deadLetterProperties(outcome.error?.info) }
    default:
      return undefined
  }
}

/** Reason and description count as properties of the message; absent ones are not set. */
function deadLetterProperties(info: unknown) {
  const given = Object.entries(propertiesOf(info)).filter(([, value]) => value !== null)
  return Object.fromEntries(given)
}
