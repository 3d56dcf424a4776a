const language = () =>
  typeof navigator !== 'undefined' && navigator.language.startsWith('en')
    ? navigator.language
    : 'en-GB'

const dayMilliseconds = 86_400_000

/** "today at 16:40", "tomorrow at 09:00", "12 Dec 2026 at 16:40", with the name of the zone. */
export function dayAndTime(at: string, now: number): string {
  const instant = new Date(at)
  const time = new Intl.DateTimeFormat(language(), {
    hour: '2-digit',
    minute: '2-digit',
    ...(Math.abs(instant.getTime() - now) < 10 * 60_000 ? { second: '2-digit' } : {}),
    timeZoneName: 'short',
  }).format(instant)
  return `${dayName(instant, now)} at ${time}`
}

function dayName(instant: Date, now: number): string {
  const names = [
    [0, 'today'],
    [1, 'tomorrow'],
    [-1, 'yesterday'],
  ] as const
  const near = names.find(
    ([days]) => instant.toDateString() === new Date(now + days * dayMilliseconds).toDateString(),
  )
  if (near !== undefined) return near[1]
  return new Intl.DateTimeFormat(language(), { dateStyle: 'medium' }).format(instant)
}

/** "2026-11-25 15:40 UTC"; the day only where it helps. */
export function utcTime(at: string): string {
  return `${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC`
}

const steps: readonly (readonly [Intl.RelativeTimeFormatUnit, number])[] = [
  ['year', 365 * dayMilliseconds],
  ['month', 30 * dayMilliseconds],
  ['day', dayMilliseconds],
  ['hour', 3_600_000],
  ['minute', 60_000],
]

/** "5 minutes ago", "in 2 hours", "just now". */
export function relativeWords(at: string, now: number): string {
  const distance = Date.parse(at) - now
  const format = new Intl.RelativeTimeFormat('en', { numeric: 'auto' })
  const step = steps.find(([, length]) => Math.abs(distance) >= length)
  if (step === undefined) return distance > 5_000 ? 'in less than a minute' : 'just now'
  return format.format(Math.trunc(distance / step[1]), step[0])
}
