import { necessaryDecisions } from '../access/approval-stages.ts'
import type { Nearest, TraceEntry } from '../access/evaluate.ts'
import type { ApprovalRule, TextRule } from '../access/flow.ts'
import { type Allowed, decideRequest } from './decide-request.ts'
import type { Needs } from './needs.ts'
import { emergencyStopRefusal, type Refusal } from './refusal.ts'
import { type Arrival, askedOf, checkTimes } from './submit-request.ts'
import type { Configuration, ReadConfiguration } from './system-stream.ts'

/** Somebody who would be asked for a decision. */
export interface PreviewApprover {
  readonly id: string
  readonly name: string
}

/** Who would approve a request that a flow allows; asked only where the flow has an approval. */
export type ApproversOf = (
  approval: ApprovalRule,
  allowed: Allowed,
) => Promise<readonly PreviewApprover[]>

/** What would become of a request if it were made now. */
export interface Preview {
  readonly outcome: 'granted-automatically' | 'needs-approval' | 'refused'
  /** Stable; why it would be refused. */
  readonly code?: string
  readonly detail?: string
  /** The flow that would be taken, or came nearest; what it asks is told below. */
  readonly flow?: string
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
  approversOf: ApproversOf,
): (arrival: Omit<Arrival, 'claim'>) => Promise<PreviewOutcome> {
  return async (arrival) => {
    const now = needs.now()
    const invalid = checkTimes(needs, arrival.body, now)
    if (invalid !== undefined) return invalid
    const configuration = await readConfiguration()
    if (configuration.stop.active) return emergencyStopRefusal
    const decision = await decideRequest(needs, configuration, askedOf(arrival, now))
    if (decision.kind === 'allowed') {
      return { kind: 'previewed', preview: await allowedPreview(decision, approversOf) }
    }
    if (decision.reason !== 'not-allowed') return decision
    return { kind: 'previewed', preview: refusedPreview(decision, configuration) }
  }
}

async function allowedPreview(allowed: Allowed, approversOf: ApproversOf): Promise<Preview> {
  const { flow, trace } = allowed.verdict
  const { approval } = flow
  return {
    outcome: approval === undefined ? 'granted-automatically' : 'needs-approval',
    ...termsOf(flow),
    approvers: approval === undefined ? [] : await approversOf(approval, allowed),
    trace,
  }
}

function refusedPreview(
  { code, detail, trace = [], nearest }: Refusal,
  { accessFlows }: Configuration,
): Preview {
  const flow = accessFlows.find(({ name }) => name === nearest?.flow)
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
}: Configuration['accessFlows'][number]): Pick<
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
