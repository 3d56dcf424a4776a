/*
 * Over 300 lines on purpose: every setting is read and judged in this one place.
 */
import { durationOf } from '../access/duration.ts'
import { BrokerError } from '../access/errors.ts'
import { apiUrlOf, isLoopback, urlOf } from './addresses.ts'
import { type ArchiveSettings, archiveOf } from './archive-settings.ts'
import { type CleanupSettings, cleanupOf } from './cleanup-settings.ts'
import { portalClientOf } from './portal-settings.ts'

/** Settings as the product uses them; times in milliseconds. Names are those of the contract. */
export interface Settings {
  readonly tenantId: string
  readonly apiClientId: string
  /** The client that signs people in: the API's own application unless another is named. */
  readonly portalClientId: string
  readonly authority: string
  readonly graphBaseUrl: string
  readonly tables: StorageConnection
  readonly serviceBus: BusConnection
  readonly connector: ConnectorSettings
  readonly minimumDuration: number
  readonly overdueAfter: number
  readonly retryMaximum: number
  readonly replicationTime: number
  readonly sweepGrace: number
  readonly giveUpAfter: number
  readonly requestTimeout: number
  readonly maximumPending: number
  /** Writes to the directory a second, of all instances together. */
  readonly graphWritesPerSecond: number
  readonly maximumInstances: number
  /** Beyond both, people who have left are not believed to have: a number, and a part of all access. */
  readonly mostPeopleLeft: { readonly people: number; readonly percent: number }
  readonly apiUrl: string | undefined
  /** Where checkpoints of the audit are kept once more; undefined for nowhere. */
  readonly archive: ArchiveSettings | undefined
  readonly cleanup: CleanupSettings
}

export type StorageConnection =
  | { readonly kind: 'connection-string'; readonly connectionString: string }
  | { readonly kind: 'identity'; readonly tableUri: string; readonly clientId?: string }

export type BusConnection =
  | { readonly kind: 'connection-string'; readonly connectionString: string }
  | { readonly kind: 'identity'; readonly namespace: string; readonly clientId?: string }

export type CredentialKind =
  | 'managed-identity'
  | 'client-secret'
  | 'certificate'
  | 'workload-identity'
  | 'local'

/** How the broker proves itself to the directory. */
export interface ConnectorSettings {
  readonly kind: CredentialKind
  readonly clientId?: string
  readonly clientSecret?: string
  readonly certificatePath?: string
}

/** Settings that are missing or contradict each other; the message names every one of them. */
export class SettingsError extends BrokerError {
  override readonly name = 'SettingsError'
  readonly code = 'SETTINGS_INVALID'
  readonly retryable = false
  readonly problems: readonly string[]

  constructor(problems: readonly string[]) {
    super(`Cannot start: ${problems.join('; ')}`)
    this.problems = problems
  }
}

type Environment = Readonly<Record<string, string | undefined>>

