import { Cron } from 'croner'
import { parseTimeSpan } from './time-span.ts'

/** When a timer fires. */
export interface Schedule {
  /** The first time strictly after `time`; undefined when there is none any more. */
  next(time: number): number | undefined
  /** Fires more than once a minute: the host keeps no record of such a timer. */
  readonly frequent: boolean
}

interface Field {
  readonly name: string
  readonly low: number
  readonly high: number
  readonly words?: readonly string[]
}

const months =
  'January February March April May June July August September October November December'
const days = 'Sunday Monday Tuesday Wednesday Thursday Friday Saturday'
const fields: readonly Field[] = [
  { name: 'second', low: 0, high: 59 },
  { name: 'minute', low: 0, high: 59 },
  { name: 'hour', low: 0, high: 23 },
  { name: 'day', low: 1, high: 31 },
  { name: 'month', low: 1, high: 12, words: months.split(' ') },
  { name: 'day of week', low: 0, high: 6, words: days.split(' ') },
]

/** Reads the schedule of a timer: NCRONTAB with five or six fields, or an interval `hh:mm:ss`. */
export function parseSchedule(text: string, timeZone = 'UTC'): Schedule {
  const interval = parseInterval(text.trim())
  if (interval !== undefined) {
    return { next: (time) => time + interval, frequent: interval < 60_000 }
  }

  const parts = text.trim().split(/\s+/)
  if (parts.length === 5) parts.unshift('0')
  if (parts.length !== fields.length) {
    throw new Error(`Cannot read the schedule "${text}": it has ${parts.length} fields`)
  }
  const values = fields.map((field, index) => expandField(parts[index] ?? '', field, text))
  // Spelled out as numbers, since cron dialects differ on ranges, steps and names.
  const pattern = values.map((numbers) => numbers.join(',')).join(' ')
  const cron = new Cron(pattern, { mode: '6-part', domAndDow: true, timezone: timeZone })
  return {
    next: (time) => cron.nextRun(new Date(time))?.getTime(),
    frequent: (values[0] ?? []).length > 1,
  }
}

function parseInterval(text: string): number | undefined {
  if (!text.includes(':')) return undefined
  const milliseconds = parseTimeSpan(text)
  if (milliseconds <= 0) throw new Error(`Cannot read the schedule "${text}": it is no time at all`)
  return milliseconds
}

function expandField(text: string, field: Field, whole: string): number[] {
  const numbers = new Set<number>()
  for (const part of text.split(',')) {
    const found = /^(\*|[a-z\d]+)(?:-([a-z\d]+))?(?:\/(\d+))?$/i.exec(part)
    const [, first = '', last, step] = found ?? []
    if (found === null || (first === '*' && last !== undefined) || Number(step ?? 1) < 1) {
      throw unreadable(whole, field, part)
    }
    const [low, high] = rangeOf(first, last, step !== undefined, field, whole)
    for (let value = low; value <= high; value += Number(step ?? 1)) numbers.add(value)
  }
  return [...numbers].sort((one, other) => one - other)
}

function rangeOf(
  first: string,
  last: string | undefined,
  stepped: boolean,
  field: Field,
  whole: string,
): [number, number] {
  if (first === '*') return [field.low, field.high]
  const from = readValue(first, field, whole)
  const to = last === undefined ? (stepped ? field.high : from) : readValue(last, field, whole)
  return from <= to ? [from, to] : [to, from]
}

function readValue(text: string, field: Field, whole: string): number {
  const word = field.words?.findIndex((name) => name.toLowerCase().startsWith(text.toLowerCase()))
  const value = /^\d+$/.test(text)
    ? Number(text)
    : (word ?? -1) === -1
      ? -1
      : (word ?? 0) + field.low
  if (value < field.low || value > field.high) throw unreadable(whole, field, text)
  return value
}

function unreadable(whole: string, { name, low, high }: Field, part: string): Error {
  return new Error(
    `Cannot read the schedule "${whole}": its ${name} "${part}" is not within ${low} to ${high}`,
  )
}
