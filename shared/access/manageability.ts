/** Why no access to a resource can be given or taken, in a word and in a sentence. */
const sentences = {
  dynamic: 'Its members follow a rule, so nobody can be added or removed.',
  synchronised: 'It is managed in the on-premises directory that it is synchronised from.',
  'mail-enabled': 'It is a distribution list or mail-enabled security group, managed in Exchange.',
  'restricted-unit': 'It is in a restricted administrative unit, out of reach of the broker.',
  'role-assignable': 'Directory roles can be assigned to it, so its members are privileged.',
  'role-disabled': 'The role is disabled in the directory.',
  guarded: 'Whoever has it could make himself master of this product.',
} as const

/** Why access to a resource is not given, in a word. */
export type ObstacleCode = keyof typeof sentences

/** Why the broker cannot manage a resource, in a word. */
export type UnmanageableCode = Exclude<ObstacleCode, 'guarded'>

/**
 * The sentence that says why a resource cannot be managed; undefined when it can. An integration
 * that is `privileged` may manage role-assignable groups and what else is guarded, and nothing else of
 * the list.
 */
export function manageability(code: ObstacleCode, privileged: boolean): string | undefined {
  const isForPrivileged = code === 'role-assignable' || code === 'guarded'
  return isForPrivileged && privileged ? undefined : sentences[code]
}
