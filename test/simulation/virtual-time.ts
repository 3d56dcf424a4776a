/** Time that goes from one event to the next, and in which nothing else ever happens. */
export interface VirtualTime {
  now(): number
  /** Calls at a time, or at once when that is over; of two at one time the first one comes first. */
  at(time: number, run: () => void): void
  sleep(milliseconds: number): Promise<void>
  /** Lets everything happen that is due until then, and calls after each event. */
  runUntil(time: number, afterEach: () => void): Promise<void>
  /** The clock goes forward at once: whatever was due meanwhile is late. */
  jump(milliseconds: number): void
}

interface Event {
  readonly time: number
  readonly order: number
  readonly run: () => void
}

export function createVirtualTime(start: number): VirtualTime {
  let time = start
  let order = 0
  const heap: Event[] = []

  const isBefore = (a: Event, b: Event) =>
    a.time < b.time || (a.time === b.time && a.order < b.order)
  const at = (due: number, run: () => void) => {
    const event = { time: Math.max(due, time), order: order++, run }
    let index = heap.push(event) - 1
    for (;;) {
      const parent = (index - 1) >> 1
      const above = heap[parent]
      if (index === 0 || above === undefined || !isBefore(event, above)) break
      heap[index] = above
      index = parent
    }
    heap[index] = event
  }
  const take = (): Event | undefined => {
    const first = heap[0]
    const last = heap.pop()
    if (first === undefined || last === undefined || heap.length === 0) return first
    let index = 0
    for (;;) {
      let child = index * 2 + 1
      const [left, right] = [heap[child], heap[child + 1]]
      if (left === undefined) break
      if (right !== undefined && isBefore(right, left)) child++
      const below = heap[child]
      if (below === undefined || !isBefore(below, last)) break
      heap[index] = below
      index = child
    }
    heap[index] = last
    return first
  }

  return {
    now: () => time,
    at,
    sleep: (milliseconds) =>
      new Promise((resolve) => {
        at(time + milliseconds, resolve)
      }),
    async runUntil(until, afterEach) {
      for (;;) {
        const next = heap[0]
        if (next === undefined || next.time > until) break
        take()
        time = Math.max(time, next.time)
        next.run()
        await settled()
        afterEach()
      }
      time = Math.max(time, until)
    },
    jump: (milliseconds) => {
      time += milliseconds
    },
  }
}

/** Everything that needs no time has happened: the twins answer within microtasks. */
function settled(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve)
  })
}
