import type { HttpHandler } from '@azure/functions'
import * as durable from 'durable-functions'
import { parse } from '../../shared/config/parse.ts'
import * as schemas from '../../shared/config/request-schema.ts'
import { routeOf } from '../../shared/config/routes.ts'
import { pairOfRequest } from '../../shared/ledger/ids.ts'
import { readRequest } from '../../shared/ledger/pair-ledger.ts'
import { actorOf } from '../../shared/operations/callers.ts'
import { openReasons } from '../../shared/operations/grants.ts'
import { orderMassEnd, readMassEnd } from '../../shared/operations/mass-end.ts'
import { viewOf } from '../../shared/operations/request-view.ts'
import type { Broker } from '../broker.ts'
import { createClockwork } from '../durable/clockwork.ts'
import { readJson } from './body.ts'
import { type Endpoint, notFound } from './endpoint.ts'
import { cursorOf, listResponse, pageSize, queryOf } from './lists.ts'
import { invalid } from './request-endpoints.ts'

/** Grants that are in the directory, or may be. */
const held = new Set(['active', 'ending', 'overdue'])

/** `/grants`: what is active now, and its end by the many. */
export function grantEndpoints(
  broker: Broker,
  endpoint: Endpoint,
): Readonly<Record<string, HttpHandler>> {
  const { needs } = broker
  return {
    listGrants: endpoint(routeOf('listGrants'), async ({ request }) => {
      const filter = queryOf(request, ['grantee', 'resource', 'integration', 'accessFlow'])
      const after = cursorOf(request, (cursor) => pairOfRequest(cursor) !== undefined)
      const ids: string[] = []
      for await (const reason of openReasons(needs.tables, filter, held)) ids.push(reason.id)
      const sorted = ids.sort().filter((id) => after === undefined || id > after)
      const shown = sorted.slice(0, pageSize)
      const grants = await Promise.all(shown.map((id) => readRequest(needs.tables, id)))
      const items = grants.flatMap((grant) =>
        grant === undefined ? [] : [viewOf(grant, needs.now())],
      )
      return listResponse(items, sorted.length > pageSize ? shown.at(-1) : undefined)
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
