import type { TokenCredential } from '@azure/identity'
import { type ConnectorCredential, cacheTokens } from './credential-cache.ts'
import { createLocalCredential } from './local-credential.ts'

/** How the connector proves to Entra that it is the connector. */
export interface CredentialSettings {
  readonly kind:
    | 'managed-identity'
    | 'client-secret'
    | 'certificate'
    | 'workload-identity'
    | 'local'
  readonly tenantId: string
  readonly authority: string
  /** The connector's application, or the user-assigned identity; absent for a system-assigned one. */
  readonly clientId?: string
  readonly clientSecret?: string
  /** A PEM file with certificate and private key. */
  readonly certificatePath?: string
}

interface Surroundings {
  readonly now?: () => Date
  readonly fetch?: typeof fetch
}

/** Builds the credential that the settings name. There is no falling back from one to another. */
export function createCredential(
  settings: CredentialSettings,
  { now = () => new Date(), fetch: send = fetch }: Surroundings = {},
): ConnectorCredential {
  return cacheTokens(credentialOf(settings, now, send), now)
}

const needed: Readonly<Record<CredentialSettings['kind'], readonly RequiredSetting[]>> = {
  'managed-identity': [],
  'client-secret': ['clientId', 'clientSecret'],
  certificate: ['clientId', 'certificatePath'],
  'workload-identity': ['clientId'],
  local: ['clientId', 'clientSecret'],
}

type RequiredSetting = 'clientId' | 'clientSecret' | 'certificatePath'

function credentialOf(
  settings: CredentialSettings,
  now: () => Date,
  send: typeof fetch,
): TokenCredential {
  for (const name of needed[settings.kind]) required(settings, name)
  if (settings.kind !== 'local') {
    return loadLater(async () => (await import('./entra-credential.ts')).entraCredential(settings))
  }
  return createLocalCredential({
    authority: settings.authority,
    tenantId: settings.tenantId,
    clientId: required(settings, 'clientId'),
    clientSecret: required(settings, 'clientSecret'),
    now,
    fetch: send,
  })
}

/** The app's own identity, for what else it reaches by Entra. */
export function appIdentity(clientId: string | undefined): TokenCredential {
  return loadLater(async () => (await import('./entra-credential.ts')).managedIdentity(clientId))
}

/**
 * A credential that is loaded with its first token: the libraries behind it are a good part of a cold
 * start, and whoever signs in otherwise never needs them.
 */
function loadLater(load: () => Promise<TokenCredential>): TokenCredential {
  let loading: Promise<TokenCredential> | undefined
  return {
    async getToken(...asked) {
      loading ??= load()
      return (await loading).getToken(...asked)
    },
  }
}

function required(settings: CredentialSettings, name: RequiredSetting): string {
  const value = settings[name]
  if (value !== undefined && value !== '') return value
  throw new Error(`Cannot build the ${settings.kind} credential: ${name} is not set`)
}
