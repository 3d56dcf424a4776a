import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { TableClient } from '@azure/data-tables'
import { ServiceBusClient } from '@azure/service-bus'
import {
  type BusConnection,
  readSettings,
  type Settings,
  type StorageConnection,
} from '../shared/config/settings.ts'
import { appIdentity, createCredential } from '../shared/directory/credential.ts'
import { cacheTokens } from '../shared/directory/credential-cache.ts'
import { createGraphAccounts } from '../shared/directory/graph-accounts.ts'
import { createGraphDirectory } from '../shared/directory/graph-directory.ts'
import { createWriteGovernor, shareOf } from '../shared/directory/write-governor.ts'
import { createServiceBusPublisher } from '../shared/events/service-bus-publisher.ts'
import { createAuthenticate } from '../shared/identity/authenticate.ts'
import { createAzureTables, type NewTableClient } from '../shared/ledger/azure-tables.ts'
import type { CheckpointArchive } from '../shared/ledger/checkpoint-archive.ts'
import {
  createCheckpointContainer,
  placeOfConnection,
} from '../shared/ledger/checkpoint-container.ts'
import type { CleanupNeeds } from '../shared/operations/cleanup-needs.ts'
import { createDecideApproval } from '../shared/operations/decide-approval.ts'
import { createJudgeStarts } from '../shared/operations/judge-starts.ts'
import type { Log, Needs } from '../shared/operations/needs.ts'
import { createReadResources } from '../shared/operations/read-resources.ts'
import { createSettlePair } from '../shared/operations/settle-pair.ts'
import { createSubmitRequest } from '../shared/operations/submit-request.ts'
import { createReadConfiguration, openSystem } from '../shared/operations/system-stream.ts'
import type { Connector } from '../shared/operations/test-connector.ts'
import type { Broker, SignIn } from './broker.ts'

