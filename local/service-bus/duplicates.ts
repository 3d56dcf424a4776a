/** Message ids seen lately. */
export interface DuplicateWindow {
  has(id: string, now: number): boolean
  add(id: string, at: number): void
  entries(): Iterable<readonly [id: string, at: number]>
}

/** Remembers each id for `milliseconds` after it was first seen. */
export function createDuplicateWindow(milliseconds: number): DuplicateWindow {
  const seen = new Map<string, number>()

  function forget(now: number): void {
    for (const [id, at] of seen) {
      if (at + milliseconds > now) return
      seen.delete(id)
    }
  }

  return {
    has(id, now) {
      forget(now)
      return seen.has(id)
    },
    add(id, at) {
      seen.set(id, at)
    },
    entries: () => seen,
  }
}
