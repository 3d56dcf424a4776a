import { type ConditionNeeds, needsOf, type PeopleFacts } from './conditions.ts'
import { byName, leastDemandingFirst } from './evaluate-demand.ts'
import { deniedBy, refusalOf } from './evaluate-refusal.ts'
import { isActive, type RuleName, rulesOf, type Weighing, whoAndWhat } from './evaluate-rules.ts'
import { createCoverage, type Subject } from './evaluate-target.ts'
import type { AccessFlow, Intake, TextRule } from './flow.ts'
import type { Integration } from './integration.ts'
import { type LocalTime, localTime } from './timeframe.ts'

/** What is asked, as far as policy looks at it. */
export interface Question extends Subject {
  readonly requesterId: string
  readonly granteeId: string
  readonly durationMilliseconds: number
  /** When the access is to start: the instant that timeframes are held against. */
  readonly startsAt: Date
  readonly intake: Intake
  readonly justification?: string
  readonly ticket?: string
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

/** What would have to be asked for instead, as fields of the request. */
export interface Change {
  readonly duration?: string
  readonly startsAt?: string
  /** The rule that the text has to follow. */
  readonly justification?: TextRule
  readonly ticket?: TextRule
  readonly accessFlow?: string
}

/** Where a flow stopped a request. */
export interface FlowRefusal {
  readonly flow: string
  readonly rule: string
  readonly detail: string
}

/** The flow that came nearest to allowing it, and the change by which it would, if there is one. */
export interface Nearest extends FlowRefusal {
  readonly change?: Change
}

/** A flow with the version that is current. */
export type VersionedFlow = AccessFlow & { readonly version: number }

export interface Policy {
  readonly integrations: readonly Integration[]
  readonly flows: readonly VersionedFlow[]
}

/** A flow and the integration by which it covers what is asked for. */
export interface Offer {
  readonly flow: VersionedFlow
  readonly integration: Integration
}

export type Verdict =
  /** By people where `flow.approval` is set, else at once. */
  | ({ readonly kind: 'allowed'; readonly trace: readonly TraceEntry[] } & Offer)
  | {
      readonly kind: 'refused'
      readonly code: string
      readonly detail: string
      /** The flows that cover what is asked for, the nearest first. */
      readonly refusals: readonly FlowRefusal[]
      readonly nearest?: Nearest
      readonly trace: readonly TraceEntry[]
    }

/** What has to be known of the people to judge by these flows. */
export function factsAsked(flows: readonly AccessFlow[]): ConditionNeeds {
  const groups = new Set<string>()
  const attributes = new Set<string>()
  let managers = false
  for (const flow of flows) {
    if (!isActive(flow)) continue
    for (const tree of [flow.requesters, flow.grantees]) {
      if (tree === undefined) continue
      const needs = needsOf(tree)
      for (const group of needs.groups) groups.add(group)
      for (const attribute of needs.attributes) attributes.add(attribute)
      managers ||= needs.managers
    }
  }
  return { groups: [...groups], attributes: [...attributes], managers }
}

/**
 * Weighs a request against every flow, each alone. A deny flow that matches refuses, whatever else
 * allows. Of those that fully allow, the one that the caller names is taken, or else the least
 * demanding: automatic before approval, fewer necessary decisions first, then the longer maximum,
 * then the name. So order never matters, adding an allow flow never refuses anybody, and adding a
 * deny flow never admits anybody.
 */
export function evaluate(question: Question, policy: Policy, facts: PeopleFacts): Verdict {
  const weighing = weighingOf(question, policy, facts)
  const trace: TraceEntry[] = []
  const judged = policy.flows.map((flow) => judge(flow, weighing, trace))

  const fitting = judged.filter(({ failures }) => failures.length === 0)
  const [denial] = fitting.filter(({ flow }) => flow.effect === 'deny').sort(byName)
  if (denial !== undefined) return deniedBy(denial.flow, trace)

  const allowing = fitting
    .flatMap(({ flow }) => {
      const coverage = weighing.coverageOf(flow)
      return coverage.passes ? [{ flow, integration: coverage.integration }] : []
    })
    .sort(leastDemandingFirst)
  const wanted = question.accessFlow
  const chosen = allowing.find(
    ({ flow }) => wanted === undefined || flow.name.toLowerCase() === wanted.toLowerCase(),
  )
  if (chosen !== undefined) return { kind: 'allowed', ...chosen, trace }
  return refusalOf({ judged, wanted, instead: allowing[0]?.flow, trace })
}

function weighingOf(question: Question, policy: Policy, facts: PeopleFacts): Weighing {
  const clocks = new Map<string, LocalTime>()
  return {
    question,
    facts,
    coverageOf: createCoverage(question, policy.integrations),
    localTimeIn: (timeZone) => {
      const known = clocks.get(timeZone)
      if (known !== undefined) return known
      const time = localTime(question.startsAt, timeZone)
      clocks.set(timeZone, time)
      return time
    },
  }
}

/** A rule that a flow failed by. */
export interface Failure {
  readonly rule: RuleName
  readonly detail: string
  readonly change: (() => Change | undefined) | undefined
}

/** A flow, weighed alone: it fits where nothing failed. */
export interface Judged {
  readonly flow: VersionedFlow
  readonly failures: readonly Failure[]
  /** Rules passed before the first that failed; more of them are a nearer miss. */
  readonly passed: number
}

/** A flow that is off or about something else is left at that; of any other every rule is told. */
function judge(flow: VersionedFlow, weighing: Weighing, trace: TraceEntry[]): Judged {
  const failures: Failure[] = []
  const rules = rulesOf(flow)
  let passed = 0
  for (const rule of rules) {
    const isPointless = failures.length > 0 && passed < whoAndWhat.length
    if (isPointless) {
      trace.push({ flow: flow.name, rule: rule.name, verdict: 'skipped', detail: 'Not looked at.' })
      continue
    }
    const finding = rule.look(flow, weighing)
    const verdict = finding.passes ? 'pass' : 'fail'
    trace.push({ flow: flow.name, rule: rule.name, verdict, detail: finding.detail })
    if (!finding.passes) {
      failures.push({ rule: rule.name, detail: finding.detail, change: finding.change })
      if (rule.name === 'active' || rule.name === 'target') break
    } else if (failures.length === 0) {
      passed += 1
    }
  }
  return { flow, failures, passed }
}
