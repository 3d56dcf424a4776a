import * as z from 'zod'
import type { AccessKey } from '../access/access.ts'
import { durationOf } from '../access/duration.ts'
import { pageShape, parsed } from './graph-objects.ts'
import { schedulePolicyPath } from './graph-paths.ts'
import { type ReadGraph, unavailable } from './graph-reads.ts'
import { isUnlicensed } from './graph-schedule-reads.ts'

interface Needs {
  readonly read: ReadGraph
  readonly now: () => Date
}

const action = 'read how long a schedule may be'
/** The rule for what an administrator assigns; the others bind people who activate. */
const ruleId = 'Expiration_Admin_Assignment'

const assignmentShape = z.object({
  policy: z.object({
    rules: z.array(z.object({ id: z.string(), maximumDuration: z.string().nullish() })),
  }),
})

/** Reads how long the rules of the tenant let a schedule be, one by one; they are few. */
export function createReadLongest({ read, now }: Needs) {
  return async (
    accesses: readonly Omit<AccessKey, 'grantee' | 'tenantId'>[],
  ): Promise<readonly (number | undefined)[] | undefined> => {
    const longest: (number | undefined)[] = []
    for (const { resource, permission } of accesses) {
      const answer = await read({ action, path: schedulePolicyPath(resource, permission) })
      if (answer.status !== 200) {
        if (isUnlicensed({ resource, permission }, answer, now())) return undefined
        throw unavailable(action, answer, now())
      }
      longest.push(longestIn(parsed(pageShape, answer.body).value))
    }
    return longest
  }
}

/** Milliseconds; undefined where no rule limits it, or none that can be read. */
function longestIn(assignments: readonly unknown[]): number | undefined {
  for (const item of assignments) {
    const rules = parsed(assignmentShape, item).policy.rules
    const rule = rules.find(({ id }) => id === ruleId)
    const longest = durationOf(rule?.maximumDuration ?? '')
    if (longest !== undefined) return longest
  }
  return undefined
}
