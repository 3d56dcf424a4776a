/*
 * Over 300 lines on purpose: how several flows combine is one law, and each rule is a few lines of
 * it; apart they could not be read against the contract.
 */
import type { Permission, ResourceRef } from './access.ts'
import { groupsIn, holdsFor, type Memberships } from './conditions.ts'
import { durationOf } from './duration.ts'
import type { AccessFlow, TextRule } from './flow.ts'
import type { Integration } from './integration.ts'
import { isSelected } from './selector.ts'
import { compilePattern } from './text.ts'

export type { Memberships } from './conditions.ts'

/** What is asked, as far as policy looks at it. */
export interface Question {
  readonly requesterId: string
  readonly granteeId: string
  readonly resource: { readonly ref: ResourceRef; readonly name: string }
  readonly permission: Permission
  readonly durationMilliseconds: number
  readonly intake: 'http' | 'service-bus'
  readonly justification?: string
  readonly ticket?: string
  readonly integration?: string
  readonly accessFlow?: string
  readonly extends?: boolean
  /** How often the access that is extended was extended already. */
  readonly extensionsBefore?: number
}

/** One rule of one flow, looked at. */
export interface TraceEntry {
  readonly flow: string
  readonly rule: string
  readonly verdict: 'pass' | 'fail' | 'skipped'
  readonly detail: string
}

export interface FlowRefusal {
  readonly flow: string
  readonly rule: string
  readonly detail: string
}

/** A flow with the version that is current. */
export type VersionedFlow = AccessFlow & { readonly version: number }

export interface Policy {
  readonly integrations: readonly Integration[]
  readonly flows: readonly VersionedFlow[]
}

export type Verdict =
  | {
      readonly kind: 'allowed'
      readonly flow: VersionedFlow
      readonly integration: Integration
      readonly approval: 'automatic'
      readonly trace: readonly TraceEntry[]
    }
  | {
      readonly kind: 'refused'
      readonly code: string
      readonly refusals: readonly FlowRefusal[]
      readonly trace: readonly TraceEntry[]
    }

/** Every group whose membership the flows ask about. */
export function groupsAsked(flows: readonly AccessFlow[]): string[] {
  const trees = flows
    .filter(isActive)
    .flatMap((flow) =>
      flow.grantees === undefined ? [flow.requesters] : [flow.requesters, flow.grantees],
    )
  return [...new Set(trees.flatMap(groupsIn).map((id) => id.toLowerCase()))]
}

/**
 * Weighs a request against every flow, each alone. A deny flow that matches refuses, whatever else
 * allows. Of those that fully allow, the one the caller names is taken, or else the least demanding:
 * the longer maximum, then the name. So order never matters, adding an allow flow never refuses
 * anybody, and adding a deny flow never admits anybody.
 */
export function evaluate(question: Question, policy: Policy, members: Memberships): Verdict {
  const judged = policy.flows.map((flow) => judge(flow, question, policy, members))
  const trace = judged.flatMap((each) => each.trace)
  const [denied] = judged
    .filter(({ flow, outcome }) => flow.effect === 'deny' && outcome.kind === 'fits')
    .sort((a, b) => (a.flow.name < b.flow.name ? -1 : 1))
  if (denied !== undefined) {
    const detail = `The flow "${denied.flow.name}" denies it.`
    const refusal = { flow: denied.flow.name, rule: 'effect', detail }
    return { kind: 'refused', code: 'denied-by-flow', refusals: [refusal], trace }
  }
  const allowing = judged.flatMap(({ flow, outcome }) =>
    flow.effect !== 'deny' && outcome.kind === 'fits'
      ? [{ flow, integration: outcome.integration }]
      : [],
  )
  const named = allowing.filter(({ flow }) => isNamed(question.accessFlow, flow.name))
  const [chosen] = named.sort(leastDemandingFirst)
  if (chosen !== undefined) return { kind: 'allowed', ...chosen, approval: 'automatic', trace }
  return refusalOf(
    judged.filter(({ flow }) => isNamed(question.accessFlow, flow.name)),
    trace,
  )
}

interface Judged {
  readonly flow: VersionedFlow
  readonly outcome:
    | { readonly kind: 'fits'; readonly integration: Integration }
    | {
        readonly kind: 'fails'
        readonly rule: string
        readonly detail: string
        readonly passed: number
      }
  readonly trace: readonly TraceEntry[]
}

