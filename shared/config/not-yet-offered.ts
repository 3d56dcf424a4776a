import type { AccessFlow } from '../access/flow.ts'
import type { Integration } from '../access/integration.ts'
import type { FieldError } from './parse.ts'
import { pointerOf } from './parse.ts'

/**
 * Fields of a valid document whose behaviour does not exist yet. Such a document is refused when it
 * is saved: a rule that nobody follows must not look like one.
 */
export function notYetOffered(
  kind: 'integration' | 'access-flow',
  document: Integration | AccessFlow,
): readonly FieldError[] {
  const fields = document as unknown as Readonly<Record<string, unknown>>
  const rules = kind === 'integration' ? integrationRules : flowRules
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
  mechanism: (value) => Object.values(value as object).every((each) => each === 'direct'),
  endBy: (value) => value === 'broker',
  notifications: never,
}

/** All of an access flow exists. */
const flowRules: Readonly<Record<string, Check>> = {}
