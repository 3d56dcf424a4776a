import type * as z from 'zod'
import { textProblem } from '../access/text.ts'

/** Where a body is wrong: a JSON pointer (RFC 6901) and a sentence. */
export interface FieldError {
  readonly pointer: string
  readonly detail: string
}

export type Parsed<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly errors: readonly FieldError[] }

/** Deeper than anything the contract knows; looked at before any recursion. */
const deepest = 40
const mostErrors = 50
const refusedKeys = new Set(['__proto__', 'constructor', 'prototype'])

/** Validates unknown JSON by a schema. Unknown fields are refused by name. */
export function parse<Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
): Parsed<z.infer<Schema>> {
  const hostile = findHostile(value)
  if (hostile.length > 0) return { ok: false, errors: hostile }
  const result = schema.safeParse(value)
  if (result.success) return { ok: true, value: result.data }
  return { ok: false, errors: result.error.issues.flatMap(errorsOf).slice(0, mostErrors) }
}

function errorsOf(issue: z.core.$ZodIssue): readonly FieldError[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({
      pointer: pointerOf([...issue.path, key]),
      detail: 'There is no such field.',
    }))
  }
  if (issue.code === 'invalid_union') {
    // The branch that got furthest tells most; the union as such tells nothing.
    const branches = [...issue.errors].sort((a, b) => depthOf(b) - depthOf(a))
    const inner = branches[0] ?? []
    if (inner.length > 0) {
      return inner.flatMap((each) => errorsOf({ ...each, path: [...issue.path, ...each.path] }))
    }
  }
  return [{ pointer: pointerOf(issue.path), detail: issue.message }]
}

function depthOf(issues: readonly z.core.$ZodIssue[]): number {
  return Math.max(0, ...issues.map(({ path }) => path.length))
}

/** A JSON pointer of path segments. */
export function pointerOf(path: readonly PropertyKey[]): string {
  return path.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')
}

/**
 * Keys that reach for prototypes, nesting that reaches for the stack, and text that cannot be kept
 * as it is, wherever it stands: without a canonical form nothing can be compared or hashed. Walks
 * without recursion.
 */
function findHostile(root: unknown): readonly FieldError[] {
  const found: FieldError[] = []
  const waiting: { value: unknown; path: readonly PropertyKey[] }[] = [{ value: root, path: [] }]
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { value, path } = next
    if (found.length === mostErrors) break
    if (path.length > deepest) {
      return [{ pointer: pointerOf(path.slice(0, 3)), detail: 'It is nested too deep.' }]
    }
    if (typeof value === 'string') {
      const detail = textProblem(value)
      if (detail !== undefined) found.push({ pointer: pointerOf(path), detail })
    }
    if (typeof value !== 'object' || value === null) continue
    for (const [key, inner] of Object.entries(value)) {
      const detail = refusedKeys.has(key) ? 'There is no such field.' : textProblem(key)
      if (detail === undefined) waiting.push({ value: inner, path: [...path, key] })
      else found.push({ pointer: pointerOf([...path, key]), detail })
    }
  }
  return found
}