/** Rules in the order in which they are looked at; a later failure is the nearer miss. */
function judge(
  flow: VersionedFlow,
  question: Question,
  policy: Policy,
  members: Memberships,
): Judged {
  const integration = integrationFor(flow, question, policy.integrations)
  const trace: TraceEntry[] = []
  let failed: { rule: string; detail: string; passed: number } | undefined
  for (const [index, rule] of rulesOf(flow, question, integration, members).entries()) {
    if (failed !== undefined) {
      trace.push({ flow: flow.name, rule: rule.name, verdict: 'skipped', detail: 'Not looked at.' })
      continue
    }
    const problem = rule.problem()
    const verdict = problem === undefined ? 'pass' : 'fail'
    trace.push({ flow: flow.name, rule: rule.name, verdict, detail: problem ?? rule.fits })
    if (problem !== undefined) failed = { rule: rule.name, detail: problem, passed: index }
  }
  const outcome =
    failed !== undefined || integration === undefined
      ? {
          kind: 'fails' as const,
          ...(failed ?? { rule: 'target', detail: 'No target.', passed: 0 }),
        }
      : { kind: 'fits' as const, integration }
  return { flow, outcome, trace }
}

interface Rule {
  readonly name: string
  readonly fits: string
  /** Undefined when the rule passes. */
  problem(): string | undefined
}

function rulesOf(
  flow: AccessFlow,
  question: Question,
  integration: Integration | undefined,
  members: Memberships,
): readonly Rule[] {
  const whoAndWhat: Rule[] = [
    {
      name: 'active',
      fits: 'The flow is active.',
      problem: () => (isActive(flow) ? undefined : 'The flow is switched off.'),
    },
    {
      name: 'target',
      fits: 'The flow and its integration cover the resource.',
      problem: () => (integration === undefined ? 'No target of the flow covers it.' : undefined),
    },
    {
      name: 'requesters',
      fits: 'The requester fits.',
      problem: () =>
        holdsFor(flow.requesters, question.requesterId, members)
          ? undefined
          : 'The requester is not among those who may ask.',
    },
    {
      name: 'grantees',
      fits: 'The grantee fits.',
      problem: () => granteeProblem(flow, question, members),
    },
  ]
  // A denial is about who and what: how it is asked must not get around it.
  if (flow.effect === 'deny') return whoAndWhat
  return [
    ...whoAndWhat,
    {
      name: 'intake',
      fits: `Requests by ${question.intake} are taken.`,
      problem: () =>
        (flow.intake ?? ['http']).includes(question.intake)
          ? undefined
          : `The flow takes no requests by ${question.intake}.`,
    },
    {
      name: 'duration',
      fits: `Within ${flow.duration?.maximum ?? 'nothing'}.`,
      problem: () => durationProblemOf(flow, question),
    },
    ...(question.extends === true ? [extensionsRule(flow, question)] : []),
    textRule('justification', flow.justification, question.justification),
    textRule('ticket', flow.ticket, question.ticket),
  ]
}

function granteeProblem(
  flow: AccessFlow,
  { requesterId, granteeId }: Question,
  members: Memberships,
): string | undefined {
  if (flow.grantees !== undefined) {
    return holdsFor(flow.grantees, granteeId, members)
      ? undefined
      : 'The grantee is not among those who may be given it.'
  }
  return requesterId === granteeId ? undefined : 'The flow allows asking for oneself only.'
}

function durationProblemOf(flow: AccessFlow, question: Question): string | undefined {
  const longest = question.extends === true ? flow.extensions?.duration : undefined
  const maximum = Math.min(
    maximumOf(flow),
    longest === undefined ? Number.POSITIVE_INFINITY : (durationOf(longest) ?? 0),
  )
  return question.durationMilliseconds <= maximum
    ? undefined
    : `It is longer than the maximum of ${longest ?? flow.duration?.maximum ?? 'nothing'}.`
}

function extensionsRule({ extensions }: AccessFlow, { extensionsBefore = 0 }: Question): Rule {
  const most = extensions?.maximum ?? Number.POSITIVE_INFINITY
  return {
    name: 'extensions',
    fits: 'It may be extended once more.',
    problem: () =>
      extensionsBefore < most
        ? undefined
        : `It was extended ${extensionsBefore} times already, and no more are allowed.`,
  }
}

