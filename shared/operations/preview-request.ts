import { necessaryDecisions } from '../access/approval-stages.ts'
import type { Nearest, TraceEntry, VersionedFlow } from '../access/evaluate.ts'
import type { ApprovalRule, TextRule } from '../access/flow.ts'
import { givingOf, minimumOf } from '../access/giving.ts'
import type { AskedApprover } from '../ledger/pair-ledger.ts'
import type { Arrival } from './arrival.ts'
import { type AskedApproval, prepareApproval } from './ask-approval.ts'
import { type Allowed, decideRequest } from './decide-request.ts'
import type { Needs } from './needs.ts'
import { emergencyStopRefusal, type Refusal } from './refusal.ts'
import { askedOf, checkTimes } from './submit-request.ts'
import type { Configuration, ReadConfiguration } from './system-stream.ts'

/** Somebody who would be asked for a decision, or a group any of whose members would. */
export interface PreviewApprover {
  readonly type: 'user' | 'group'
  readonly id: string
  readonly name: string
  /** In which role he is asked. */
  readonly as: AskedApprover['as']
  readonly stage: number
  /** Tiers after the first are asked when nobody of those before has answered in time. */
  readonly tier: number
}

/** What would become of a request if it were made now. */
export interface Preview {
  readonly outcome: 'granted-automatically' | 'needs-approval' | 'refused'
  /** Stable; why it would be refused. */
  readonly code?: string
  readonly detail?: string
  /** The flow that would be taken, or came nearest; what it asks is told below. */
  readonly flow?: string
  readonly minimumDuration?: string
  readonly maximumDuration?: string
  readonly defaultDuration?: string
  readonly justification?: TextRule
  readonly ticket?: TextRule
  readonly approval?: { readonly mode: ApprovalRule['mode']; readonly necessaryDecisions: number }
  readonly approvers: readonly PreviewApprover[]
  readonly trace: readonly TraceEntry[]
  readonly nearest?: Nearest
}

export type PreviewOutcome = { readonly kind: 'previewed'; readonly preview: Preview } | Refusal

/**
 * Weighs a request as `submit` would, by the same code, and tells what would become of it. Writes
 * nothing. What is wrong in itself is refused as there: a field, an unknown or unmanageable resource.
 */
export function createPreviewRequest(
  needs: Needs,
  readConfiguration: ReadConfiguration,
): (arrival: Omit<Arrival, 'claim'>) => Promise<PreviewOutcome> {
  return async (arrival) => {
    const now = needs.now()
    const invalid = checkTimes(needs, arrival.body, now)
    if (invalid !== undefined) return invalid
    const configuration = await readConfiguration()
    if (configuration.stop.active) return emergencyStopRefusal
    const decision = await decideRequest(needs, configuration, askedOf(arrival, now))
    if (decision.kind === 'allowed') {
      const approval = await prepareApproval(needs, decision)
      const preview =
        approval?.kind === 'refused'
          ? refusedPreview(approval, configuration, decision.verdict.flow)
          : allowedPreview(decision, approval)
      return { kind: 'previewed', preview }
    }
    if (decision.reason !== 'not-allowed' && decision.reason !== 'not-feasible') return decision
    return { kind: 'previewed', preview: refusedPreview(decision, configuration) }
  }
}

function allowedPreview({ verdict, key }: Allowed, approval: AskedApproval | undefined): Preview {
  const { flow, trace, integration } = verdict
  const minimumDuration = minimumOf(givingOf(integration, key.resource.type))
  return {
    ...(minimumDuration === undefined ? {} : { minimumDuration }),
    outcome: approval === undefined ? 'granted-automatically' : 'needs-approval',
    ...termsOf(flow),
    approvers: approval === undefined ? [] : approversIn(approval),
    trace,
  }
}

function approversIn({ asked }: AskedApproval): readonly PreviewApprover[] {
  return asked.flatMap((tiers, stage) =>
    tiers.flatMap((entries, tier) =>
      entries.flatMap(({ as, people, groups }) => [
        ...people.map((each) => ({ ...each, type: 'user' as const, as, stage, tier })),
        ...groups.map((each) => ({ ...each, type: 'group' as const, as, stage, tier })),
      ]),
    ),
  )
}

/** Told by the flow that allows it and cannot be approved, or else by the one that came nearest. */
function refusedPreview(
  { code, detail, trace = [], nearest }: Refusal,
  { accessFlows }: Configuration,
  allowing?: VersionedFlow,
): Preview {
  const flow = allowing ?? accessFlows.find(({ name }) => name === nearest?.flow)
  return {
    outcome: 'refused',
    code,
    detail,
    ...(flow === undefined || flow.effect === 'deny' ? {} : termsOf(flow)),
    approvers: [],
    trace,
    ...(nearest === undefined ? {} : { nearest }),
  }
}

/** What a flow gives and asks for. */
function termsOf({
  name,
  duration,
  justification,
  ticket,
  approval,
}: VersionedFlow): Pick<
  Preview,
  'flow' | 'maximumDuration' | 'defaultDuration' | 'justification' | 'ticket' | 'approval'
> {
  return {
    flow: name,
    ...(duration === undefined ? {} : { maximumDuration: duration.maximum }),
    ...(duration?.default === undefined ? {} : { defaultDuration: duration.default }),
    ...(justification === undefined ? {} : { justification }),
    ...(ticket === undefined ? {} : { ticket }),
    ...(approval === undefined
      ? {}
      : {
          approval: { mode: approval.mode, necessaryDecisions: necessaryDecisions(approval) },
        }),
  }
}
