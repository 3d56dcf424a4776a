import { errors, type JWTPayload, jwtVerify } from 'jose'
import * as z from 'zod'
import { isLoopback } from '../directory/loopback.ts'
import { type TokenFault, TokenInvalidError } from './identity-errors.ts'
import { createSigningKeySource, type SigningKeys } from './signing-keys.ts'

/** Who calls, proven by a token of the tenant. */
export interface Caller {
  /** The object id, in lower case. */
  readonly id: string
  readonly tenantId: string
  readonly name?: string
  readonly userPrincipalName?: string
  readonly kind: 'user' | 'application'
  /** Application roles held. */
  readonly roles: readonly string[]
  /** Delegated scopes; empty for applications. */
  readonly scopes: readonly string[]
}

/** Tells who sent an `Authorization` header, or throws. Nothing else of a request is looked at. */
export type Authenticate = (authorization: string | null) => Promise<Caller>

interface Needs {
  /** `https://login.microsoftonline.com`, or the local stand-in. */
  readonly authority: string
  readonly tenantId: string
  /** The API's client id. */
  readonly audience: string
  readonly now: () => Date
  readonly fetch?: typeof fetch
}

/** The scope that lets an application act for its user. */
const delegatedScope = 'Access.Use'

const maximumTokenLength = 16_384
const toleranceSeconds = 60

const claimsShape = z.object({
  oid: z.string().min(1),
  tid: z.string().min(1),
  sub: z.string().optional(),
  idtyp: z.string().optional(),
  scp: z.string().optional(),
  roles: z.array(z.string()).default([]),
  name: z.string().optional(),
  preferred_username: z.string().optional(),
  upn: z.string().optional(),
})

type Claims = z.infer<typeof claimsShape>

/** Accepts access tokens that the tenant issued for this API, and nothing else. */
export function createAuthenticate(needs: Needs): Authenticate {
  assertSafe(needs.authority)
  const clientId = needs.audience.replace(/^api:\/\//, '')
  const audience = [clientId, `api://${clientId}`]
  const source = createSigningKeySource({ ...needs, fetch: needs.fetch ?? fetch })

  const verify = async (token: string, keys: SigningKeys): Promise<JWTPayload> => {
    const { payload } = await jwtVerify(token, keys.key, {
      issuer: keys.issuer,
      audience,
      algorithms: ['RS256'],
      clockTolerance: toleranceSeconds,
      currentDate: needs.now(),
      requiredClaims: ['exp'],
    })
    return payload
  }

  return async (authorization) => {
    const token = bearerToken(authorization)
    const keys = await source.current()
    try {
      return callerFrom(await verify(token, keys), needs.tenantId)
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey)) throw refusalOf(error)
    }
    const newerKeys = await source.afterMiss(keys)
    try {
      return callerFrom(await verify(token, newerKeys), needs.tenantId)
    } catch (error) {
      throw refusalOf(error)
    }
  }
}

/** Whoever can change the keys on their way can sign tokens. */
function assertSafe(authority: string): void {
  const url = URL.parse(authority)
  if (url?.protocol === 'https:' || (url?.protocol === 'http:' && isLoopback(url))) return
  throw new Error(
    `Cannot trust the authority ${authority}: it is neither https nor on this machine`,
  )
}

function bearerToken(authorization: string | null): string {
  if (authorization === null || authorization === '') throw new TokenInvalidError('missing')
  if (authorization.length > maximumTokenLength) throw new TokenInvalidError('oversized')
  const token = /^Bearer +([A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*)$/i.exec(authorization)
  if (token?.[1] === undefined) throw new TokenInvalidError('malformed')
  return token[1]
}

function callerFrom(payload: JWTPayload, tenantId: string): Caller {
  const parsed = claimsShape.safeParse(payload)
  if (!parsed.success) throw new TokenInvalidError('claims', { cause: parsed.error })
  const claims = parsed.data
  if (claims.tid.toLowerCase() !== tenantId.toLowerCase()) throw new TokenInvalidError('tenant')
  const kind = isApplication(claims) ? 'application' : 'user'
  const scopes = kind === 'user' ? (claims.scp ?? '').split(' ').filter((each) => each !== '') : []
  if (kind === 'user' && !scopes.includes(delegatedScope)) throw new TokenInvalidError('scope')
  if (kind === 'application' && claims.roles.length === 0) throw new TokenInvalidError('roles')
  const userPrincipalName = claims.preferred_username ?? claims.upn
  return {
    id: claims.oid.toLowerCase(),
    tenantId: claims.tid.toLowerCase(),
    ...(claims.name === undefined ? {} : { name: claims.name }),
    ...(userPrincipalName === undefined ? {} : { userPrincipalName }),
    kind,
    roles: claims.roles,
    scopes,
  }
}

/**
 * An application that speaks for itself has no scopes and is its own subject.
 *
 * A person's *id* token has no scopes either, and may carry roles: it has another subject, and is
 * refused for want of a scope.
 */
function isApplication({ idtyp, scp, sub, oid }: Claims): boolean {
  return idtyp === undefined ? scp === undefined && sub === oid : idtyp === 'app'
}

function refusalOf(error: unknown): unknown {
  if (error instanceof TokenInvalidError || !(error instanceof errors.JOSEError)) return error
  return new TokenInvalidError(faultOf(error), { cause: error })
}

function faultOf(error: errors.JOSEError): TokenFault {
  if (error instanceof errors.JWTExpired) return 'expired'
  if (error instanceof errors.JOSEAlgNotAllowed) return 'algorithm'
  if (error instanceof errors.JWSSignatureVerificationFailed) return 'signature'
  if (error instanceof errors.JWKSNoMatchingKey) return 'unknown-key'
  if (error instanceof errors.JWKSMultipleMatchingKeys) return 'unknown-key'
  if (!(error instanceof errors.JWTClaimValidationFailed)) return 'malformed'
  switch (error.claim) {
    case 'nbf':
      return 'not-yet-valid'
    case 'iss':
      return 'issuer'
    case 'aud':
      return 'audience'
    default:
      return 'claims'
  }
}
