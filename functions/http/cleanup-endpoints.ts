import type { HttpHandler } from '@azure/functions'
import * as schemas from '../../shared/config/cleanup-schema.ts'
import { parse } from '../../shared/config/parse.ts'
import { routeOf } from '../../shared/config/routes.ts'
import {
  cleanupView,
  keepAccount,
  listCleanups,
  restoreCleaned,
} from '../../shared/operations/cleanup-decide.ts'
import { orderCleanup } from '../../shared/operations/cleanup-order.ts'
import type { Broker } from '../broker.ts'
import { readJson } from './body.ts'
import type { Endpoint } from './endpoint.ts'
import { cursorOf, listResponse, pageSize, queryOf } from './lists.ts'
import { invalid } from './request-endpoints.ts'

const cursorPattern = /^\d{13}-[0-9a-z-]+$/

/** `/cleanup`: what is planned for accounts whose access has ended, and what people say to it. */
export function cleanupEndpoints(
  { cleanupNeeds }: Broker,
  endpoint: Endpoint,
): Readonly<Record<string, HttpHandler>> {
  return {
    listCleanups: endpoint(routeOf('listCleanups'), async ({ request, caller }) => {
      const filter = queryOf(request, ['state', 'integration'])
      const after = cursorOf(request, (cursor) => cursorPattern.test(cursor))
      const page = await listCleanups(cleanupNeeds, caller, filter, pageSize, after)
      return listResponse(page.cleanups.map(cleanupView), page.next)
    }),

    keepAccount: endpoint(routeOf('keepAccount'), async ({ request, caller }) => {
      const body = parse(schemas.keepBody, await readJson(request))
      if (!body.ok) return invalid(body.errors)
      const kept = await keepAccount(cleanupNeeds, caller, idOf(request.params), body.value)
      return kept.kind === 'refused' ? kept : { jsonBody: cleanupView(kept.cleanup) }
    }),

    restoreAccount: endpoint(routeOf('restoreAccount'), async ({ request, caller }) => {
      const body = parse(schemas.restoreBody, await readJson(request))
      if (!body.ok) return invalid(body.errors)
      const { reason } = body.value
      const restored = await restoreCleaned(cleanupNeeds, caller, idOf(request.params), reason)
      if (restored.kind === 'refused') return restored
      return { status: 202, jsonBody: cleanupView(restored.cleanup) }
    }),

    runCleanup: endpoint(routeOf('runCleanup'), async ({ request, caller }) => {
      const body = parse(schemas.runBody, await readJson(request))
      if (!body.ok) return invalid(body.errors)
      const ordered = await orderCleanup(cleanupNeeds, caller, body.value)
      if (ordered.kind === 'refused') return ordered
      return { status: 202, jsonBody: { count: ordered.count, dryRun: body.value.dryRun } }
    }),
  }
}

function idOf(params: Readonly<Record<string, string>>): string {
  return (params['id'] ?? '').toLowerCase()
}
