/** What is known of the server's clock: how far it is ahead of this machine's, within bounds. */
interface Bounds {
  readonly low: number
  readonly high: number
}

const unknown: Bounds = { low: 0, high: 0 }
let bounds: Bounds | undefined

/**
 * Learns from the `Date` of an answer. It tells whole seconds only, so each answer leaves a range;
 * the ranges of several answers together come down to a fraction of a second.
 */
export function learnServerTime(date: string | null, sentAt: number, receivedAt: number): void {
  const told = Date.parse(date ?? '')
  if (Number.isNaN(told)) return
  bounds = narrowed(bounds, { low: told - receivedAt, high: told + 1_000 - sentAt })
}

/** Both ranges together; where they exclude each other a clock was set, and the new one counts. */
function narrowed(known: Bounds | undefined, seen: Bounds): Bounds {
  if (known === undefined) return seen
  const both = { low: Math.max(known.low, seen.low), high: Math.min(known.high, seen.high) }
  return both.low <= both.high ? both : seen
}

/** The server's time, whatever this machine's clock says. */
export function serverNow(): number {
  const { low, high } = bounds ?? unknown
  return Date.now() + (low + high) / 2
}
