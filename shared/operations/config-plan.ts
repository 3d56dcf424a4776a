import type { AccessFlow, Target } from '../access/flow.ts'
import type { Integration } from '../access/integration.ts'
import { isSelected } from '../access/selector.ts'
import type { ConfigSet } from '../config/config-set.ts'
import type { PeopleFound } from '../directory/directory.ts'
import { type DocumentChange, type Planned, planChanges } from './config-changes.ts'
import { gatherFacts, groupsLinted, type PlanFacts } from './config-facts.ts'
import { type LintIssue, lintDocuments, matchesNothing } from './config-lint.ts'
import { type PlanPeople, whoIsConcerned } from './config-people.ts'
import { lintByPolicies } from './config-pim.ts'
import { countUses } from './count-uses.ts'
import { kindWords } from './document-refs.ts'
import type { Needs } from './needs.ts'
import type { ReadResources } from './read-resources.ts'
import type { Refusal } from './refusal.ts'
import type { ReadConfiguration } from './system-stream.ts'

/** What a set would change, for whom, and what is odd about it. */
export interface ConfigPlan {
  readonly kind: 'plan'
  /** Sent back as `If-Match`, it lets the set pass only while nothing else has changed. */
  readonly planId: string
  readonly changes: readonly DocumentChange[]
  readonly people: PlanPeople
  readonly lint: readonly LintIssue[]
}

/** Plans a set without changing anything. */
export async function planConfig(
  needs: Pick<Needs, 'tables' | 'directory' | 'now'>,
  readConfiguration: ReadConfiguration,
  readResources: ReadResources,
  set: ConfigSet,
): Promise<ConfigPlan | Refusal> {
  const planned = planChanges(await readConfiguration(), set)
  if ('reason' in planned) return planned
  const facts = await gatherFacts(needs, readResources, planned, set)
  const { integrations } = planned.after
  const gaps = new Set(facts.gaps)
  const byPolicies = await lintByPolicies(needs, set, integrations, facts, gaps)
  return {
    kind: 'plan',
    planId: planned.planId,
    changes: planned.changes,
    people: await whoIsConcerned(needs, planned, facts),
    lint: [
      ...(await lintDeletions(needs, planned)),
      ...lintDocuments(planned, set),
      ...byPolicies,
      ...lintByDirectory(set, integrations, facts, gaps),
    ],
  }
}

async function lintDeletions(
  { tables }: Pick<Needs, 'tables'>,
  { changes }: Planned,
): Promise<readonly LintIssue[]> {
  const deleted = changes.filter(({ action }) => action === 'delete')
  if (deleted.length === 0) return []
  const uses = await countUses(tables)
  return deleted.flatMap(({ kind, name }) => {
    const count = uses.of(kind, name)
    if (count === 0) return []
    const detail = `${count} active or pending requests depend on the ${kindWords[kind]} "${name}".`
    return [{ code: 'in-use' as const, severity: 'error' as const, pointer: '', detail }]
  })
}

/** What shows only beside the directory: groups that are not there or empty, targets of nothing. */
function lintByDirectory(
  set: ConfigSet,
  integrations: readonly Integration[],
  facts: PlanFacts,
  gaps: Set<string>,
): readonly LintIssue[] {
  const isEmpty = createIsEmpty(integrations, facts, gaps)
  const flowIssues = (set.accessFlows ?? []).flatMap((flow, index) => [
    ...lintGroups(flow, `/accessFlows/${index}`, facts),
    ...lintTargets(flow, `/accessFlows/${index}`, isEmpty),
  ])
  const issues = [...flowIssues, ...lintBundles(set, facts)]
  if (gaps.size === 0) return issues
  const detail = `Not everything could be looked at: ${[...gaps].join(' ')}`
  return [...issues, { code: 'not-checked', severity: 'info', pointer: '', detail }]
}

function lintGroups(
  flow: AccessFlow,
  pointer: string,
  { groups }: PlanFacts,
): readonly LintIssue[] {
  const unknown = [...new Set(groupsLinted([flow]))]
    .filter((id) => groups.get(id)?.groups.length === 0)
    .map(
      (id): LintIssue => ({
        code: 'unknown-group',
        severity: 'warning',
        pointer,
        detail: `The directory has no group ${id}.`,
      }),
    )
  const empty = (flow.approval?.steps ?? []).flatMap(({ approvers }, step) =>
    approvers.flatMap((each, index): readonly LintIssue[] => {
      if (typeof each !== 'object' || each.type !== 'group') return []
      const found = groups.get(each.id.toLowerCase())
      if (found === undefined || found.groups.length === 0 || mayDecide(found)) return []
      return [
        {
          code: 'empty-approver-group',
          severity: 'warning',
          pointer: `${pointer}/approval/steps/${step}/approvers/${index}`,
          detail: `Nobody in the group ${each.id} can decide.`,
        },
      ]
    }),
  )
  return [...unknown, ...empty]
}

/** Disabled approvers do not count; beyond what was read there may be others. */
function mayDecide({ users, isComplete }: PeopleFound): boolean {
  return users.some(({ enabled }) => enabled) || !isComplete
}

/** Whether nothing fits a target; false where that is not known, or another issue says why. */
type IsEmpty = (target: Target) => boolean

/** Keeps the look at every target and every resource within seconds. */
const mostComparisons = 2_000_000

function createIsEmpty(
  integrations: readonly Integration[],
  { resources }: PlanFacts,
  gaps: Set<string>,
): IsEmpty {
  const named = new Map(integrations.map((each) => [each.name.toLowerCase(), each]))
  let left = mostComparisons
  return (target) => {
    const integration = named.get(target.integration.toLowerCase())
    if (resources === undefined || integration === undefined) return false
    if (!integration.resourceTypes.includes(target.resourceType) || left <= 0) return false
    const isThere = resources.some(({ ref, selectable }) => {
      left -= 1
      return (
        ref.type === target.resourceType &&
        isSelected(selectable, target) &&
        isSelected(selectable, integration)
      )
    })
    if (left > 0) return !isThere
    gaps.add('There are too many targets to look for.')
    return false
  }
}

function lintTargets(flow: AccessFlow, pointer: string, isEmpty: IsEmpty): readonly LintIssue[] {
  return flow.targets.flatMap((target, index): readonly LintIssue[] => {
    if (!isEmpty(target)) return []
    const detail = `No ${target.resourceType} of the directory fits it.`
    const place = `${pointer}/targets/${index}`
    return [{ code: matchesNothing(flow), severity: 'warning', pointer: place, detail }]
  })
}

/** Resources of bundles that the directory does not have, or no longer. */
function lintBundles(set: ConfigSet, { resources }: PlanFacts): readonly LintIssue[] {
  if (resources === undefined) return []
  const there = new Set(resources.map(({ ref }) => `${ref.type} ${ref.id}`))
  return (set.bundles ?? []).flatMap((bundle, index) =>
    bundle.resources.flatMap(({ resource: { type, id } }, at): readonly LintIssue[] => {
      if (there.has(`${type} ${id}`)) return []
      const pointer = `/bundles/${index}/resources/${at}/resource`
      const detail = `The directory has no ${type} ${id}.`
      return [{ code: 'unknown-resource', severity: 'warning', pointer, detail }]
    }),
  )
}
