import type { Caller } from './authenticate.ts'

/** The application roles that the broker knows. */
export type Role = 'Access.Admin' | 'Access.Auditor' | 'Access.RequestOnBehalf'

/** What a caller may do, as `/me` tells it; being an approver is a matter of flows, not of roles. */
export type Ability =
  | 'request'
  | 'request-for-others'
  | 'audit.read'
  | 'config.read'
  | 'config.write'
  | 'grants.revoke'
  | 'emergency-stop'
  | 'connectors.test'

const knownRoles: readonly Role[] = ['Access.Admin', 'Access.Auditor', 'Access.RequestOnBehalf']

/** The known roles of a caller; others are of no meaning here. */
export function rolesOf(caller: Caller): readonly Role[] {
  return knownRoles.filter((role) => caller.roles.includes(role))
}

/** What a caller may do by role. */
export function may(caller: Caller): readonly Ability[] {
  const roles = rolesOf(caller)
  const isAdmin = roles.includes('Access.Admin')
  const reads = isAdmin || roles.includes('Access.Auditor')
  // The role speaks for anybody at all, which only applications are trusted with.
  const speaksForOthers = caller.kind === 'application' && roles.includes('Access.RequestOnBehalf')
  // Auditors see everything and change nothing, so they do not ask either.
  const asks =
    isAdmin || (caller.kind === 'user' ? !roles.includes('Access.Auditor') : speaksForOthers)
  const abilities: readonly (readonly [Ability, boolean])[] = [
    ['request', asks],
    ['request-for-others', speaksForOthers],
    ['audit.read', reads],
    ['config.read', reads],
    ['config.write', isAdmin],
    ['grants.revoke', isAdmin],
    ['emergency-stop', isAdmin],
    ['connectors.test', isAdmin],
  ]
  return abilities.filter(([, allowed]) => allowed).map(([ability]) => ability)
}
