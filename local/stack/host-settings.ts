/** Shorter times than a tenant would use, so that everything can be watched; the shell may set others. */
const pace = {
  MINIMUM_DURATION: 'PT1S',
  RETRY_MAXIMUM: 'PT5S',
  REPLICATION_TIME: 'PT2S',
  SWEEP_SCHEDULE: '*/2 * * * * *',
  RECONCILE_SCHEDULE: '0 * * * * *',
  DISCOVERY_SCHEDULE: '30 * * * * *',
  CHECKPOINT_SCHEDULE: '*/10 * * * * *',
  CLEANUP_SCHEDULE: '20 * * * * *',
  CLEANUP_DAY: 'P1D',
  AUDIT_CONTAINER: 'audit',
}

interface Surroundings {
  readonly connectionStrings: { readonly storage: string; readonly serviceBus: string }
  readonly tenantId: string
  readonly clientId: string
  readonly authority: string
  readonly graphBaseUrl: string
}

/** The app's settings on this machine. */
export function hostSettings(
  around: Surroundings,
  shell: Readonly<Record<string, string | undefined>>,
): Readonly<Record<string, string>> {
  const chosen = Object.entries(pace).map(([name, value]) => [name, shell[name] ?? value])
  return {
    FUNCTIONS_WORKER_RUNTIME: 'node',
    AzureWebJobsStorage: around.connectionStrings.storage,
    ServiceBusConnection: around.connectionStrings.serviceBus,
    ENTRA_TENANT_ID: around.tenantId,
    ENTRA_API_CLIENT_ID: around.clientId,
    ENTRA_AUTHORITY: around.authority,
    GRAPH_BASE_URL: around.graphBaseUrl,
    CONNECTOR_CREDENTIAL: 'local',
    ...Object.fromEntries(chosen),
  }
}
