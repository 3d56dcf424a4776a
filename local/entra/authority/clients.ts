import { timingSafeEqual } from 'node:crypto'
import type { SimulatedClient, SimulatedTenant } from '../tenant.ts'
import { OAuthRefusal } from './oauth-error.ts'
import { graphAudience } from './tokens.ts'

/** By form, or by the basic scheme. */
export function credentialsOf(
  form: URLSearchParams,
  authorization: string,
): readonly [string, string] {
  const basic = /^Basic (.+)$/i.exec(authorization)?.[1]
  if (basic === undefined) return [form.get('client_id') ?? '', form.get('client_secret') ?? '']
  const [id = '', secret = ''] = Buffer.from(basic, 'base64').toString().split(':')
  return [decodeURIComponent(id), decodeURIComponent(secret)]
}

export function clientOf(
  tenant: SimulatedTenant,
  [clientId, secret]: readonly [string, string],
): SimulatedClient {
  knownClient(tenant, clientId)
  const client = tenant.clients.find((one) => one.clientId === clientId)
  if (client === undefined || !isSame(client.secret, secret)) {
    const text = `Invalid client secret provided for app '${clientId}'.`
    throw new OAuthRefusal('invalid_client', 7000215, text, 401)
  }
  return client
}

function isSame(one: string, other: string): boolean {
  const [left, right] = [Buffer.from(one), Buffer.from(other)]
  return left.length === right.length && timingSafeEqual(left, right)
}

export function isKnown({ clients, apiClientId }: SimulatedTenant, clientId: string): boolean {
  return clientId === apiClientId || clients.some((one) => one.clientId === clientId)
}

export function knownClient(tenant: SimulatedTenant, clientId: string): void {
  if (isKnown(tenant, clientId)) return
  const text = `Application with identifier '${clientId}' was not found in the directory.`
  throw new OAuthRefusal('unauthorized_client', 700016, text)
}

/** For whom a token is asked; a client asks for all that it may have, by `/.default`. */
export function audienceOf(scope: string, { apiClientId }: SimulatedTenant, origin: string) {
  const graph = [`${graphAudience}/.default`, `${graphAudience}//.default`, `${origin}/.default`]
  if (graph.includes(scope)) return 'graph'
  if ([`${apiClientId}/.default`, `api://${apiClientId}/.default`].includes(scope)) return 'api'
  throw badScope(scope)
}

/** People get tokens for the API only. */
export function apiScope(scope: string, { apiClientId }: SimulatedTenant): void {
  const names = scope.split(' ').filter((name) => !openIdScopes.has(name))
  const isOurs = (name: string) =>
    name.startsWith(`${apiClientId}/`) || name.startsWith(`api://${apiClientId}/`)
  const foreign = names.find((name) => !isOurs(name))
  if (foreign !== undefined || names.length === 0) throw badScope(scope)
}

const openIdScopes = new Set(['openid', 'profile', 'email', 'offline_access'])

function badScope(scope: string): OAuthRefusal {
  const text = `The provided value for the input parameter 'scope' is not valid. The scope ${scope} does not exist.`
  return new OAuthRefusal('invalid_scope', 70011, text)
}
