import type { Bundle } from '../access/bundle.ts'
import type { AccessFlow } from '../access/flow.ts'
import type { Integration } from '../access/integration.ts'
import type { FieldError } from './parse.ts'
import { pointerOf } from './parse.ts'

/**
 * Fields of a valid document whose behaviour does not exist yet. Such a document is refused when it
 * is saved: a rule that nobody follows must not look like one.
 */
export function notYetOffered(
  kind: 'integration' | 'access-flow' | 'bundle',
  document: Integration | AccessFlow | Bundle,
): readonly FieldError[] {
  const fields = document as unknown as Readonly<Record<string, unknown>>
  const rules = kind === 'integration' ? integrationRules : everythingOffered
  return Object.entries(rules).flatMap(([name, isOffered]) => {
    const value = fields[name]
    if (value === undefined || isOffered(value)) return []
    return [{ pointer: pointerOf([name]), detail: 'It is not offered yet.' }]
  })
}

type Check = (value: unknown) => boolean
const never: Check = () => false

const integrationRules: Readonly<Record<string, Check>> = {
  connector: (value) => value === 'default',
  credentialRotationDays: never,
  notifications: never,
}

/** All of an access flow and of a bundle exists. */
const everythingOffered: Readonly<Record<string, Check>> = {}
