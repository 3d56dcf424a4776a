import type { HttpHandler, HttpRequest, HttpResponseInit } from '@azure/functions'
import { createPortalFiles, type Encoding, type PortalFile } from './portal-files.ts'
import { notFound, problemResponse } from './problem.ts'

interface PortalNeeds {
  /** Folder of the built portal. */
  readonly folder: string
  /** Where people sign in: the one other place that the page may talk to. */
  readonly authority: string
}

/**
 * Every address that no route of the API takes: a built file, the page itself, or nothing. Its
 * routes are the page's own matter, so each address without a file ending answers the same shell.
 */
export function portalEndpoint({ folder, authority }: PortalNeeds): HttpHandler {
  const find = createPortalFiles(folder)
  const policy = contentSecurityPolicy(new URL(authority).origin)

  return async (request, context) => {
    const path = pathOf(request)
    if (/^\/api(\/|$)/i.test(path)) return problemResponse(notFound, context.invocationId)
    if (/^\/(admin|runtime)(\/|$)/i.test(path)) return { status: 404, headers: plain }
    if (!['GET', 'HEAD'].includes(request.method)) {
      return { status: 405, headers: { ...plain, allow: 'GET, HEAD' } }
    }
    const hasEnding = /\.[^/.]+$/.test(path)
    const file = await find(hasEnding ? path : '/index.html')
    if (file === undefined) {
      const body = hasEnding ? undefined : 'The portal is not part of this deployment.\n'
      return { status: 404, headers: plain, ...(body === undefined ? {} : { body }) }
    }
    const isPage = file.type.startsWith('text/html')
    return fileResponse(request, file, {
      ...common,
      ...(isPage ? { 'content-security-policy': policy, ...pageHeaders } : {}),
      ...(cameByHttps(request) ? { 'strict-transport-security': 'max-age=31536000' } : {}),
    })
  }
}

const common = { 'x-content-type-options': 'nosniff', 'referrer-policy': 'no-referrer' }

const plain = {
  ...common,
  'content-type': 'text/plain; charset=utf-8',
  'cache-control': 'no-store',
}

const pageHeaders = {
  'cross-origin-opener-policy': 'same-origin',
  // A device or a payment has no place here. An empty list of features would be no valid header.
  'permissions-policy':
    'camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()',
}

/**
 * No inline script, no foreign origin but the authority's. The hash is that of nothing: the style
 * engine makes empty style elements and fills them by script.
 */
function contentSecurityPolicy(authority: string): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self' 'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='",
    "img-src 'self' data:",
    "font-src 'self'",
    `connect-src 'self' ${authority}`,
    `form-action 'self' ${authority}`,
    "base-uri 'none'",
    "frame-ancestors 'none'",
    "object-src 'none'",
    "require-trusted-types-for 'script'",
  ].join('; ')
}

async function fileResponse(
  request: HttpRequest,
  file: PortalFile,
  headers: Readonly<Record<string, string>>,
): Promise<HttpResponseInit> {
  const encoding = encodingOf(request.headers.get('accept-encoding') ?? '', file.encodings)
  const { body, etag } = await file.read(encoding)
  const described = {
    ...headers,
    etag,
    'cache-control': file.isHashed ? 'public, max-age=31536000, immutable' : 'no-cache',
    ...(file.encodings.length > 1 ? { vary: 'Accept-Encoding' } : {}),
  }
  if (request.headers.get('if-none-match') === etag) return { status: 304, headers: described }
  return {
    headers: {
      ...described,
      'content-type': file.type,
      'content-length': String(body.byteLength),
      ...(encoding === 'identity' ? {} : { 'content-encoding': encoding }),
    },
    ...(request.method === 'HEAD' ? {} : { body }),
  }
}

/** The smallest form that the caller takes; as it is where he takes none of them. */
function encodingOf(accepted: string, offered: readonly Encoding[]): Encoding {
  const weights = new Map(
    accepted.split(',').map((part) => {
      const [name = '', ...parameters] = part.split(';').map((text) => text.trim().toLowerCase())
      const weight = parameters.find((parameter) => parameter.startsWith('q='))?.slice(2)
      return [name, Number(weight ?? 1)] as const
    }),
  )
  const takes = (name: string) => (weights.get(name) ?? weights.get('*') ?? 0) > 0
  return offered.find((encoding) => encoding !== 'identity' && takes(encoding)) ?? 'identity'
}

function pathOf(request: HttpRequest): string {
  const { pathname } = new URL(request.url)
  try {
    return decodeURIComponent(pathname)
  } catch {
    return pathname
  }
}

function cameByHttps(request: HttpRequest): boolean {
  const forwarded = request.headers.get('x-forwarded-proto')
  return (forwarded ?? new URL(request.url).protocol.replace(':', '')) === 'https'
}
