/*
 * Over 300 lines on purpose: every setting that cannot work is a line of one table.
 */
import { readFile } from 'node:fs/promises'
import { describe, expect, test } from 'vitest'
import { readSettings, SettingsError } from '../../shared/config/settings.ts'

const tenant = '10000000-0000-4000-8000-000000000001'
const client = '60000000-0000-4000-8000-00000000000e'
const storage =
  'DefaultEndpointsProtocol=https;AccountName=contoso;AccountKey=bG9jYWw=;EndpointSuffix=core.windows.net'
const bus =
  'Endpoint=sb://contoso.servicebus.windows.net;SharedAccessKeyName=local;SharedAccessKey=local'

type Environment = Readonly<Record<string, string | undefined>>

const complete: Environment = {
  AzureWebJobsStorage: storage,
  ServiceBusConnection: bus,
  ENTRA_TENANT_ID: tenant,
  ENTRA_API_CLIENT_ID: client,
  SWEEP_SCHEDULE: '*/30 * * * * *',
  RECONCILE_SCHEDULE: '0 0 * * * *',
  DISCOVERY_SCHEDULE: '0 0 * * * *',
  CHECKPOINT_SCHEDULE: '0 */5 * * * *',
  CLEANUP_SCHEDULE: '0 0 4 * * *',
}

const local: Environment = {
  ENTRA_AUTHORITY: 'http://localhost:7072',
  GRAPH_BASE_URL: 'http://127.0.0.1:7072',
  CONNECTOR_CREDENTIAL: 'local',
}

const settingsWith = (over: Environment) => readSettings({ ...complete, ...over })

const problemsWith = (over: Environment): readonly string[] => {
  try {
    settingsWith(over)
  } catch (error) {
    if (error instanceof SettingsError) return error.problems
    throw error
  }
  return []
}

