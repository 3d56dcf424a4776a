import type { HttpHandler } from '@azure/functions'
import { routeOf } from '../../shared/config/routes.ts'
import { may } from '../../shared/identity/roles.ts'
import { createReadCatalog } from '../../shared/operations/catalog.ts'
import type { ReadResources } from '../../shared/operations/read-resources.ts'
import type { Broker } from '../broker.ts'
import type { Endpoint } from './endpoint.ts'
import { listResponse, queryOf } from './lists.ts'

/** `GET /catalog`: what the caller may ask for. */
export function catalogEndpoints(
  broker: Broker,
  endpoint: Endpoint,
  readResources: ReadResources,
): Readonly<Record<string, HttpHandler>> {
  const readCatalog = createReadCatalog(broker.needs, broker.readConfiguration, readResources)
  return {
    getCatalog: endpoint(routeOf('getCatalog'), async ({ request, caller }) => {
      const filter = queryOf(request, ['q', 'type', 'integration'])
      if (!may(caller).includes('request')) return listResponse([], undefined)
      return listResponse(await readCatalog(caller, filter), undefined)
    }),
  }
}
