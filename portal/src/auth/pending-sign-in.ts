/** What has to outlive the way to the authority and back. */
export interface PendingSignIn {
  readonly verifier: string
  readonly nonce: string
  /** Where the person was, to be brought back to. */
  readonly path: string
  readonly isSilent: boolean
}

const prefix = 'entra-jit.sign-in.'

export function keep(state: string, pending: PendingSignIn): void {
  forgetAll()
  sessionStorage.setItem(prefix + state, JSON.stringify(pending))
}

/** Good once: what was kept for this state, or undefined. */
export function take(state: string): PendingSignIn | undefined {
  const text = sessionStorage.getItem(prefix + state)
  forgetAll()
  if (text === null) return undefined
  const pending = JSON.parse(text) as PendingSignIn
  return { ...pending, path: isOwnPath(pending.path) ? pending.path : '/' }
}

/** Path and query of an address, where it is a page that somebody can be brought back to. */
export function pathOf({ pathname, search }: Pick<Location, 'pathname' | 'search'>): string {
  return pathname === '/signed-out' || !isOwnPath(pathname) ? '/' : pathname + search
}

/** One slash first and no second one, no backslash: it cannot name another host. */
function isOwnPath(path: string): boolean {
  return /^\/(?!\/)[^\\]*$/.test(path) && !path.includes('//')
}

function forgetAll(): void {
  for (const key of Object.keys(sessionStorage)) {
    if (key.startsWith(prefix)) sessionStorage.removeItem(key)
  }
}
