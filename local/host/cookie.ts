/** A cookie as a function returns it. */
export interface Cookie {
  readonly name: string
  readonly value: string
  readonly domain?: string
  readonly path?: string
  readonly expires?: Date | number
  readonly secure?: boolean
  readonly httpOnly?: boolean
  readonly sameSite?: 'Strict' | 'Lax' | 'None'
  readonly maxAge?: number
}

/** The `Set-Cookie` text that the host makes of a cookie. */
export function formatCookie(cookie: Cookie): string {
  // The epoch reaches the real host as "no time given", so it cannot be used to delete a cookie.
  const expires = Number(cookie.expires ?? 0)
  const parts = [
    `${cookie.name}=${encodeURIComponent(cookie.value)}`,
    expires !== 0 && `expires=${new Date(expires).toUTCString()}`,
    cookie.maxAge !== undefined && `max-age=${cookie.maxAge}`,
    cookie.domain && `domain=${cookie.domain}`,
    cookie.path && `path=${cookie.path}`,
    cookie.secure && 'secure',
    cookie.sameSite && `samesite=${cookie.sameSite.toLowerCase()}`,
    cookie.httpOnly && 'httponly',
  ]
  return parts.filter(Boolean).join('; ')
}
