import type { Broker } from '../../../functions/broker.ts'
import type { AccessFlow } from '../../../shared/access/flow.ts'
import type { Rules } from '../../../shared/operations/needs.ts'
import type { InMemory, TestClock } from '../../operations/broker-in-memory.ts'

/** What a test wants the app to be built on. */
export interface AppOrder {
  readonly clock: TestClock
  readonly flows: readonly AccessFlow[]
  readonly rules: Partial<Rules>
  /** Answers what the app asks the authority of the tokens. */
  readonly fetch: typeof fetch
  readonly checks: Broker['checks']
  readonly portalFolder: string
}

interface Shelf {
  order?: AppOrder
  product?: InMemory
}

const place = Symbol.for('entra-jit.test.http')

/** The test and the app that it loads share a process, but not their modules. */
const room: { [place]?: Shelf } = globalThis as object

/** Where a test lays its order, and the app what it built of it. */
export const shelf: Shelf = room[place] ?? {}
room[place] = shelf
