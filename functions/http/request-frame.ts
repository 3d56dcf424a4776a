import * as durable from 'durable-functions'
import { readRequest, type StoredRequest } from '../../shared/ledger/pair-ledger.ts'
import { isApprover } from '../../shared/operations/list-approvals.ts'
import { maySee } from '../../shared/operations/list-requests.ts'
import type { Clockwork } from '../../shared/operations/needs.ts'
import { viewOf } from '../../shared/operations/request-view.ts'
import type { Broker } from '../broker.ts'
import { createClockwork } from '../durable/clockwork.ts'
import type { Call } from './endpoint.ts'

/** What the calls about one request have in common: find it, if the caller may see it, and show it. */
export interface RequestFrame {
  clockworkOf(call: Call): Clockwork
  find(call: Call): Promise<StoredRequest | undefined>
  show(request: StoredRequest): Promise<Record<string, unknown>>
}

export function requestFrame(broker: Broker): RequestFrame {
  const { needs, readConfiguration } = broker
  return {
    clockworkOf: ({ context }) =>
      createClockwork(durable.getClient(context), needs.limits.retryMaximum),

    async find({ request, caller }) {
      const found = await readRequest(needs.tables, (request.params['id'] ?? '').toLowerCase())
      if (found === undefined || maySee(caller, found)) return found
      return (await isApprover(needs, readConfiguration, caller, found)) ? found : undefined
    },

    async show(request) {
      const isShown = request.reason.grantedAt !== undefined
      const details = isShown ? await accessDetailsOf(broker, request) : undefined
      return { ...viewOf(request, needs.now(), details) }
    },
  }
}

/** The instructions of the integration as they are now. */
async function accessDetailsOf(
  broker: Broker,
  { reason }: StoredRequest,
): Promise<string | undefined> {
  const { integrations } = await broker.readConfiguration()
  return integrations.find(({ name }) => name === reason.integration)?.customAccessDetails
}
