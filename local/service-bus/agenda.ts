/** Keys in the order of a number each carries (a time, a place in line). */
export interface Agenda {
  readonly size: number
  /** Adds the key, or moves it to another place. */
  set(key: number, at: number): void
  delete(key: number): void
  /** The key with the lowest number, and the lowest key among equals. */
  first(): { readonly key: number; readonly at: number } | undefined
}

interface Entry {
  readonly key: number
  at: number
  place: number
}

/**
 * A binary heap that knows where each key is, so that a finished message leaves nothing behind: its
 * time to live may lie weeks ahead.
 */
export function createAgenda(): Agenda {
  const heap: Entry[] = []
  const entries = new Map<number, Entry>()

  function put(entry: Entry, place: number): void {
    heap[place] = entry
    entry.place = place
  }

  function rise(entry: Entry): void {
    for (;;) {
      const above = heap[(entry.place - 1) >> 1]
      if (entry.place === 0 || above === undefined || !isBefore(entry, above)) return
      const place = above.place
      put(above, entry.place)
      put(entry, place)
    }
  }

  function sink(entry: Entry): void {
    for (;;) {
      const left = heap[2 * entry.place + 1]
      const right = heap[2 * entry.place + 2]
      const below = left && right ? (isBefore(right, left) ? right : left) : left
      if (below === undefined || !isBefore(below, entry)) return
      const place = below.place
      put(below, entry.place)
      put(entry, place)
    }
  }

  function remove(key: number): void {
    const entry = entries.get(key)
    const last = heap.at(-1)
    if (entry === undefined || last === undefined) return
    entries.delete(key)
    heap.pop()
    if (last === entry) return
    put(last, entry.place)
    rise(last)
    sink(last)
  }

  return {
    get size() {
      return heap.length
    },
    set(key, at) {
      remove(key)
      const entry = { key, at, place: heap.length }
      entries.set(key, entry)
      heap.push(entry)
      rise(entry)
    },
    delete: remove,
    first: () => heap[0],
  }
}

function isBefore(one: Entry, other: Entry): boolean {
  return one.at < other.at || (one.at === other.at && one.key < other.key)
}
