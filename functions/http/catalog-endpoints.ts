import type { HttpHandler } from '@azure/functions'
import { routeOf } from '../../shared/config/routes.ts'
import { may } from '../../shared/identity/roles.ts'
import { readCatalog } from '../../shared/operations/catalog.ts'
import type { Broker } from '../broker.ts'
import type { Endpoint } from './endpoint.ts'
import { listResponse, queryOf } from './lists.ts'

/** `GET /catalog`: what the caller may ask for. */
export function catalogEndpoints(
  broker: Broker,
  endpoint: Endpoint,
): Readonly<Record<string, HttpHandler>> {
  return {
    getCatalog: endpoint(routeOf('getCatalog'), async ({ request, caller }) => {
      const filter = queryOf(request, ['q', 'type', 'integration'])
      if (!may(caller).includes('request')) return listResponse([], undefined)
      const items = await readCatalog(broker.needs, broker.readConfiguration, caller, filter)
      return listResponse(items, undefined)
    }),
  }
}
