import { createStore } from '../parts/store.ts'

/** Whether the API has answered lately. */
export interface Connection {
  /** Calls in a row that did not reach it. */
  readonly failures: number
  readonly lastGoodAt: number | undefined
}

export const connection = createStore<Connection>({ failures: 0, lastGoodAt: undefined })

export function noteAnswer(): void {
  connection.set({ failures: 0, lastGoodAt: Date.now() })
}

export function noteFailure(): void {
  const { failures, lastGoodAt } = connection.get()
  connection.set({ failures: failures + 1, lastGoodAt })
}

/** From so many failures on the page says how old it is. */
export const failuresToTell = 3

/** How long until the next look: steady while all is well, ever longer while nobody answers. */
export function nextLook(every: number, isHidden: boolean, failures: number): number {
  if (isHidden) return slowest
  if (failures < failuresToTell) return every
  return Math.min(slowest, every * 2 ** (failures - failuresToTell + 1))
}

const slowest = 60_000
