import type { Actor } from '../access/events.ts'

/** Who calls, after authentication: everything a use case may rely on. */
export interface CallerFacts {
  readonly id: string
  readonly tenantId: string
  readonly name?: string
  readonly kind: 'user' | 'application'
  readonly roles: readonly string[]
}

export function actorOf(caller: CallerFacts): Actor {
  return { id: caller.id, type: caller.kind }
}

export function isAdministrator(caller: CallerFacts): boolean {
  return caller.roles.includes('Access.Admin')
}

/** Sees every request, grant and event. */
export function seesEverything(caller: CallerFacts): boolean {
  return isAdministrator(caller) || caller.roles.includes('Access.Auditor')
}