describe('readSettings()', () => {
  test('has the defaults of the contract', () => {
    expect(readSettings(complete)).toEqual({
      tenantId: tenant,
      apiClientId: client,
      portalClientId: client,
      authority: 'https://login.microsoftonline.com',
      graphBaseUrl: 'https://graph.microsoft.com',
      tables: { kind: 'connection-string', connectionString: storage },
      serviceBus: { kind: 'connection-string', connectionString: bus },
      connector: { kind: 'managed-identity' },
      minimumDuration: 300_000,
      overdueAfter: 300_000,
      requestTimeout: 86_400_000,
      retryMaximum: 60_000,
      replicationTime: 60_000,
      sweepGrace: 3_000,
      giveUpAfter: 900_000,
      maximumPending: 20,
      graphWritesPerSecond: 20,
      maximumInstances: 1,
      mostPeopleLeft: { people: 20, percent: 20 },
      apiUrl: undefined,
      archive: undefined,
      cleanup: { day: 86_400_000 },
    })
  })

  test.each([
    ['the application of the API', { ENTRA_API_CLIENT_ID: `api://${client}` }, client],
    ['the application that is named', { PORTAL_CLIENT_ID: tenant }, tenant],
  ])('signs people in with %s', (_what, over, expected) => {
    expect(settingsWith(over).portalClientId).toBe(expected)
  })

  test('takes whatever is set instead', () => {
    expect(
      settingsWith({
        MINIMUM_DURATION: 'PT1S',
        REVOKE_OVERDUE_AFTER: 'PT2M',
        RETRY_MAXIMUM: 'PT5S',
        REPLICATION_TIME: 'PT2S',
        SWEEP_GRACE: 'PT0S',
        GRANT_GIVE_UP: 'PT1H',
        MAXIMUM_PENDING: '5',
        GRAPH_WRITES_PER_SECOND: '50',
        MAXIMUM_INSTANCES: '3',
        PEOPLE_LEFT_MAXIMUM: '50',
        PEOPLE_LEFT_PERCENT: '10',
        API_URL: 'https://access.contoso.example/api',
      }),
    ).toMatchObject({
      minimumDuration: 1_000,
      overdueAfter: 120_000,
      retryMaximum: 5_000,
      replicationTime: 2_000,
      sweepGrace: 0,
      giveUpAfter: 3_600_000,
      maximumPending: 5,
      graphWritesPerSecond: 50,
      maximumInstances: 3,
      mostPeopleLeft: { people: 50, percent: 10 },
      apiUrl: 'https://access.contoso.example/api',
    })
  })

  test('takes the audience as client id or as application id URI', () => {
    const uri = `api://${client}`
    expect(settingsWith({ ENTRA_API_CLIENT_ID: uri }).apiClientId).toBe(uri)
  })

  test('takes spaces around a value for none, and an empty value for absent', () => {
    expect(settingsWith({ ENTRA_TENANT_ID: ` ${tenant.toUpperCase()} ` }).tenantId).toBe(tenant)
    expect(settingsWith({ RETRY_MAXIMUM: '' }).retryMaximum).toBe(60_000)
    expect(settingsWith({ ENTRA_AUTHORITY: 'https://login.microsoftonline.com/' }).authority).toBe(
      'https://login.microsoftonline.com',
    )
  })

  test('names everything that is missing in one message', () => {
    expect(() => readSettings({})).toThrow(
      new SettingsError([
        'ENTRA_TENANT_ID is missing',
        'ENTRA_API_CLIENT_ID is missing',
        'AzureWebJobsStorage (or AzureWebJobsStorage__accountName) is missing',
        'ServiceBusConnection (or ServiceBusConnection__fullyQualifiedNamespace) is missing',
        'SWEEP_SCHEDULE is missing',
        'RECONCILE_SCHEDULE is missing',
        'DISCOVERY_SCHEDULE is missing',
        'CHECKPOINT_SCHEDULE is missing',
        'CLEANUP_SCHEDULE is missing',
      ]),
    )
  })

  test('names everything that is wrong in one message, and no value of a secret', () => {
    const message = problemsWith({
      MINIMUM_DURATION: 'soon',
      MAXIMUM_PENDING: '0',
      ServiceBusConnection: 'SharedAccessKey=do-not-show',
      CONNECTOR_CREDENTIAL: 'password',
    }).join('\n')
    expect(message.split('\n')).toHaveLength(4)
    expect(message).not.toContain('do-not-show')
  })

  test.each<[what: string, over: Environment, problem: RegExp]>([
    ['a duration in words', { MINIMUM_DURATION: 'five minutes' }, /^MINIMUM_DURATION is no ISO/],
    ['a duration in months', { REVOKE_OVERDUE_AFTER: 'P1M' }, /^REVOKE_OVERDUE_AFTER is no ISO/],
    ['a negative duration', { REPLICATION_TIME: '-PT1S' }, /^REPLICATION_TIME is no ISO/],
    ['a minimum of nothing', { MINIMUM_DURATION: 'PT0S' }, /^MINIMUM_DURATION has to be longer/],
    ['retries without a pause', { RETRY_MAXIMUM: 'PT0S' }, /^RETRY_MAXIMUM has to be longer/],
    ['giving up at once', { GRANT_GIVE_UP: 'PT0S' }, /^GRANT_GIVE_UP has to be longer/],
    ['overdue at once', { REVOKE_OVERDUE_AFTER: 'PT0S' }, /^REVOKE_OVERDUE_AFTER has to be longer/],
    ['no pending ones at all', { MAXIMUM_PENDING: '0' }, /^MAXIMUM_PENDING is no whole number/],
    ['half a pending one', { MAXIMUM_PENDING: '1.5' }, /^MAXIMUM_PENDING is no whole number/],
    ['a number in words', { MAXIMUM_PENDING: 'ten' }, /^MAXIMUM_PENDING is no whole number/],
    [
      'a tenant by its domain',
      { ENTRA_TENANT_ID: 'contoso.example' },
      /^ENTRA_TENANT_ID is no GUID/,
    ],
    [
      'a client by its name',
      { ENTRA_API_CLIENT_ID: 'entra-jit' },
      /^ENTRA_API_CLIENT_ID is no GUID/,
    ],
    ['a portal that is no GUID', { PORTAL_CLIENT_ID: 'portal' }, /^PORTAL_CLIENT_ID is no GUID/],
    ['no schedule of the sweep', { SWEEP_SCHEDULE: '' }, /^SWEEP_SCHEDULE is missing/],
    ['a schedule in words', { SWEEP_SCHEDULE: 'often' }, /^SWEEP_SCHEDULE is no NCRONTAB/],
    [
      'a schedule of four fields',
      { RECONCILE_SCHEDULE: '0 * * *' },
      /^RECONCILE_SCHEDULE is no NCRONTAB/,
    ],
    ['an address that is none', { API_URL: 'contoso' }, /^API_URL is no address/],
    [
      'an address over an open line',
      { API_URL: 'http://contoso.example' },
      /^API_URL has to be https/,
    ],
    [
      'an authority that is no address',
      { ENTRA_AUTHORITY: 'contoso' },
      /^ENTRA_AUTHORITY is no address/,
    ],
    [
      'an authority over an open line',
      { ENTRA_AUTHORITY: 'http://login.microsoftonline.com' },
      /^ENTRA_AUTHORITY has to be https/,
    ],
    ['a Graph that is no address', { GRAPH_BASE_URL: 'graph' }, /^GRAPH_BASE_URL is no address/],
    [
      'a Graph of nobody',
      { GRAPH_BASE_URL: 'https://graph.example' },
      /^GRAPH_BASE_URL is none of/,
    ],
    [
      'a Graph over an open line',
      { GRAPH_BASE_URL: 'http://graph.microsoft.com' },
      /^GRAPH_BASE_URL is none of/,
    ],
    [
      'a Graph with another host in front',
      { GRAPH_BASE_URL: 'https://graph.microsoft.com.example' },
      /^GRAPH_BASE_URL is none of/,
    ],
    [
      'a Graph here and an authority elsewhere',
      { GRAPH_BASE_URL: 'http://127.0.0.1:7072' },
      /^GRAPH_BASE_URL may be on this machine only/,
    ],
    [
      'Graph and authority of different clouds',
      { GRAPH_BASE_URL: 'https://graph.microsoft.us' },
      /belong to different clouds/,
    ],
    [
      'a local authority and a Graph elsewhere',
      { ENTRA_AUTHORITY: 'http://localhost:7072' },
      /belong to different clouds/,
    ],
    [
      'a credential that there is none of',
      { CONNECTOR_CREDENTIAL: 'password' },
      /^CONNECTOR_CREDENTIAL is none of/,
    ],
    [
      'a credential named like a part of objects',
      { CONNECTOR_CREDENTIAL: 'constructor' },
      /^CONNECTOR_CREDENTIAL is none of/,
    ],
    [
      'the local credential elsewhere',
      { CONNECTOR_CREDENTIAL: 'local' },
      /^CONNECTOR_CREDENTIAL=local needs/,
    ],
    [
      'a storage connection that is none',
      { AzureWebJobsStorage: 'contoso' },
      /^AzureWebJobsStorage is no connection string/,
    ],
    [
      'a bus connection that is none',
      { ServiceBusConnection: 'contoso' },
      /^ServiceBusConnection is no connection string/,
    ],
    [
      'storage by key and by identity',
      { AzureWebJobsStorage__accountName: 'contoso' },
      /^AzureWebJobsStorage and AzureWebJobsStorage__accountName or .* exclude each other/,
    ],
    [
      'storage by an empty key and by identity',
      { AzureWebJobsStorage: '', AzureWebJobsStorage__accountName: 'contoso' },
      /^AzureWebJobsStorage and .* exclude each other/,
    ],
    [
      'tables by key and by identity',
      {
        AccessStorage: storage,
        AccessStorage__tableServiceUri: 'https://contoso.table.core.windows.net',
      },
      /^AccessStorage and .* exclude each other/,
    ],
    [
      'a bus by key and by identity',
      { ServiceBusConnection__fullyQualifiedNamespace: 'contoso.servicebus.windows.net' },
      /^ServiceBusConnection and .* exclude each other/,
    ],
    [
      'tables apart, and nothing for the host',
      { AzureWebJobsStorage: undefined, AccessStorage: storage },
      /^AzureWebJobsStorage .* is missing/,
    ],
    [
      'tables apart, and the host by key and identity',
      { AccessStorage: storage, AzureWebJobsStorage__accountName: 'contoso' },
      /^AzureWebJobsStorage and .* exclude each other/,
    ],
    [
      'tables at an address that is none',
      {
        AzureWebJobsStorage: undefined,
        AzureWebJobsStorage__accountName: 'contoso',
        AccessStorage__tableServiceUri: 'contoso',
      },
      /^AccessStorage__tableServiceUri is no https address/,
    ],
    [
      'tables over an open line',
      {
        AzureWebJobsStorage: undefined,
        AzureWebJobsStorage__accountName: 'contoso',
        AccessStorage__tableServiceUri: 'http://contoso.example',
      },
      /^AccessStorage__tableServiceUri is no https address/,
    ],
  ])('refuses %s', (_what, over, problem) => {
    expect(problemsWith(over)).toEqual([expect.stringMatching(problem)])
  })

  test.each<[kind: string, over: Environment, missing: readonly string[]]>([
    ['client-secret', {}, ['CONNECTOR_CLIENT_ID', 'CONNECTOR_CLIENT_SECRET']],
    ['client-secret', { CONNECTOR_CLIENT_ID: client }, ['CONNECTOR_CLIENT_SECRET']],
    ['certificate', {}, ['CONNECTOR_CLIENT_ID', 'CONNECTOR_CERTIFICATE_PATH']],
  ])('says what the credential %s lacks with %j', (kind, over, missing) => {
    expect(problemsWith({ CONNECTOR_CREDENTIAL: kind, ...over })).toEqual(
      missing.map((name) => `${name} is missing for CONNECTOR_CREDENTIAL=${kind}`),
    )
  })

  test('takes identities instead of keys', () => {
    const identity = {
      AzureWebJobsStorage: undefined,
      ServiceBusConnection: undefined,
      AzureWebJobsStorage__accountName: 'contoso',
      AzureWebJobsStorage__clientId: client,
      AzureWebJobsStorage__credential: 'managedidentity',
      ServiceBusConnection__fullyQualifiedNamespace: 'contoso.servicebus.windows.net',
      ServiceBusConnection__clientId: client,
      AZURE_CLIENT_ID: client,
    }
    expect(settingsWith(identity)).toMatchObject({
      tables: {
        kind: 'identity',
        tableUri: 'https://contoso.table.core.windows.net',
        clientId: client,
      },
      serviceBus: {
        kind: 'identity',
        namespace: 'contoso.servicebus.windows.net',
        clientId: client,
      },
      connector: { kind: 'managed-identity', clientId: client },
    })
  })

  test('keeps our tables apart from the host where they are named', () => {
    const uri = 'https://tables.contoso.example'
    expect(settingsWith({ AccessStorage__tableServiceUri: uri }).tables).toEqual({
      kind: 'identity',
      tableUri: uri,
    })
    expect(settingsWith({ AccessStorage: 'UseDevelopmentStorage=true' }).tables).toEqual({
      kind: 'connection-string',
      connectionString: 'UseDevelopmentStorage=true',
    })
  })

  test.each([
    ['https://graph.microsoft.us', 'https://login.microsoftonline.us'],
    ['https://dod-graph.microsoft.us', 'https://login.microsoftonline.us'],
    ['https://microsoftgraph.chinacloudapi.cn', 'https://login.chinacloudapi.cn'],
  ])('takes %s with %s of the same cloud', (graph, authority) => {
    const settings = settingsWith({ GRAPH_BASE_URL: graph, ENTRA_AUTHORITY: authority })
    expect(settings).toMatchObject({ graphBaseUrl: graph, authority })
  })

  test('takes the local stack, where the secret keeps nobody out', () => {
    expect(settingsWith(local).connector).toEqual({
      kind: 'local',
      clientId: client,
      clientSecret: 'local',
    })
  })
})

