import type { MemoryDirectory } from '../../shared/directory/memory-directory.ts'
import type { MemoryTables } from '../../shared/ledger/memory-tables.ts'
import type { Model } from './model.ts'
import type { Wish } from './model-state.ts'
import type { Orchestrations } from './orchestrations.ts'
import type { Random } from './random.ts'
import type { Troubles } from './troubles.ts'
import type { VirtualTime } from './virtual-time.ts'
import type { Product, Workers } from './workers.ts'
import type { World } from './world.ts'

/** Everything that a step may touch. */
export interface Stage {
  readonly begin: number
  readonly time: VirtualTime
  readonly random: Random
  readonly troubles: Troubles
  readonly model: Model
  readonly tables: MemoryTables
  readonly directory: MemoryDirectory
  readonly workers: Workers
  readonly orchestrations: Orchestrations
  readonly world: World
  /** Whether somebody may have confirmed the automatic flow as it is. */
  confirmed: boolean
  /** What others did, so that a reconcile may find something. */
  readonly changes: ReadonlyMap<string, number>
  note(kind: string): void
  requestOf(key: string): string | undefined
  wishOf(key: string): Wish | undefined
}

/** Does it until it is done, as a caller with patience would; a dead worker is a broken connection. */
export function insist(stage: Stage, work: (product: Product) => Promise<void>, tries = 6): void {
  const { workers, time } = stage
  workers.run(work).catch(() => {
    if (tries > 1) time.at(time.now() + 3_000, () => insist(stage, work, tries - 1))
  })
}
