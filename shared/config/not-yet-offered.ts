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
  const found: FieldError[] = []
  const refuse = (path: readonly PropertyKey[]) =>
    found.push({ pointer: pointerOf(path), detail: 'It is not offered yet.' })
  const fields = document as unknown as Readonly<Record<string, unknown>>
  const rules = kind === 'integration' ? integrationRules : flowRules
  for (const [name, isOffered] of Object.entries(rules)) {
    const value = fields[name]
    if (value !== undefined && !isOffered(value)) refuse([name])
  }
  walk(document, [], refuse)
  return found
}

type Check = (value: unknown) => boolean
const never: Check = () => false

const integrationRules: Readonly<Record<string, Check>> = {
  connector: (value) => value === 'default',
  userCleanupAfterDays: never,
  userCleanup: never,
  credentialRotationDays: never,
  mechanism: (value) => Object.values(value as object).every((each) => each === 'direct'),
  endBy: (value) => value === 'broker',
  drift: (value) => value === 'report',
  notifications: never,
}

const flowRules: Readonly<Record<string, Check>> = {
  trigger: (value) => value === 'self-serve',
  timeframe: never,
}

/** Conditions stand anywhere in a document. */
function walk(
  node: unknown,
  path: readonly PropertyKey[],
  refuse: (path: readonly PropertyKey[]) => void,
): void {
  if (Array.isArray(node)) {
    for (const [index, each] of node.entries()) walk(each, [...path, index], refuse)
    return
  }
  if (typeof node !== 'object' || node === null) return
  const fields = node as Readonly<Record<string, unknown>>
  const isCondition = Array.isArray(fields['values']) && typeof fields['type'] === 'string'
  if (isCondition && (fields['type'] === 'manager' || fields['type'] === 'attribute')) {
    refuse([...path, 'type'])
  }
  if (isCondition && (fields['match'] === 'contains' || fields['match'] === 'starts-with')) {
    refuse([...path, 'match'])
  }
  for (const [name, each] of Object.entries(fields)) walk(each, [...path, name], refuse)
}