/** Builds every adapter from the settings and puts the product together. */
export async function buildBroker(
  environment: Readonly<Record<string, string | undefined>>,
): Promise<Broker> {
  const settings = readSettings(environment)
  const log = createLog()
  const now = () => new Date()
  const tables = createAzureTables(tableClients(settings.tables))
  await tables.prepare()
  const bus = busClient(settings.serviceBus)
  const graph = {
    credential: createCredential({
      ...settings.connector,
      tenantId: settings.tenantId,
      authority: settings.authority,
    }),
    baseUrl: settings.graphBaseUrl,
    tenantId: settings.tenantId,
    apiClientId: settings.apiClientId.replace(/^api:\/\//i, ''),
    now,
  }
  const directory = createGraphDirectory({
    ...graph,
    governor: createWriteGovernor({
      perSecond: shareOf(settings.graphWritesPerSecond, settings.maximumInstances),
      now,
      wait: (milliseconds) => sleep(milliseconds),
    }),
  })
  const needs: Needs = {
    tables,
    directory,
    publisher: createServiceBusPublisher(bus, 'access-events', sourceOf(settings)),
    log,
    now,
    random: (count) => randomBytes(count),
    pause: async (milliseconds) => {
      if (milliseconds > 0) await sleep(milliseconds)
    },
    tenantId: settings.tenantId,
    limits: {
      overdueAfter: settings.overdueAfter,
      giveUpAfter: settings.giveUpAfter,
      replicationTime: settings.replicationTime,
      retryMaximum: settings.retryMaximum,
    },
    rules: {
      minimumDuration: settings.minimumDuration,
      requestTimeout: settings.requestTimeout,
      maximumPending: settings.maximumPending,
      sweepGrace: settings.sweepGrace,
      mostPeopleLeft: settings.mostPeopleLeft,
    },
  }
  const readConfiguration = createReadConfiguration(tables)
  const archive = archiveOf(settings, now)
  const cleanupNeeds: CleanupNeeds = {
    ...needs,
    accounts: createGraphAccounts({ ...graph, apiClientId: settings.apiClientId }),
    cleanup: { ...settings.cleanup, ownApplications: ownApplications(settings) },
    readConfiguration,
    readResources: createReadResources(tables),
  }
  return {
    needs,
    cleanupNeeds,
    ...(archive === undefined ? {} : { archive }),
    authenticate: createAuthenticate({
      authority: settings.authority,
      tenantId: settings.tenantId,
      audience: settings.apiClientId,
      now,
    }),
    readConfiguration,
    submitRequest: createSubmitRequest(needs, readConfiguration),
    decideApproval: createDecideApproval(needs, readConfiguration),
    settlePair: createSettlePair(needs, createJudgeStarts(needs, readConfiguration)),
    signIn: signInOf(settings),
    // Beside the bundle that this is a part of.
    portalFolder: join(import.meta.dirname, 'portal'),
    connector: connectorOf(settings),
    checks: {
      storage: async () => {
        await openSystem(tables)
      },
      directory: () => directory.ping(),
      serviceBus: async () => {
        const receiver = bus.createReceiver('access-requests', { receiveMode: 'peekLock' })
        try {
          await receiver.peekMessages(1)
        } finally {
          await receiver.close()
        }
      },
    },
  }
}

/** Client ids of this product: whoever owns one of them is never cleaned up. */
function ownApplications({ apiClientId, portalClientId, connector }: Settings): readonly string[] {
  const ids = [apiClientId, portalClientId, connector.clientId ?? '']
  return [...new Set(ids.map((id) => id.replace(/^api:\/\//i, '').toLowerCase()))].filter(Boolean)
}

function tableClients(connection: StorageConnection): NewTableClient {
  if (connection.kind === 'connection-string') {
    return (table, options) =>
      TableClient.fromConnectionString(connection.connectionString, table, {
        ...options,
        allowInsecureConnection: true,
      })
  }
  const credential = appIdentity(connection.clientId)
  return (table, options) => new TableClient(connection.tableUri, table, credential, options)
}

function archiveOf({ archive: wanted }: Settings, now: () => Date): CheckpointArchive | undefined {
  if (wanted === undefined) return undefined
  const { container } = wanted
  if (wanted.kind === 'connection-string') {
    const place = placeOfConnection(wanted.connectionString, container)
    return place && createCheckpointContainer(place, now)
  }
  const credential = cacheTokens(appIdentity(wanted.clientId), now)
  const token = async () =>
    (await credential.getToken('https://storage.azure.com/.default'))?.token ?? ''
  return createCheckpointContainer({ endpoint: wanted.blobUri, container, access: { token } }, now)
}

function busClient(connection: BusConnection): ServiceBusClient {
  const options = { retryOptions: { maxRetries: 1, timeoutInMs: 10_000 } }
  return connection.kind === 'connection-string'
    ? new ServiceBusClient(connection.connectionString, options)
    : new ServiceBusClient(connection.namespace, appIdentity(connection.clientId), options)
}

/** All integrations go by one connector. */
function connectorOf({ connector: { kind, clientId } }: Settings): Connector {
  return { name: 'default', kind, ...(clientId === undefined ? {} : { appId: clientId }) }
}

/** What clients are told about signing in: the portal and the command line are public clients. */
function signInOf(settings: Settings): SignIn {
  const { authority, tenantId } = settings
  return {
    authority,
    tenantId,
    clientId: settings.portalClientId,
    scope: `api://${settings.apiClientId.replace(/^api:\/\//i, '')}/Access.Use openid profile offline_access`,
    endSession: `${authority}/${tenantId}/oauth2/v2.0/logout`,
  }
}

/** The `source` of CloudEvents: which broker of which tenant speaks. */
function sourceOf(settings: Settings): string {
  return settings.apiUrl ?? `urn:entra-jit:${settings.tenantId}`
}

/** One JSON line an event: the platform's log collection keeps it together with its invocation. */
function createLog(): Log {
  return (level, message, facts = {}) => {
    const line = JSON.stringify({ level, message, ...facts })
    if (level === 'error') console.error(line)
    else if (level === 'warning') console.warn(line)
    else console.log(line)
  }
}
