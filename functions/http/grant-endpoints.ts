import type { HttpHandler } from '@azure/functions'
import * as durable from 'durable-functions'
import { parse } from '../../shared/config/parse.ts'
import * as schemas from '../../shared/config/request-schema.ts'
import { routeOf } from '../../shared/config/routes.ts'
import { actorOf } from '../../shared/operations/callers.ts'
import { isGrantCursor, listGrants } from '../../shared/operations/list-grants.ts'
import { orderMassEnd, readMassEnd } from '../../shared/operations/mass-end.ts'
import { viewOf } from '../../shared/operations/request-view.ts'
import type { Broker } from '../broker.ts'
import { createClockwork } from '../durable/clockwork.ts'
import { readJson } from './body.ts'
import { type Endpoint, notFound } from './endpoint.ts'
import { cursorOf, listResponse, pageSize, queryOf } from './lists.ts'
import { invalid } from './request-endpoints.ts'

/** `/grants`: what is active now, and its end by the many. */
export function grantEndpoints(
  broker: Broker,
  endpoint: Endpoint,
): Readonly<Record<string, HttpHandler>> {
  const { needs } = broker
  return {
    listGrants: endpoint(routeOf('listGrants'), async ({ request, caller }) => {
      const filter = queryOf(request, [
        'status',
        'requester',
        'grantee',
        'resource',
        'integration',
        'accessFlow',
      ])
      const after = cursorOf(request, (cursor) => isGrantCursor(caller, filter, cursor))
      const page = await listGrants(needs, caller, filter, pageSize, after)
      const items = page.requests.map((grant) => viewOf(grant, needs.now()))
      return listResponse(items, page.next)
    }),

    revokeGrants: endpoint(routeOf('revokeGrants'), async ({ request, caller, context }) => {
      const body = parse(schemas.revokeGrantsBody, await readJson(request))
      if (!body.ok) return invalid(body.errors)
      const { filter, reason, expectedCount } = body.value
      const ordered = await orderMassEnd(
        needs,
        actorOf(caller),
        { filter, reason, expectedCount },
        createClockwork(durable.getClient(context), needs.limits.retryMaximum),
      )
      if (ordered.kind === 'refused') return ordered
      const { id, count } = ordered
      return {
        status: 202,
        headers: { location: `/api/grants/revoke/${id}`, 'retry-after': '2' },
        jsonBody: { id, count },
      }
    }),

    getMassEnd: endpoint(routeOf('getMassEnd'), async ({ request }) => {
      const progress = await readMassEnd(needs.tables, (request.params['id'] ?? '').toLowerCase())
      return progress === undefined ? notFound : { jsonBody: progress }
    }),
  }
}
