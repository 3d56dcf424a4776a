import { createHash, randomUUID } from 'node:crypto'
import { type JWTPayload, jwtVerify, SignJWT } from 'jose'
import type { SimulatedClient, SimulatedTenant, SimulatedUser } from '../tenant.ts'
import { OAuthRefusal } from './oauth-error.ts'
import type { SigningKey } from './signing-key.ts'

export const tokenSeconds = 3_599

export const graphAudience = 'https://graph.microsoft.com'

interface Needs {
  readonly key: SigningKey
  readonly issuer: string
  readonly tenant: () => SimulatedTenant
  readonly now: () => Date
}

export interface Tokens {
  /** A token of a person for the API, in whose name the client acts. */
  forUser(user: SimulatedUser, client: string): Promise<string>
  /** An application's own token: for Graph, or for the API. */
  forClient(client: SimulatedClient, audience: 'graph' | 'api'): Promise<string>
  idToken(user: SimulatedUser, client: string, nonce: string | undefined): Promise<string>
  /** The claims of a token of this authority, for whom it was made; undefined for any other. */
  read(token: string, audience: string): Promise<JWTPayload | undefined>
}

/** Makes and reads the tokens of one tenant, in the shape of Entra's second version. */
export function createTokens({ key, issuer, tenant, now }: Needs): Tokens {
  const sign = (claims: JWTPayload, audience: string) => {
    const seconds = Math.floor(now().getTime() / 1000)
    return new SignJWT({ tid: tenant().tenantId, ver: '2.0', uti: randomUUID(), ...claims })
      .setProtectedHeader({ typ: 'JWT', alg: 'RS256', kid: key.kid })
      .setIssuer(issuer)
      .setAudience(audience)
      .setIssuedAt(seconds)
      .setNotBefore(seconds)
      .setExpirationTime(seconds + tokenSeconds)
      .sign(key.privateKey)
  }
  const person = (user: SimulatedUser, client: string) => ({
    oid: user.id,
    // Entra's subject differs from application to application.
    sub: createHash('sha256').update(`${user.id} ${client}`).digest('base64url'),
    name: user.displayName,
    preferred_username: user.userPrincipalName,
  })

  return {
    forUser(user, client) {
      const { apiClientId } = tenant()
      const roles = rolesOf(user.id, tenant())
      return sign(
        {
          ...person(user, client),
          azp: client,
          azpacr: '0',
          scp: 'Access.Use',
          ...(roles.length === 0 ? {} : { roles }),
        },
        apiClientId,
      )
    },
    forClient(client, audience) {
      const { apiClientId } = tenant()
      const roles = audience === 'graph' ? client.graphRoles : client.apiRoles
      return sign(
        {
          oid: client.servicePrincipalId,
          sub: client.servicePrincipalId,
          azp: client.clientId,
          appid: client.clientId,
          azpacr: '1',
          idtyp: 'app',
          ...(roles.length === 0 ? {} : { roles: [...roles] }),
        },
        audience === 'graph' ? graphAudience : apiClientId,
      )
    },
    idToken(user, client, nonce) {
      const roles = rolesOf(user.id, tenant())
      return sign(
        {
          ...person(user, client),
          ...(nonce === undefined ? {} : { nonce }),
          ...(roles.length === 0 ? {} : { roles }),
        },
        client,
      )
    },
    async read(token, audience) {
      try {
        const options = { issuer, audience, algorithms: ['RS256'], currentDate: now() }
        return (await jwtVerify(token, key.publicKey, options)).payload
      } catch {
        // Whatever is wrong with it, it is none of ours; the caller answers 401.
        return undefined
      }
    },
  }
}

/** Application roles of a person: his own, and those of every group that holds him. */
function rolesOf(userId: string, { groups, apiRoles }: SimulatedTenant): string[] {
  const principals = new Set([userId])
  for (let size = 0; size < principals.size; ) {
    size = principals.size
    for (const { id, members } of groups) {
      if (members.some((member) => principals.has(member))) principals.add(id)
    }
  }
  const held = apiRoles.filter(({ principalId }) => principals.has(principalId))
  return [...new Set(held.map(({ role }) => role))]
}

/** The person behind a name, who may sign in. */
export function signInUser(tenant: SimulatedTenant, name: string): SimulatedUser {
  const wanted = name.toLowerCase()
  const user = tenant.users.find(
    ({ id, userPrincipalName }) => id === wanted || userPrincipalName.toLowerCase() === wanted,
  )
  if (user === undefined) {
    throw new OAuthRefusal(
      'invalid_grant',
      50034,
      `The user account ${name} does not exist in the directory.`,
    )
  }
  if (!user.accountEnabled) {
    throw new OAuthRefusal('invalid_grant', 50057, 'The user account is disabled.')
  }
  return user
}
