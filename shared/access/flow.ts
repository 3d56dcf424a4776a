import type { Permission, ResourceType } from './access.ts'
import type { ConditionTree } from './conditions.ts'
import type { Selector } from './selector.ts'

/** What a flow is about. */
export interface Target {
  readonly integration: string
  readonly resourceType: ResourceType
  readonly permissions: readonly Permission[]
  readonly include?: readonly Selector[] | undefined
  readonly exclude?: readonly Selector[] | undefined
}

/** A text that a requester has to give, and the pattern it has to match as a whole. */
export interface TextRule {
  readonly required?: boolean | undefined
  readonly pattern?: string | undefined
}

/** Who may decide: a role in the organisation, looked up live, or somebody by object id. */
export type ApproverRef =
  | 'resource-owner'
  | 'integration-owner'
  | 'manager'
  | { readonly type: 'user' | 'group'; readonly id: string }

/** One step of an approval; `escalateAfter` opens the next one beside it when nobody has decided. */
export interface ApprovalStep {
  readonly approvers: readonly ApproverRef[]
  readonly escalateAfter?: string | undefined
}

/** How a request is approved by people (contract, "Access flow"). */
export interface ApprovalRule {
  readonly mode: 'any-of' | 'all-of'
  readonly steps: readonly ApprovalStep[]
  /** From the request to its time-out; without it the broker's own default holds. */
  readonly timeout?: string | undefined
}

/** When a flow takes requests: days `mon` to `sun`, times `HH:MM`, in a zone of the IANA database. */
export interface Timeframe {
  readonly days: readonly string[]
  readonly from: string
  readonly to: string
  readonly timeZone: string
}

/** How a request came: by which door, or by itself where a flow is automatic. */
export type Intake = 'http' | 'service-bus' | 'automatic'

/** A policy: who may get what, and how (contract, "Access flow"). */
export interface AccessFlow {
  readonly name: string
  readonly description?: string | undefined
  readonly active?: boolean | undefined
  readonly effect?: 'allow' | 'deny' | undefined
  readonly trigger?: 'self-serve' | 'automatic' | undefined
  readonly intake?: readonly ('http' | 'service-bus')[] | undefined
  readonly requesters: ConditionTree
  /** Without it a requester asks for himself only. */
  readonly grantees?: ConditionTree | undefined
  readonly targets: readonly Target[]
  /** Only a flow that denies may lack it. */
  readonly duration?:
    | { readonly maximum: string; readonly default?: string | undefined }
    | undefined
  /** Absent: granted automatically. */
  readonly approval?: ApprovalRule | undefined
  readonly timeframe?: Timeframe | undefined
  readonly justification?: TextRule | undefined
  readonly ticket?: TextRule | undefined
  readonly extensions?:
    | { readonly maximum?: number | undefined; readonly duration?: string | undefined }
    | undefined
  readonly labels?: Readonly<Record<string, string>> | readonly string[] | undefined
}
