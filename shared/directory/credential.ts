import {
  ClientCertificateCredential,
  ClientSecretCredential,
  ManagedIdentityCredential,
  type TokenCredential,
  WorkloadIdentityCredential,
} from '@azure/identity'
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

function credentialOf(
  settings: CredentialSettings,
  now: () => Date,
  send: typeof fetch,
): TokenCredential {
  const { kind, tenantId, clientId } = settings
  const options = { authorityHost: settings.authority }
  switch (kind) {
    case 'managed-identity':
      return clientId === undefined
        ? new ManagedIdentityCredential()
        : new ManagedIdentityCredential({ clientId })
    case 'client-secret':
      return new ClientSecretCredential(
        tenantId,
        required(settings, 'clientId'),
        required(settings, 'clientSecret'),
        options,
      )
    case 'certificate':
      return new ClientCertificateCredential(
        tenantId,
        required(settings, 'clientId'),
        { certificatePath: required(settings, 'certificatePath') },
        options,
      )
    case 'workload-identity':
      return new WorkloadIdentityCredential({
        ...options,
        tenantId,
        clientId: required(settings, 'clientId'),
      })
    case 'local':
      return createLocalCredential({
        authority: settings.authority,
        tenantId,
        clientId: required(settings, 'clientId'),
        clientSecret: required(settings, 'clientSecret'),
        now,
        fetch: send,
      })
  }
}

function required(
  settings: CredentialSettings,
  name: 'clientId' | 'clientSecret' | 'certificatePath',
): string {
  const value = settings[name]
  if (value !== undefined && value !== '') return value
  throw new Error(`Cannot build the ${settings.kind} credential: ${name} is not set`)
}
