import type { HttpHandler } from '@azure/functions'
import { routeOf } from '../../shared/config/routes.ts'
import { actorOf } from '../../shared/operations/callers.ts'
import { orderCheckpoint } from '../../shared/operations/checkpoint.ts'
import { buildEvidence } from '../../shared/operations/evidence.ts'
import { verifyAudit } from '../../shared/operations/verify-audit.ts'
import type { Broker } from '../broker.ts'
import { type Endpoint, notFound } from './endpoint.ts'
import { instantOf, queryOf } from './lists.ts'
import { requestFrame } from './request-frame.ts'

/** `/audit/verify`, `/audit/checkpoint` and the evidence of a request. */
export function auditProofEndpoints(
  broker: Broker,
  endpoint: Endpoint,
): Readonly<Record<string, HttpHandler>> {
  const { needs, archive } = broker
  const { find } = requestFrame(broker)
  return {
    verifyAudit: endpoint(routeOf('verifyAudit'), async ({ request }) => {
      const { from, to } = queryOf(request, ['from', 'to'])
      const range = { from: instantOf('from', from), to: instantOf('to', to) }
      return { jsonBody: await verifyAudit(needs, archive, range) }
    }),

    makeCheckpoint: endpoint(routeOf('makeCheckpoint'), async ({ caller }) => {
      const made = await orderCheckpoint(needs, archive, actorOf(caller))
      const { number, kind, root, leaves, until, hash, event } = made
      return { jsonBody: { number, at: event.at, kind, root, leaves, until, hash } }
    }),

    getEvidence: endpoint(routeOf('getEvidence'), async (call) => {
      const found = await find(call)
      if (found === undefined) return notFound
      return {
        headers: {
          'content-type': 'application/zip',
          'content-disposition': `attachment; filename="evidence-${found.reason.id}.zip"`,
        },
        body: await buildEvidence(needs, archive, found),
      }
    }),
  }
}
