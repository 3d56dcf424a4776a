const second = 1000
const units = { W: 7 * 86_400, D: 86_400, H: 3600, M: 60, S: 1 } as const

/** The longest duration anybody may name: P400D. */
const longestDuration = 400 * 86_400 * second

const pattern =
  /^P(?=.)(?:(?<W>\d{1,6})W|(?:(?<D>\d{1,6})D)?(?:T(?=\d)(?:(?<H>\d{1,6})H)?(?:(?<M>\d{1,6})M)?(?:(?<S>\d{1,8})S)?)?)$/

/**
 * Milliseconds of an ISO 8601 duration; undefined when it is none that this product takes.
 *
 * Weeks, days of 24 hours, hours, minutes and seconds in whole numbers. Months and years are refused:
 * they have no length of their own.
 */
export function durationOf(text: string): number | undefined {
  const groups = pattern.exec(text)?.groups
  if (groups === undefined) return undefined
  let seconds = 0
  for (const [unit, length] of Object.entries(units)) {
    seconds += Number(groups[unit] ?? 0) * length
  }
  return seconds * second
}

/** Like `durationOf`, for texts that a schema has let through. */
export function parseDuration(text: string): number {
  const milliseconds = durationOf(text)
  if (milliseconds === undefined) throw new Error(`Cannot read the duration "${text}"`)
  return milliseconds
}

/** What is wrong with a duration, for people; undefined when nothing is. */
export function durationProblem(text: string): string | undefined {
  const milliseconds = durationOf(text)
  if (milliseconds === undefined) {
    return /^P(\d+[YM])/.test(text)
      ? 'Years and months have no fixed length: use days, hours or minutes, such as P30D.'
      : 'It is no ISO 8601 duration of whole weeks, days, hours, minutes and seconds, such as PT1H.'
  }
  if (milliseconds <= 0) return 'It has to be longer than nothing.'
  return milliseconds > longestDuration ? 'The longest duration is P400D.' : undefined
}

/** An ISO 8601 duration of whole seconds in its largest units up to hours. */
export function durationText(milliseconds: number): string {
  const seconds = Math.floor(milliseconds / 1000)
  const parts = [
    [Math.floor(seconds / 3600), 'H'],
    [Math.floor(seconds / 60) % 60, 'M'],
    [seconds % 60, 'S'],
  ] as const
  const text = parts.flatMap(([count, unit]) => (count === 0 ? [] : [`${count}${unit}`])).join('')
  return `PT${text === '' ? '0S' : text}`
}