/** Settings of the contract, and what the host itself knows. */
const known = new Set([
  'FUNCTIONS_WORKER_RUNTIME',
  'AzureWebJobsStorage',
  'AzureWebJobsStorage__accountName',
  'AccessStorage',
  'AccessStorage__tableServiceUri',
  'ServiceBusConnection',
  'ServiceBusConnection__fullyQualifiedNamespace',
  'ENTRA_TENANT_ID',
  'ENTRA_API_CLIENT_ID',
  'ENTRA_AUTHORITY',
  'GRAPH_BASE_URL',
  'CONNECTOR_CREDENTIAL',
  'MINIMUM_DURATION',
  'REVOKE_OVERDUE_AFTER',
  'REQUEST_TIMEOUT',
  'RETRY_MAXIMUM',
  'REPLICATION_TIME',
  'SWEEP_GRACE',
  'SWEEP_SCHEDULE',
  'RECONCILE_SCHEDULE',
  'DISCOVERY_SCHEDULE',
  'CLEANUP_SCHEDULE',
  'ROTATION_SCHEDULE',
  'CHECKPOINT_SCHEDULE',
  'CLEANUP_SCHEDULE',
])

describe('local.settings.sample.json', () => {
  const sample = async (): Promise<Record<string, string>> => {
    const text = await readFile(
      new URL('../../local.settings.sample.json', import.meta.url),
      'utf8',
    )
    return JSON.parse(text).Values
  }

  test('starts the app as it is', async () => {
    expect(readSettings(await sample())).toMatchObject({
      authority: 'http://localhost:7072',
      minimumDuration: 1_000,
      retryMaximum: 5_000,
      replicationTime: 2_000,
      connector: { kind: 'local' },
    })
  })

  test('has names alone that the contract knows, and that somebody reads', async () => {
    const read = new Set<string>(['FUNCTIONS_WORKER_RUNTIME'])
    const values = await sample()
    readSettings(
      new Proxy(values, {
        get(target, name) {
          read.add(String(name))
          return Reflect.get(target, name)
        },
      }),
    )
    const names = Object.keys(values)
    expect(names.filter((name) => !known.has(name))).toEqual([])
    expect(names.filter((name) => !read.has(name))).toEqual([])
  })
})
