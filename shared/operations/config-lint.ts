import { durationOf } from '../access/duration.ts'
import type { AccessFlow, Target } from '../access/flow.ts'
import type { Integration } from '../access/integration.ts'
import type { ConfigSet } from '../config/config-set.ts'
import type { Planned } from './config-changes.ts'
import { createFindShadow } from './config-shadow.ts'
import type { FieldError } from './refusal.ts'

/** What a plan warns of. Codes are stable; `docs/config-as-code.md` explains each. */
export const lintCodes = [
  'unknown-integration',
  'in-use',
  'shadowed-flow',
  'inactive-flow',
  'unused-integration',
  'long-without-approval',
  'owner-missing',
  'target-matches-nothing',
  'deny-matches-nothing',
  'unknown-group',
  'unknown-resource',
  'empty-approver-group',
  'beyond-pim-policy',
  'not-checked',
] as const

export type LintCode = (typeof lintCodes)[number]

export interface LintIssue {
  readonly code: LintCode
  /** `error`: `PUT /config` refuses it. */
  readonly severity: 'error' | 'warning' | 'info'
  /** Into the set that was sent; empty for what the set does not name. */
  readonly pointer: string
  readonly detail: string
}

/** Access for longer than this should be somebody's decision. */
const longMilliseconds = 24 * 3_600_000

/** What the documents alone show, without asking the directory. */
export function lintDocuments({ after }: Planned, set: ConfigSet): readonly LintIssue[] {
  const integrations = byName(after.integrations)
  const flows = set.accessFlows ?? []
  const shadowOf = createFindShadow(after.accessFlows)
  return [
    ...bundlesOfNothing(set, integrations),
    ...flows.flatMap((flow, index) => {
      const pointer = `/accessFlows/${index}`
      return [
        ...unknownIntegrations(flow, pointer, integrations),
        ...lintFlow(flow, pointer, integrations),
        ...shadowed(shadowOf(flow), pointer),
      ]
    }),
    ...unused(set.integrations ?? [], after.accessFlows),
  ]
}

/** Targets of the set that lead nowhere: a set with one of them is not taken. */
export function brokenTargets({ after }: Planned, set: ConfigSet): readonly FieldError[] {
  const integrations = byName(after.integrations)
  return (set.accessFlows ?? [])
    .flatMap((flow, index) => unknownIntegrations(flow, `/accessFlows/${index}`, integrations))
    .concat(bundlesOfNothing(set, integrations))
    .map(({ pointer, detail }) => ({ pointer, detail }))
}

function byName(integrations: readonly Integration[]): ReadonlyMap<string, Integration> {
  return new Map(integrations.map((each) => [each.name.toLowerCase(), each]))
}

type Integrations = ReadonlyMap<string, Integration>

function unknownIntegrations(
  flow: AccessFlow,
  pointer: string,
  integrations: Integrations,
): readonly LintIssue[] {
  return flow.targets.flatMap(({ integration }, index) =>
    unknownIntegration(integration, `${pointer}/targets/${index}/integration`, integrations),
  )
}

function bundlesOfNothing(set: ConfigSet, integrations: Integrations): readonly LintIssue[] {
  return (set.bundles ?? []).flatMap(({ resources }, index) =>
    resources.flatMap(({ integration }, at) => {
      const pointer = `/bundles/${index}/resources/${at}/integration`
      return integration === undefined ? [] : unknownIntegration(integration, pointer, integrations)
    }),
  )
}

function unknownIntegration(
  name: string,
  pointer: string,
  integrations: Integrations,
): readonly LintIssue[] {
  if (integrations.has(name.toLowerCase())) return []
  const detail = `There is no integration "${name}".`
  return [{ code: 'unknown-integration', severity: 'error', pointer, detail }]
}

function lintFlow(
  flow: AccessFlow,
  pointer: string,
  integrations: Integrations,
): readonly LintIssue[] {
  const issues: LintIssue[] = []
  const add = (code: LintCode, severity: LintIssue['severity'], where: string, detail: string) =>
    issues.push({ code, severity, pointer: `${pointer}${where}`, detail })
  if (flow.active === false) add('inactive-flow', 'info', '/active', 'The flow is switched off.')
  for (const [index, target] of flow.targets.entries()) {
    const integration = integrations.get(target.integration.toLowerCase())
    if (integration === undefined || integration.resourceTypes.includes(target.resourceType))
      continue
    const detail = `"${integration.name}" has no resources of the type ${target.resourceType}.`
    add(matchesNothing(flow), 'warning', `/targets/${index}/resourceType`, detail)
  }
  const maximum = durationOf(flow.duration?.maximum ?? '') ?? 0
  if (flow.effect !== 'deny' && flow.approval === undefined && maximum > longMilliseconds) {
    const detail = 'Access for more than a day is given without anybody deciding on it.'
    add('long-without-approval', 'warning', '/duration/maximum', detail)
  }
  for (const [step, { approvers }] of (flow.approval?.steps ?? []).entries()) {
    for (const [index, approver] of approvers.entries()) {
      const without = withoutOwner(approver, flow.targets, integrations)
      if (without === undefined) continue
      const detail = `"${without}" has no ${String(approver).replace('-', ' ')}.`
      add('owner-missing', 'warning', `/approval/steps/${step}/approvers/${index}`, detail)
    }
  }
  return issues
}

export function matchesNothing({ effect }: AccessFlow): LintCode {
  return effect === 'deny' ? 'deny-matches-nothing' : 'target-matches-nothing'
}

/** The integration of a target for which nobody stands behind such an approver. */
function withoutOwner(
  approver: unknown,
  targets: readonly Target[],
  integrations: Integrations,
): string | undefined {
  if (approver !== 'resource-owner' && approver !== 'integration-owner') return undefined
  return targets
    .flatMap(({ integration }) => integrations.get(integration.toLowerCase()) ?? [])
    .find(({ owner }) => owner === undefined)?.name
}

/** Integrations of the set that no flow gives access to. */
function unused(
  integrations: readonly Integration[],
  flows: readonly AccessFlow[],
): readonly LintIssue[] {
  const targeted = new Set(
    flows.flatMap(({ targets }) => targets.map(({ integration }) => integration.toLowerCase())),
  )
  return integrations.flatMap(({ name }, index) =>
    targeted.has(name.toLowerCase())
      ? []
      : [
          {
            code: 'unused-integration' as const,
            severity: 'info' as const,
            pointer: `/integrations/${index}`,
            detail: 'No access flow has a target in it.',
          },
        ],
  )
}

function shadowed(by: AccessFlow | undefined, pointer: string): readonly LintIssue[] {
  if (by === undefined) return []
  const detail =
    by.effect === 'deny'
      ? `"${by.name}" denies everything that it allows.`
      : `"${by.name}" gives the same people the same for no more, and is taken instead.`
  return [{ code: 'shadowed-flow', severity: 'warning', pointer, detail }]
}
