import type { SimulatedTenant } from '../tenant.ts'

const name = 'signed-in'

/** Keeps who has signed in, so that a page may ask again without anybody being asked. */
export function sessionCookie({ tenantId }: SimulatedTenant, userId: string): string {
  // Cookies know no ports: the path keeps it from the other servers of this machine.
  return `${name}=${userId}; Path=/${tenantId}; HttpOnly; SameSite=Lax`
}

/** Who has signed in before in this browser; null for nobody. */
export function sessionOf(cookies: string | undefined): string | null {
  const pairs = (cookies ?? '').split(';').map((pair) => pair.trim().split('='))
  return pairs.find(([key]) => key === name)?.[1] ?? null
}
