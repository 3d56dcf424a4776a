import type { Timeframe } from './flow.ts'
import { oncePer } from './once.ts'

/** Days as a timeframe names them, in the order of a week. */
export const weekdays = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const
export type Weekday = (typeof weekdays)[number]

/** What a clock on the wall of a zone shows. */
export interface LocalTime {
  readonly day: Weekday
  /** Minutes since midnight; seconds are cut off. */
  readonly minutes: number
}

const minute = 60_000
const minutesInDay = 24 * 60

/** Whether the IANA database has a zone of this name. Offsets such as `+01:00` are no zones. */
export function isTimeZone(name: string): boolean {
  if (!/^[A-Za-z]/.test(name)) return false
  try {
    new Intl.DateTimeFormat('en-US', { timeZone: name })
    return true
  } catch {
    return false
  }
}

const clocks = new Map<string, Intl.DateTimeFormat>()

/** A clock costs far more to make than to read, and there are only a few hundred zones. */
function clockOf(timeZone: string): Intl.DateTimeFormat {
  const known = clocks.get(timeZone)
  if (known !== undefined) return known
  const clock = new Intl.DateTimeFormat('en-US', {
    timeZone,
    weekday: 'short',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  })
  clocks.set(timeZone, clock)
  return clock
}

/** The local time of an instant in a zone of the IANA database. */
export function localTime(instant: Date, timeZone: string): LocalTime {
  const [day = '', hours = '', minutes = ''] = clockOf(timeZone)
    .format(instant)
    .split(/[, :]+/)
  const found = weekdays.find((each) => each === day.toLowerCase())
  if (found === undefined) throw new Error(`Cannot read the local time in ${timeZone}`)
  return { day: found, minutes: Number(hours) * 60 + Number(minutes) }
}

/**
 * Whether a local time lies in a timeframe: `from` counts in, `to` does not.
 *
 * Judged by what the clock on the wall shows. An end that is not later than the beginning lies on the
 * next day, and the day named is that of the beginning. Where the clock is put forward, a beginning
 * that it jumps over comes with the jump; where it is put back, the same readings count twice.
 */
export function isWithin({ day, minutes }: LocalTime, frame: Timeframe): boolean {
  const { from, to } = boundsOf(frame)
  if (from < to) return frame.days.includes(day) && from <= minutes && minutes < to
  const begunToday = frame.days.includes(day) && minutes >= from
  return begunToday || (frame.days.includes(dayBefore(day)) && minutes < to)
}

/** The bounds of a timeframe in minutes since midnight. */
const boundsOf = oncePer(({ from, to }: Timeframe) => ({
  from: minutesOf(from),
  to: minutesOf(to),
}))

/** The first whole minute from an instant on that lies in a timeframe, within a little over a week. */
export function nextWithin(frame: Timeframe, instant: Date): Date | undefined {
  const until = instant.getTime() + 15 * minutesInDay * minute
  let time = Math.ceil(instant.getTime() / minute) * minute
  while (time <= until) {
    const local = localTime(new Date(time), frame.timeZone)
    if (isWithin(local, frame)) return new Date(time)
    // Clocks are never put forward or back by more than this, so the last part is walked.
    time += Math.max(1, minutesUntil(local, frame) - 3 * 60) * minute
  }
  return undefined
}

/** By the clock on the wall, from a time outside the timeframe to its next beginning. */
function minutesUntil({ day, minutes }: LocalTime, frame: Timeframe): number {
  const { from } = boundsOf(frame)
  const today = weekdays.indexOf(day)
  for (let ahead = 0; ahead <= weekdays.length; ahead++) {
    const that = weekdays[(today + ahead) % weekdays.length]
    const wait = ahead * minutesInDay + from - minutes
    if (that !== undefined && frame.days.includes(that) && wait >= 0) return wait
  }
  return minutesInDay
}

/** A timeframe in words. */
export function timeframeWords({ days, from, to, timeZone }: Timeframe): string {
  const named = weekdays.filter((day) => days.includes(day))
  return `${named.join(', ')} ${from}–${to} in ${timeZone}`
}

/** A local time in words. */
export function localTimeWords({ day, minutes }: LocalTime): string {
  const two = (value: number) => String(value).padStart(2, '0')
  return `${day} ${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`
}

function minutesOf(time: string): number {
  const [hours = '', minutes = ''] = time.split(':')
  return Number(hours) * 60 + Number(minutes)
}

function dayBefore(day: Weekday): Weekday {
  return weekdays[(weekdays.indexOf(day) + 6) % 7] ?? day
}
