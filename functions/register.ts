import { app, type HttpHandler } from '@azure/functions'
import * as durable from 'durable-functions'
import { routes } from '../shared/config/routes.ts'
import { createReadResources } from '../shared/operations/read-resources.ts'
import { recordForbidden } from '../shared/operations/record-refusal.ts'
import { createTakeMessage } from '../shared/operations/take-message.ts'
import type { Broker } from './broker.ts'
import { orchestrators } from './durable/orchestrators.ts'
import { createStep } from './durable/steps.ts'
import { approvalEndpoints } from './http/approval-endpoints.ts'
import { auditEndpoints } from './http/audit-endpoints.ts'
import { auditProofEndpoints } from './http/audit-proof-endpoints.ts'
import { automaticEndpoints } from './http/automatic-endpoints.ts'
import { catalogEndpoints } from './http/catalog-endpoints.ts'
import { cleanupEndpoints } from './http/cleanup-endpoints.ts'
import { configEndpoints } from './http/config-endpoints.ts'
import { connectorEndpoints } from './http/connector-endpoints.ts'
import { directoryEndpoints } from './http/directory-endpoints.ts'
import { documentEndpoints } from './http/document-endpoints.ts'
import { createEndpoint } from './http/endpoint.ts'
import { grantEndpoints } from './http/grant-endpoints.ts'
import { portalEndpoint } from './http/portal-endpoint.ts'
import { previewEndpoints } from './http/preview-endpoint.ts'
import { reportEndpoints } from './http/report-endpoints.ts'
import { requestEndpoints } from './http/request-endpoints.ts'
import { resourceEndpoints } from './http/resource-endpoints.ts'
import { systemEndpoints } from './http/system-endpoints.ts'
import { takeMessageHandler } from './service-bus/take-message.ts'
import { automaticHandler, carryOnAutomaticHandler } from './timers/automatic-flows.ts'
import { checkpointHandler } from './timers/checkpoint.ts'
import { carryOnCleanupHandler, cleanupHandler } from './timers/cleanup.ts'
import { carryOnDiscoveryHandler, discoveryHandler } from './timers/discovery.ts'
import { reconcileHandler, sweepHandler } from './timers/sweep.ts'

/**
 * It takes every address, and the host tries functions in the order of their names: this name is
 * behind those of all operations.
 */
export const portalFunction = 'webPage'

/** Registers every trigger of the app, on whatever the broker is built of. */
export function register(broker: Broker): void {
  const { needs, settlePair } = broker
  const durableClient = durable.input.durableClient()
  const readResources = createReadResources(needs.tables)

  const endpoint = createEndpoint({
    authenticate: broker.authenticate,
    log: needs.log,
    onForbidden: (caller, route) => recordForbidden(needs, caller, route.operationId),
  })
  const handlers: Readonly<Record<string, HttpHandler>> = {
    ...systemEndpoints(broker, endpoint),
    ...catalogEndpoints(broker, endpoint, readResources),
    ...connectorEndpoints(broker, endpoint, readResources),
    ...directoryEndpoints(broker, endpoint),
    ...resourceEndpoints(broker, endpoint, readResources),
    ...requestEndpoints(broker, endpoint),
    ...approvalEndpoints(broker, endpoint),
    ...previewEndpoints(broker, endpoint),
    ...documentEndpoints(broker, endpoint, readResources),
    ...configEndpoints(broker, endpoint, readResources),
    ...automaticEndpoints(broker, endpoint),
    ...grantEndpoints(broker, endpoint),
    ...cleanupEndpoints(broker, endpoint),
    ...auditEndpoints(broker, endpoint),
    ...auditProofEndpoints(broker, endpoint),
    ...reportEndpoints(broker, endpoint),
  }
  for (const { operationId, method, path } of routes) {
    const handler = handlers[operationId]
    if (handler === undefined) throw new Error(`Cannot serve ${operationId}: it has no handler`)
    app.http(operationId, {
      methods: [method],
      route: `api${path}`,
      authLevel: 'anonymous',
      extraInputs: [durableClient],
      handler,
    })
  }
  app.http(portalFunction, {
    methods: ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS'],
    route: '{*path}',
    authLevel: 'anonymous',
    handler: portalEndpoint({
      folder: broker.portalFolder,
      authority: broker.signIn.authority,
    }),
  })

  for (const [name, orchestrator] of Object.entries(orchestrators)) {
    durable.app.orchestration(name, orchestrator)
  }
  durable.app.activity('grant', { handler: createStep(needs, settlePair, 'grant') })
  durable.app.activity('end', { handler: createStep(needs, settlePair, 'end') })

  app.serviceBusQueue('takeMessage', {
    connection: 'ServiceBusConnection',
    queueName: 'access-requests',
    extraInputs: [durableClient],
    handler: takeMessageHandler(needs, createTakeMessage(needs, broker.submitRequest)),
  })
  app.timer('sweep', {
    schedule: '%SWEEP_SCHEDULE%',
    extraInputs: [durableClient],
    handler: sweepHandler(broker),
  })
  app.timer('discoverRegularly', {
    schedule: '%DISCOVERY_SCHEDULE%',
    extraInputs: [durableClient],
    handler: discoveryHandler(broker),
  })
  app.timer('carryOnDiscovery', {
    schedule: '%SWEEP_SCHEDULE%',
    extraInputs: [durableClient],
    handler: carryOnDiscoveryHandler(broker),
  })
  app.timer('evaluateAutomaticFlows', {
    schedule: '%DISCOVERY_SCHEDULE%',
    extraInputs: [durableClient],
    handler: automaticHandler(broker, readResources),
  })
  app.timer('carryOnAutomaticFlows', {
    schedule: '%SWEEP_SCHEDULE%',
    extraInputs: [durableClient],
    handler: carryOnAutomaticHandler(broker, readResources),
  })
  app.timer('reconcileOpen', {
    schedule: '%RECONCILE_SCHEDULE%',
    extraInputs: [durableClient],
    handler: reconcileHandler(broker),
  })
  app.timer('cleanUp', {
    schedule: '%CLEANUP_SCHEDULE%',
    handler: cleanupHandler(broker),
  })
  app.timer('carryOnCleanup', {
    schedule: '%SWEEP_SCHEDULE%',
    handler: carryOnCleanupHandler(broker),
  })
  app.timer('checkpoint', {
    schedule: '%CHECKPOINT_SCHEDULE%',
    handler: checkpointHandler(broker),
  })
}
