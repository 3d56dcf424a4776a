import {
  ClientCertificateCredential,
  ClientSecretCredential,
  ManagedIdentityCredential,
  type TokenCredential,
  WorkloadIdentityCredential,
} from '@azure/identity'
import type { CredentialSettings } from './credential.ts'

/** A credential of Entra whose settings are complete. */
export function entraCredential(settings: CredentialSettings): TokenCredential {
  const { kind, tenantId, clientId = '', clientSecret = '', certificatePath = '' } = settings
  const options = { authorityHost: settings.authority }
  switch (kind) {
    case 'client-secret':
      return new ClientSecretCredential(tenantId, clientId, clientSecret, options)
    case 'certificate':
      return new ClientCertificateCredential(tenantId, clientId, { certificatePath }, options)
    case 'workload-identity':
      return new WorkloadIdentityCredential({ ...options, tenantId, clientId })
    default:
      return managedIdentity(settings.clientId)
  }
}

/** The identity of the app itself: a user-assigned one by its client id, or the system's. */
export function managedIdentity(clientId: string | undefined): TokenCredential {
  return clientId === undefined
    ? new ManagedIdentityCredential()
    : new ManagedIdentityCredential({ clientId })
}
