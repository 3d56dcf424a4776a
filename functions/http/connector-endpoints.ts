import type { HttpHandler } from '@azure/functions'
import { routeOf } from '../../shared/config/routes.ts'
import { findName, unknownName } from '../../shared/operations/documents.ts'
import type { ReadResources } from '../../shared/operations/read-resources.ts'
import { emptySystem, openSystem } from '../../shared/operations/system-stream.ts'
import { integrationsOf, testConnector } from '../../shared/operations/test-connector.ts'
import type { Broker } from '../broker.ts'
import type { Endpoint } from './endpoint.ts'
import { listResponse } from './lists.ts'

/** `/connectors` and `/integrations/{name}/test`: what a connector is, and what it can do. */
export function connectorEndpoints(
  { needs, connector, readConfiguration }: Broker,
  endpoint: Endpoint,
  readResources: ReadResources,
): Readonly<Record<string, HttpHandler>> {
  return {
    listConnectors: endpoint(routeOf('listConnectors'), async () => {
      const { integrations } = await readConfiguration()
      const { name, kind, appId = null } = connector
      const names = integrationsOf(connector, integrations).map((each) => each.name)
      const shown = { name, kind, appId, tenantId: needs.tenantId, integrations: names.sort() }
      return listResponse([shown], undefined)
    }),

    testConnector: endpoint(routeOf('testConnector'), async ({ request }) => {
      const name = request.params['name'] ?? ''
      const { state = emptySystem } = await openSystem(needs.tables)
      const integration = findName(state, 'integration', name)
      if (integration === undefined) return unknownName('integration', name)
      const outcome = await testConnector(
        needs,
        connector,
        await readConfiguration(),
        readResources,
      )
      return outcome.kind === 'refused' ? outcome : { jsonBody: outcome.test }
    }),
  }
}
