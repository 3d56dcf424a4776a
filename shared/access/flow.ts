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
  readonly justification?: TextRule | undefined
  readonly ticket?: TextRule | undefined
  readonly extensions?:
    | { readonly maximum?: number | undefined; readonly duration?: string | undefined }
    | undefined
  readonly labels?: Readonly<Record<string, string>> | readonly string[] | undefined
}
