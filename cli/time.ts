import { CliError } from './cli-error.ts'

const units = { w: 604_800, d: 86_400, h: 3_600, m: 60, s: 1 } as const
const words = { d: 'd', h: 'h', m: 'min', s: 's' } as const

/** An ISO 8601 duration of what a person writes: `90m`, `1h30m`, `2d`, or `PT1H30M` itself. */
export function parseDuration(text: string): string {
  const written = text.trim()
  if (/^P/i.test(written)) return written.toUpperCase()
  const parts = /^(?:(\d+)w)?(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m(?:in)?)?(?:(\d+)s)?$/i.exec(written)
  if (written === '' || parts === null) {
    throw new CliError(`Cannot read the duration "${text}"`, {
      hint: 'Write 90m, 1h30m, 2d or PT4H.',
    })
  }
  const [weeks = 0, days = 0, hours, minutes, seconds] = parts
    .slice(1)
    .map((part) => (part === undefined ? undefined : Number(part)))
  const wholeDays = weeks * 7 + days
  const time = [
    hours === undefined ? '' : `${hours}H`,
    minutes === undefined ? '' : `${minutes}M`,
    seconds === undefined ? '' : `${seconds}S`,
  ].join('')
  return `P${wholeDays > 0 || time === '' ? `${wholeDays}D` : ''}${time === '' ? '' : `T${time}`}`
}

/** Seconds of an ISO 8601 duration of weeks, days, hours, minutes and seconds. */
export function secondsOf(iso: string): number | undefined {
  const parts = /^P(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?$/.exec(iso)
  if (parts === null) return undefined
  return Object.values(units).reduce(
    (sum, seconds, index) => sum + seconds * Number(parts[index + 1] ?? 0),
    0,
  )
}

/** A duration as a person says it: `1 h 30 min`. */
export function durationWords(iso: string): string {
  const seconds = secondsOf(iso)
  return seconds === undefined ? iso : spanWords(seconds)
}

function spanWords(seconds: number): string {
  let left = Math.round(seconds)
  const said: string[] = []
  for (const unit of ['d', 'h', 'm', 's'] as const) {
    const count = Math.floor(left / units[unit])
    left -= count * units[unit]
    if (count > 0) said.push(`${count} ${words[unit]}`)
  }
  return said.length === 0 ? '0 s' : said.join(' ')
}

/** `in 42 min`, `3 h 5 min ago`, `now`. */
export function relative(at: string | undefined, now: Date): string | undefined {
  if (at === undefined) return undefined
  const seconds = (Date.parse(at) - now.getTime()) / 1000
  if (Number.isNaN(seconds)) return at
  const length = Math.abs(seconds)
  if (length < 1) return 'now'
  // To the second, the minute or the hour, as somebody would say it.
  const grain = length < units.m ? 1 : length < units.d ? units.m : units.h
  const span = spanWords(Math.round(length / grain) * grain)
  return seconds > 0 ? `in ${span}` : `${span} ago`
}

/** `2026-11-24 18:42`, in the person's zone. */
export function localTime(at: string | undefined, timeZone: string): string | undefined {
  if (at === undefined) return undefined
  const date = new Date(at)
  if (Number.isNaN(date.getTime())) return at
  // Swedish is written like ISO 8601.
  const format = new Intl.DateTimeFormat('sv-SE', {
    timeZone,
    dateStyle: 'short',
    timeStyle: 'short',
  })
  return format.format(date)
}
