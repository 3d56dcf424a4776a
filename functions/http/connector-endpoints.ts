import type { HttpHandler } from '@azure/functions'
import { routeOf } from '../../shared/config/routes.ts'
import { findName, unknownName } from '../../shared/operations/documents.ts'
import type { ReadResources } from '../../shared/operations/read-resources.ts'
import { emptySystem, openSystem } from '../../shared/operations/system-stream.ts'
import { testConnector } from '../../shared/operations/test-connector.ts'
import type { Broker } from '../broker.ts'
import type { Endpoint } from './endpoint.ts'

/** `/integrations/{name}/test`: what its connector can and cannot do. */
export function connectorEndpoints(
  { needs, connector, readConfiguration }: Broker,
  endpoint: Endpoint,
  readResources: ReadResources,
): Readonly<Record<string, HttpHandler>> {
  return {
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
