import type { Needs } from '../../shared/operations/needs.ts'

/** A bug that is put around the product, to see whether the simulation finds it. */
export interface Implant {
  readonly name: string
  /** The invariants one of which it has to break. */
  readonly breaks: readonly string[]
  needs(needs: Needs): Needs
  /** Timers that never run. */
  readonly without?: 'sweep'
}

/** The product as it is. */
export const asItIs: Implant = { name: 'none', breaks: [], needs: (needs) => needs }