const idPattern = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i
/** The audience of tokens may have the form of an application id URI. */
const clientIdPattern = /^(api:\/\/)?[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i
/** The bindings of the timers name them. */
const schedules = [
  'SWEEP_SCHEDULE',
  'RECONCILE_SCHEDULE',
  'DISCOVERY_SCHEDULE',
  'CHECKPOINT_SCHEDULE',
  'CLEANUP_SCHEDULE',
]
const schedulePattern = /^[\d*,/A-Za-z-]+(\s+[\d*,/A-Za-z-]+){4,5}$/

/** Graph hosts of the known clouds, each with the authority of the same cloud. */
const clouds: Readonly<Record<string, readonly string[]>> = {
  'graph.microsoft.com': ['login.microsoftonline.com'],
  'graph.microsoft.us': ['login.microsoftonline.us'],
  'dod-graph.microsoft.us': ['login.microsoftonline.us'],
  'microsoftgraph.chinacloudapi.cn': ['login.chinacloudapi.cn', 'login.partner.microsoftonline.cn'],
}

/** Reads and checks all settings at once, so that one message names everything that is wrong. */
export function readSettings(environment: Environment): Settings {
  const problems: string[] = []
  const text = (name: string): string | undefined => {
    const value = environment[name]?.trim()
    return value === undefined || value === '' ? undefined : value
  }
  const required = (name: string): string => {
    const value = text(name)
    if (value === undefined) problems.push(`${name} is missing`)
    return value ?? ''
  }
  const durationOrNone = (name: string, fallback: string): number => {
    const value = text(name) ?? fallback
    const milliseconds = durationOf(value)
    if (milliseconds === undefined) problems.push(`${name} is no ISO 8601 duration ("${value}")`)
    return milliseconds ?? 1
  }
  const duration = (name: string, fallback: string): number => {
    const milliseconds = durationOrNone(name, fallback)
    if (milliseconds <= 0) problems.push(`${name} has to be longer than nothing`)
    return milliseconds
  }
  const id = (name: string, form: RegExp): string => {
    const value = required(name)
    if (value !== '' && !form.test(value)) problems.push(`${name} is no GUID`)
    return value
  }
  const whole = (name: string, fallback: number): number => {
    const value = Number(text(name) ?? fallback)
    if (!Number.isInteger(value) || value < 1) problems.push(`${name} is no whole number above 0`)
    return value
  }

  const authority = (text('ENTRA_AUTHORITY') ?? 'https://login.microsoftonline.com').replace(
    /\/$/,
    '',
  )
  const graphBaseUrl = (text('GRAPH_BASE_URL') ?? 'https://graph.microsoft.com').replace(/\/$/, '')
  problems.push(...addressProblems(authority, graphBaseUrl))

  const settings: Settings = {
    tenantId: id('ENTRA_TENANT_ID', idPattern).toLowerCase(),
    apiClientId: id('ENTRA_API_CLIENT_ID', clientIdPattern),
    portalClientId: portalClientOf(text, problems),
    authority,
    graphBaseUrl,
    tables: tablesOf(environment, text, problems),
    serviceBus: busOf(environment, text, problems),
    connector: connectorOf(text, isLoopback(authority), problems),
    minimumDuration: duration('MINIMUM_DURATION', 'PT5M'),
    overdueAfter: duration('REVOKE_OVERDUE_AFTER', 'PT5M'),
    retryMaximum: duration('RETRY_MAXIMUM', 'PT1M'),
    replicationTime: durationOrNone('REPLICATION_TIME', 'PT60S'),
    sweepGrace: durationOrNone('SWEEP_GRACE', 'PT3S'),
    giveUpAfter: duration('GRANT_GIVE_UP', 'PT15M'),
    requestTimeout: duration('REQUEST_TIMEOUT', 'P1D'),
    maximumPending: whole('MAXIMUM_PENDING', 20),
    graphWritesPerSecond: whole('GRAPH_WRITES_PER_SECOND', 20),
    maximumInstances: whole('MAXIMUM_INSTANCES', 1),
    mostPeopleLeft: {
      people: whole('PEOPLE_LEFT_MAXIMUM', 20),
      percent: whole('PEOPLE_LEFT_PERCENT', 20),
    },
    apiUrl: apiUrlOf(text, problems),
    archive: archiveOf(text, problems),
    cleanup: cleanupOf(text, isLoopback(authority), problems),
  }
  // The bindings name them: without one its timer never runs, and nothing else would say so.
  for (const name of schedules) {
    const value = required(name)
    if (value !== '' && !schedulePattern.test(value)) {
      problems.push(`${name} is no NCRONTAB expression of five or six fields ("${value}")`)
    }
  }
  if (problems.length > 0) throw new SettingsError(problems)
  return settings
}

type ReadText = (name: string) => string | undefined

function tablesOf(environment: Environment, text: ReadText, problems: string[]): StorageConnection {
  const own = storageOf('AccessStorage', environment, text, problems)
  const host = storageOf('AzureWebJobsStorage', environment, text, problems)
  if (host === undefined && text('AzureWebJobsStorage__blobServiceUri') === undefined) {
    problems.push('AzureWebJobsStorage (or AzureWebJobsStorage__accountName) is missing')
  }
  return own ?? host ?? { kind: 'connection-string', connectionString: '' }
}

function storageOf(
  name: string,
  environment: Environment,
  text: ReadText,
  problems: string[],
): StorageConnection | undefined {
  const account = text(`${name}__accountName`)
  const given = text(`${name}__tableServiceUri`)
  if (given !== undefined && urlOf(given)?.protocol !== 'https:') {
    problems.push(`${name}__tableServiceUri is no https address`)
  }
  const tableUri =
    given ?? (account === undefined ? undefined : `https://${account}.table.core.windows.net`)
  if (environment[name] !== undefined && tableUri !== undefined) {
    problems.push(`${name} and ${name}__accountName or __tableServiceUri exclude each other`)
  }
  if (tableUri !== undefined) {
    const clientId = text(`${name}__clientId`)
    return { kind: 'identity', tableUri, ...(clientId === undefined ? {} : { clientId }) }
  }
  const connectionString = text(name)
  if (connectionString === undefined) return undefined
  if (!/(^|;)\s*(UseDevelopmentStorage=true|AccountName=|\w+Endpoint=)/i.test(connectionString)) {
    problems.push(`${name} is no connection string of a storage account`)
  }
  return { kind: 'connection-string', connectionString }
}

function busOf(environment: Environment, text: ReadText, problems: string[]): BusConnection {
  const name = 'ServiceBusConnection'
  const namespace = text(`${name}__fullyQualifiedNamespace`)
  const clientId = text(`${name}__clientId`)
  if (namespace !== undefined) {
    if (environment[name] !== undefined) {
      problems.push(`${name} and ${name}__fullyQualifiedNamespace exclude each other`)
    }
    return { kind: 'identity', namespace, ...(clientId === undefined ? {} : { clientId }) }
  }
  const connectionString = text(name)
  if (connectionString === undefined) {
    problems.push(`${name} (or ${name}__fullyQualifiedNamespace) is missing`)
  } else if (!/(^|;)\s*Endpoint=sb:\/\//i.test(connectionString)) {
    problems.push(`${name} is no connection string of a Service Bus namespace`)
  }
  return { kind: 'connection-string', connectionString: connectionString ?? '' }
}

const neededBy: Readonly<Record<CredentialKind, readonly string[]>> = {
  'managed-identity': [],
  'client-secret': ['CONNECTOR_CLIENT_ID', 'CONNECTOR_CLIENT_SECRET'],
  certificate: ['CONNECTOR_CLIENT_ID', 'CONNECTOR_CERTIFICATE_PATH'],
  'workload-identity': [],
  local: [],
}

function connectorOf(text: ReadText, isLocal: boolean, problems: string[]): ConnectorSettings {
  const wanted = text('CONNECTOR_CREDENTIAL') ?? 'managed-identity'
  if (!Object.hasOwn(neededBy, wanted)) {
    problems.push(`CONNECTOR_CREDENTIAL is none of ${Object.keys(neededBy).join(', ')}`)
    return { kind: 'managed-identity' }
  }
  const kind = wanted as CredentialKind
  for (const name of neededBy[kind]) {
    if (text(name) === undefined)
      problems.push(`${name} is missing for CONNECTOR_CREDENTIAL=${kind}`)
  }
  if (kind === 'local' && !isLocal) {
    problems.push('CONNECTOR_CREDENTIAL=local needs an ENTRA_AUTHORITY on this machine')
  }
  const clientId = text('CONNECTOR_CLIENT_ID') ?? defaultClientId(kind, text)
  // The secret of an authority on this machine keeps nobody out, and is no secret.
  const clientSecret = text('CONNECTOR_CLIENT_SECRET') ?? (kind === 'local' ? 'local' : undefined)
  const certificatePath = text('CONNECTOR_CERTIFICATE_PATH')
  return {
    kind,
    ...(clientId === undefined ? {} : { clientId }),
    ...(clientSecret === undefined ? {} : { clientSecret }),
    ...(certificatePath === undefined ? {} : { certificatePath }),
  }
}

function defaultClientId(kind: CredentialKind, text: ReadText): string | undefined {
  if (kind === 'managed-identity') return text('AZURE_CLIENT_ID')
  return kind === 'local' ? text('ENTRA_API_CLIENT_ID') : undefined
}

function addressProblems(authority: string, graph: string): readonly string[] {
  const authorityUrl = urlOf(authority)
  const graphUrl = urlOf(graph)
  if (authorityUrl === undefined) return ['ENTRA_AUTHORITY is no address']
  if (graphUrl === undefined) return ['GRAPH_BASE_URL is no address']
  if (authorityUrl.protocol !== 'https:' && !isLoopback(authority)) {
    return ['ENTRA_AUTHORITY has to be https']
  }
  if (isLoopback(graph)) {
    return isLoopback(authority)
      ? []
      : ['GRAPH_BASE_URL may be on this machine only when ENTRA_AUTHORITY is, too']
  }
  const authorities = clouds[graphUrl.hostname]
  if (graphUrl.protocol !== 'https:' || authorities === undefined) {
    return [`GRAPH_BASE_URL is none of ${Object.keys(clouds).join(', ')}`]
  }
  return authorities.includes(authorityUrl.hostname)
    ? []
    : ['GRAPH_BASE_URL and ENTRA_AUTHORITY belong to different clouds']
}
