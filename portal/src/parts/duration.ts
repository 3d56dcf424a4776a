import { durationOf, durationText } from '../../../shared/access/duration.ts'

const second = 1_000
const minute = 60 * second
const hour = 60 * minute
const day = 24 * hour

const units: readonly (readonly [
  milliseconds: number,
  one: string,
  many: string,
  short: string,
])[] = [
  [day, 'day', 'days', 'd'],
  [hour, 'hour', 'hours', 'h'],
  [minute, 'minute', 'minutes', 'min'],
  [second, 'second', 'seconds', 's'],
]

/** `90 minutes` as "1 hour 30 minutes"; nothing but the units that count. */
export function durationWords(milliseconds: number): string {
  const parts = partsOf(milliseconds).map(
    ({ count, one, many }) => `${count} ${count === 1 ? one : many}`,
  )
  return parts.length === 0 ? 'no time' : parts.join(' ')
}

/** An ISO 8601 duration in words; as it is where it is none. */
export function isoWords(iso: string): string {
  const milliseconds = durationOf(iso)
  return milliseconds === undefined ? iso : durationWords(milliseconds)
}

/** A sentence of the API with its ISO 8601 durations in words. */
export function withWords(sentence: string): string {
  return sentence.replaceAll(
    /\bP(?=[\dT])(?:\d+W|(?:\d+D)?(?:T(?:\d+H)?(?:\d+M)?(?:\d+S)?)?)(?!\w)/g,
    isoWords,
  )
}

/** The two largest units, short: "2 h 10 min", "34 min 20 s". */
export function shortDuration(milliseconds: number): string {
  const parts = partsOf(Math.max(0, Math.floor(milliseconds / second) * second)).slice(0, 2)
  if (parts.length === 0) return '0 s'
  return parts.map(({ count, short }) => `${count} ${short}`).join(' ')
}

function partsOf(milliseconds: number) {
  let rest = milliseconds
  return units.flatMap(([length, one, many, short]) => {
    const count = Math.floor(rest / length)
    rest -= count * length
    return count === 0 ? [] : [{ count, one, many, short }]
  })
}

const named: Readonly<Record<string, number>> = {
  ...{ w: 7 * day, week: 7 * day, weeks: 7 * day },
  ...{ d: day, day, days: day },
  ...{ h: hour, hr: hour, hrs: hour, hour, hours: hour },
  ...{ m: minute, min: minute, mins: minute, minute, minutes: minute },
  ...{ s: second, sec: second, secs: second, second, seconds: second },
}

/**
 * What somebody typed, as an ISO 8601 duration: "90 min", "1h 30m", "2 days", "1:30" or the standard
 * form itself. Undefined where it is no length of time.
 */
export function readDuration(typed: string): string | undefined {
  const text = typed.trim().toLowerCase()
  const iso = durationOf(text.toUpperCase())
  if (iso !== undefined) return iso > 0 ? durationText(iso) : undefined
  const clock = /^(\d{1,3}):([0-5]\d)$/.exec(text)
  if (clock !== null) return isoOf(Number(clock[1]) * hour + Number(clock[2]) * minute)
  const parts = [...text.matchAll(/(\d{1,6}(?:[.,]\d{1,2})?)\s*([a-z]+)/g)]
  const rest = text
    .replaceAll(/(\d{1,6}(?:[.,]\d{1,2})?)\s*([a-z]+)/g, '')
    .replaceAll(/[\s,]|and/g, '')
  if (parts.length === 0 || rest !== '') return undefined
  let total = 0
  for (const [, count = '', unit = ''] of parts) {
    const length = named[unit]
    if (length === undefined) return undefined
    total += Number(count.replace(',', '.')) * length
  }
  return isoOf(Math.round(total / second) * second)
}

function isoOf(milliseconds: number): string | undefined {
  return milliseconds > 0 ? durationText(milliseconds) : undefined
}

/** Lengths that people like to pick, up to a maximum, which is always one of them. */
export function durationChoices(maximum: string, preset?: string): readonly string[] {
  const most = durationOf(maximum) ?? hour
  const usual = [
    15 * minute,
    30 * minute,
    hour,
    2 * hour,
    4 * hour,
    8 * hour,
    day,
    3 * day,
    7 * day,
  ]
  const choices = new Set(usual.filter((choice) => choice < most))
  const first = preset === undefined ? undefined : durationOf(preset)
  if (first !== undefined && first < most) choices.add(first)
  return [...[...choices].sort((one, other) => one - other).slice(-6), most].map(durationText)
}

/** Milliseconds of an ISO 8601 duration that the API gave. */
export function millisecondsOf(iso: string): number {
  return durationOf(iso) ?? 0
}