function textRule(name: string, rule: TextRule | undefined, text: string | undefined): Rule {
  return {
    name,
    fits: rule === undefined ? 'Nothing is asked.' : 'It is as the flow asks.',
    problem: () => {
      if (text === undefined || text === '') {
        return rule?.required === true ? `The flow asks for a ${name}.` : undefined
      }
      if (rule?.pattern === undefined) return undefined
      return compilePattern(rule.pattern)?.matches(text) === true
        ? undefined
        : `The ${name} does not match the pattern of the flow.`
    },
  }
}

/** The integration by which a flow's target covers the resource, if any does. */
function integrationFor(
  flow: AccessFlow,
  question: Pick<Question, 'resource' | 'permission' | 'integration'>,
  integrations: readonly Integration[],
): Integration | undefined {
  const { ref, name } = question.resource
  const selectable = { id: ref.id, name }
  for (const target of flow.targets) {
    if (target.resourceType !== ref.type || !target.permissions.includes(question.permission)) {
      continue
    }
    // How it is asked must not get around a denial.
    const wanted = flow.effect === 'deny' ? undefined : question.integration
    if (!isNamed(wanted, target.integration)) continue
    const integration = integrations.find((each) => isNamed(target.integration, each.name))
    if (integration === undefined || !integration.resourceTypes.includes(ref.type)) continue
    if (isSelected(selectable, integration) && isSelected(selectable, target)) return integration
  }
  return undefined
}

/** The refusal of the flow that came nearest, and those of every other that covers the resource. */
function refusalOf(judged: readonly Judged[], trace: readonly TraceEntry[]): Verdict {
  const failures = judged
    .flatMap(({ flow, outcome }) =>
      outcome.kind === 'fails' && outcome.passed > 1 && flow.effect !== 'deny'
        ? [{ flow: flow.name, ...outcome }]
        : [],
    )
    .sort((a, b) => b.passed - a.passed || a.flow.localeCompare(b.flow))
  const refusals = failures.map(({ flow, rule, detail }) => ({ flow, rule, detail }))
  const code = codes[refusals[0]?.rule ?? ''] ?? 'no-flow'
  return { kind: 'refused', code, refusals, trace }
}

const codes: Readonly<Record<string, string>> = {
  requesters: 'not-eligible',
  grantees: 'grantee-not-eligible',
  intake: 'intake-not-allowed',
  duration: 'too-long',
  extensions: 'too-many-extensions',
  justification: 'justification-missing',
  ticket: 'ticket-missing',
}

/** What somebody may ask of a resource, by the same conditions that decide a request. */
export interface Offer {
  readonly flow: VersionedFlow
  readonly integration: Integration
}

/**
 * The flows by which a person may ask for a resource, for himself or for those whom their grantees
 * name, the least demanding first; none where it is denied to himself.
 */
export function mayAsk(
  personId: string,
  resource: Question['resource'],
  permission: Permission,
  policy: Policy,
  members: Memberships,
): readonly Offer[] {
  const covering = policy.flows.filter(isActive).flatMap((flow) => {
    const integration = integrationFor(flow, { resource, permission }, policy.integrations)
    return integration !== undefined && holdsFor(flow.requesters, personId, members)
      ? [{ flow, integration }]
      : []
  })
  const forSelf = covering.filter(
    ({ flow }) => flow.grantees === undefined || holdsFor(flow.grantees, personId, members),
  )
  if (forSelf.some(({ flow }) => flow.effect === 'deny')) return []
  return covering.filter(({ flow }) => flow.effect !== 'deny').sort(leastDemandingFirst)
}

function leastDemandingFirst(a: Offer, b: Offer): number {
  const longer = maximumOf(b.flow) - maximumOf(a.flow)
  return longer || (a.flow.name < b.flow.name ? -1 : 1)
}

function maximumOf(flow: AccessFlow): number {
  return durationOf(flow.duration?.maximum ?? '') ?? 0
}

function isActive(flow: AccessFlow): boolean {
  return flow.active !== false
}

function isNamed(wanted: string | undefined, name: string): boolean {
  return wanted === undefined || wanted.toLowerCase() === name.toLowerCase()
}
