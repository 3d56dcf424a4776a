import type { MemoryDirectory } from '../../shared/directory/memory-directory.ts'
import { crowd, isCrowded, mostUnconfirmed } from './crowd.ts'
import { accessOf, idOf, named } from './people.ts'

/** Something about the world that the model asks about, now and in the past. */
export type Fact =
  | `${'there' | 'enabled' | 'approver' | 'in-team' | 'fits'}:${string}`
  /** The automatic flow covers no more people than it may without being confirmed. */
  | 'uncrowded'
  | 'flow-on'
  /** Nobody has asked for the emergency stop since it was last confirmed to be off. */
  | 'surely-running'

/** What is so outside the broker, apart from what it was told; and since when. */
export interface World {
  readonly deleted: ReadonlySet<string>
  set(fact: Extract<Fact, 'flow-on' | 'surely-running'>, value: boolean): void
  disable(id: string, isDisabled: boolean): void
  delete(id: string): void
  restore(id: string): void
  /** Takes down what has become of the facts; after every event. */
  look(): void
  /** Whoever is not kept account of, such as one of a crowd, is taken for what he should be. */
  is(fact: Fact): boolean
  since(fact: Fact): number
  /** Whether it was so at any time since then. */
  was(fact: Fact, value: boolean, since: number): boolean
}

const people = ['mia', 'ben', 'petra', 'zoe'] as const
const objects = [...people, 'readers', 'writers', 'team'] as const

export function createWorld(directory: MemoryDirectory, now: () => number): World {
  const deleted = new Set<string>()
  const disabled = new Set<string>()
  const states = new Map<Fact, { readonly value: boolean; readonly since: number }>()

  const is = (fact: Fact) => states.get(fact)?.value ?? true
  const set = (fact: Fact, value: boolean) => {
    if (states.get(fact)?.value !== value) states.set(fact, { value, since: now() })
  }
  const isApprover = (id: string) => {
    const isMember = id !== idOf['zoe'] || directory.isHeld(accessOf('zoe', 'approvers'))
    return !disabled.has(id) && !deleted.has(id) && isMember && id !== idOf['ben']
  }
  const world: World = {
    deleted,
    set,
    disable(id, isDisabled) {
      if (isDisabled) disabled.add(id)
      else disabled.delete(id)
    },
    delete: (id) => void deleted.add(id),
    restore: (id) => void deleted.delete(id),
    look() {
      for (const name of objects) set(`there:${named(name)}`, !deleted.has(named(name)))
      const isTeamThere = !deleted.has(named('team'))
      let count = 0
      for (const name of people) {
        const id = named(name)
        const isPresent = !deleted.has(id) && !disabled.has(id)
        const isIn = directory.isHeld(accessOf(name, 'team'))
        set(`enabled:${id}`, !disabled.has(id))
        set(`approver:${id}`, isApprover(id))
        set(`fits:${id}`, isIn && isPresent && isTeamThere && is('flow-on'))
        if (isIn && isPresent) count++
      }
      const others = isCrowded(directory) ? crowd.length : 0
      set('uncrowded', count + others <= mostUnconfirmed)
    },
    is,
    since: (fact) => states.get(fact)?.since ?? 0,
    was(fact, value, since) {
      const state = states.get(fact)
      return state === undefined || state.value === value || state.since >= since
    },
  }
  set('flow-on', true)
  set('surely-running', true)
  world.look()
  return world
}
