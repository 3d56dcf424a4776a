import type { ConditionTree } from '../../shared/access/conditions.ts'
import type { Policy, Question, VersionedFlow } from '../../shared/access/evaluate.ts'
import type { Integration } from '../../shared/access/integration.ts'

export const mia = '20000000-0000-4000-8000-00000000000a'
export const ben = '20000000-0000-4000-8000-00000000000b'
export const ines = '20000000-0000-4000-8000-00000000000c'
export const engineers = '30000000-0000-4000-8000-00000000000e'

export const anyOf = (...conditions: ConditionTree['conditions']): ConditionTree => ({
  operator: 'or',
  conditions,
})
export const allOf = (...conditions: ConditionTree['conditions']): ConditionTree => ({
  operator: 'and',
  conditions,
})
export const everybody = allOf()
export const nobody = anyOf()

/** What the directory knows, person by person. */
export const people = (
  known: Readonly<Record<string, { readonly groups?: readonly string[] }>> = {},
) => ({
  isMember: (person: string, group: string): boolean =>
    known[person]?.groups?.includes(group) ?? false,
})

/** A flow that allows everybody to ask for himself, at once, for up to eight hours. */
export const aFlow = (over: Partial<VersionedFlow> = {}): VersionedFlow => ({
  name: 'oncall',
  version: 1,
  requesters: everybody,
  targets: [{ integration: 'ContosoEntra', resourceType: 'group', permissions: ['member'] }],
  duration: { maximum: 'PT8H' },
  ...over,
})

export const aQuestion = (over: Partial<Question> = {}): Question => ({
  requesterId: mia,
  granteeId: mia,
  resource: {
    ref: { type: 'group', id: '40000000-0000-4000-8000-00000000000d' },
    name: 'Production Readers',
  },
  permission: 'member',
  durationMilliseconds: 3_600_000,
  intake: 'http',
  ...over,
})

export const contoso: Integration = { name: 'ContosoEntra', resourceTypes: ['group'] }

export const aPolicy = (...flows: readonly VersionedFlow[]): Policy => ({
  integrations: [contoso],
  flows,
})
