import type { AccessKey } from '../access/access.ts'
import { copyOf, type MemoryTenant } from './memory-tenant.ts'

/** What is being done when a fault or a hook strikes. */
export type DirectoryCall =
  | {
      readonly operation: 'add' | 'update' | 'remove'
      readonly access: AccessKey
      readonly attemptId: string
    }
  | { readonly operation: 'holds'; readonly access: AccessKey }
  | {
      readonly operation:
        | 'holdsEach'
        | 'schedules'
        | 'lookUp'
        | 'findPeople'
        | 'groupAttributes'
        | 'search'
        | 'list'
        | 'changes'
        | 'ping'
    }

interface Matching {
  /** The operations that it strikes; all that can be struck by it where absent. */
  readonly on?: readonly DirectoryCall['operation'][]
  /** How many matching calls; all where absent. */
  readonly count?: number
}

/** Something that goes wrong from now on, until its count or time is over. */
export type DirectoryFault = Matching &
  (
    | { readonly effect: 'throttled'; readonly retryAfterSeconds?: number }
    /** Writes are refused for good. */
    | { readonly effect: 'forbidden' }
    /** Reads fail; writes certainly do not happen. */
    | { readonly effect: 'unavailable' }
    /** A write gets no reply and has not happened. */
    | { readonly effect: 'ambiguous-before' }
    /** A write gets no reply and has happened. */
    | { readonly effect: 'ambiguous-after' }
    /** Reads answer the state of the moment when the fault was set. */
    | { readonly effect: 'stale'; readonly seconds: number }
    /** Writes are weighed against the state of that moment: "not there" of what was just added. */
    | { readonly effect: 'stale-writes'; readonly seconds: number }
  )

interface ActiveFault {
  readonly fault: DirectoryFault
  readonly setAt: Date
  readonly tenant: MemoryTenant
  left: number
}

export interface FaultList {
  set(fault: DirectoryFault, tenant: MemoryTenant): void
  clear(): void
  /** The first fault that strikes a call, counted as used. */
  strike(call: DirectoryCall): { fault: DirectoryFault; tenant: MemoryTenant } | undefined
}

/** Faults in the order in which they were set; the first match wins. */
export function createFaultList(now: () => Date): FaultList {
  const faults: ActiveFault[] = []
  return {
    set(fault, tenant) {
      const seen = 'seconds' in fault ? copyOf(tenant) : tenant
      faults.push({
        fault,
        tenant: seen,
        setAt: now(),
        left: fault.count ?? Number.POSITIVE_INFINITY,
      })
    },

    clear: () => void faults.splice(0),

    strike(call) {
      const found = faults.find(
        (each) => each.left > 0 && strikes(each.fault, call) && !isOver(each, now()),
      )
      if (found === undefined) return undefined
      found.left -= 1
      return { fault: found.fault, tenant: found.tenant }
    },
  }
}

function strikes({ on, effect }: DirectoryFault, { operation }: DirectoryCall): boolean {
  if (on !== undefined && !on.includes(operation)) return false
  const isWrite = operation === 'add' || operation === 'update' || operation === 'remove'
  switch (effect) {
    case 'throttled':
    case 'unavailable':
      return true
    case 'stale':
      return !isWrite
    default:
      return isWrite
  }
}

function isOver({ fault, setAt }: ActiveFault, now: Date): boolean {
  return 'seconds' in fault && now.getTime() >= setAt.getTime() + fault.seconds * 1000
}
