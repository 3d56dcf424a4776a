import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Timeframe } from '../../shared/access/flow.ts'
import {
  isTimeZone,
  isWithin,
  localTime,
  localTimeWords,
  nextWithin,
  timeframeWords,
  weekdays,
} from '../../shared/access/timeframe.ts'

const frame = (over: Partial<Timeframe> = {}): Timeframe => ({
  days: ['mon', 'tue', 'wed', 'thu', 'fri'],
  from: '09:00',
  to: '17:00',
  timeZone: 'Europe/Berlin',
  ...over,
})

const holds = (instant: string, over: Partial<Timeframe>): boolean => {
  const timeframe = frame(over)
  return isWithin(localTime(new Date(instant), timeframe.timeZone), timeframe)
}

describe('localTime()', () => {
  test.each([
    { instant: '2026-01-05T12:00:00Z', zone: 'UTC', words: 'mon 12:00' },
    { instant: '2026-01-05T12:00:59.999Z', zone: 'Europe/Berlin', words: 'mon 13:00' },
    { instant: '2026-01-05T23:30:00Z', zone: 'Europe/Berlin', words: 'tue 00:30' },
    { instant: '2026-01-05T02:00:00Z', zone: 'America/New_York', words: 'sun 21:00' },
    { instant: '2026-01-05T12:00:00Z', zone: 'Asia/Kathmandu', words: 'mon 17:45' },
    { instant: '2026-01-05T12:00:00Z', zone: 'Pacific/Kiritimati', words: 'tue 02:00' },
    // The hour that Berlin's clocks skip, and the one that they show twice.
    { instant: '2026-03-29T00:59:00Z', zone: 'Europe/Berlin', words: 'sun 01:59' },
    { instant: '2026-03-29T01:00:00Z', zone: 'Europe/Berlin', words: 'sun 03:00' },
    { instant: '2026-10-25T00:30:00Z', zone: 'Europe/Berlin', words: 'sun 02:30' },
    { instant: '2026-10-25T01:30:00Z', zone: 'Europe/Berlin', words: 'sun 02:30' },
    { instant: '2026-03-08T07:00:00Z', zone: 'America/New_York', words: 'sun 03:00' },
    { instant: '2026-11-01T05:59:00Z', zone: 'America/New_York', words: 'sun 01:59' },
    { instant: '2026-11-01T06:00:00Z', zone: 'America/New_York', words: 'sun 01:00' },
  ])('reads $instant in $zone as $words', ({ instant, zone, words }) => {
    expect(localTimeWords(localTime(new Date(instant), zone))).toBe(words)
  })
})

describe('a timeframe', () => {
  test.each([
    { at: '2026-01-05T07:59:59.999Z', is: false, what: 'a moment before its beginning' },
    { at: '2026-01-05T08:00:00.000Z', is: true, what: 'its beginning' },
    { at: '2026-01-05T15:59:59.999Z', is: true, what: 'a moment before its end' },
    { at: '2026-01-05T16:00:00.000Z', is: false, what: 'its end' },
    { at: '2026-01-10T12:00:00.000Z', is: false, what: 'a day that is not named' },
  ])('from nine to five holds $what: $is', ({ at, is }) => {
    expect(holds(at, {})).toBe(is)
  })

  test.each([
    { at: '2026-01-09T20:59:00Z', is: false, local: 'fri 21:59' },
    { at: '2026-01-09T21:00:00Z', is: true, local: 'fri 22:00' },
    { at: '2026-01-09T23:00:00Z', is: true, local: 'sat 00:00' },
    { at: '2026-01-10T04:59:00Z', is: true, local: 'sat 05:59' },
    { at: '2026-01-10T05:00:00Z', is: false, local: 'sat 06:00' },
    { at: '2026-01-10T21:30:00Z', is: false, local: 'sat 22:30' },
    { at: '2026-01-09T03:00:00Z', is: false, local: 'fri 04:00, of a thursday night' },
  ])('over midnight belongs to the day on which it begins: $local is $is', ({ at, is }) => {
    expect(holds(at, { days: ['fri'], from: '22:00', to: '06:00' })).toBe(is)
  })

  test.each([
    { at: '2026-01-10T23:00:00Z', is: true, local: 'sun 00:00' },
    { at: '2026-01-11T22:59:00Z', is: true, local: 'sun 23:59' },
    { at: '2026-01-11T23:00:00Z', is: false, local: 'mon 00:00' },
    { at: '2026-01-10T22:59:00Z', is: false, local: 'sat 23:59' },
  ])('of a whole day is said with 24:00 or with 00:00: $local is $is', ({ at, is }) => {
    expect(holds(at, { days: ['sun'], from: '00:00', to: '24:00' })).toBe(is)
    expect(holds(at, { days: ['sun'], from: '00:00', to: '00:00' })).toBe(is)
  })

  test('whose end is its beginning lasts a day', () => {
    const long = { days: ['mon'], from: '09:00', to: '09:00' }

    expect(holds('2026-01-05T08:00:00Z', long)).toBe(true)
    expect(holds('2026-01-06T07:59:00Z', long)).toBe(true)
    expect(holds('2026-01-06T08:00:00Z', long)).toBe(false)
  })

  test.each([
    // Berlin's clocks jump from 02:00 to 03:00 on 29 March 2026.
    { at: '2026-03-29T00:59:00Z', from: '02:30', to: '04:00', is: false, what: '01:59' },
    { at: '2026-03-29T01:00:00Z', from: '02:30', to: '04:00', is: true, what: '03:00' },
    { at: '2026-03-29T01:00:00Z', from: '01:00', to: '02:30', is: false, what: '03:00' },
    { at: '2026-03-29T00:59:00Z', from: '01:00', to: '02:30', is: true, what: '01:59' },
    // And go back from 03:00 to 02:00 on 25 October 2026.
    { at: '2026-10-25T00:29:00Z', from: '02:00', to: '02:30', is: true, what: '02:29 at first' },
    { at: '2026-10-25T00:30:00Z', from: '02:00', to: '02:30', is: false, what: '02:30 at first' },
    { at: '2026-10-25T01:29:00Z', from: '02:00', to: '02:30', is: true, what: '02:29 again' },
    { at: '2026-10-25T01:30:00Z', from: '02:00', to: '02:30', is: false, what: '02:30 again' },
    { at: '2026-10-25T01:59:00Z', from: '22:00', to: '03:00', is: true, what: '02:59 again' },
    { at: '2026-10-25T02:00:00Z', from: '22:00', to: '03:00', is: false, what: '03:00' },
  ])('$from–$to goes by the clock on the wall in Berlin: $what is $is', (row) => {
    expect(holds(row.at, { days: [...weekdays], from: row.from, to: row.to })).toBe(row.is)
  })

  test.each([
    // New York's clocks jump from 02:00 to 03:00 on 8 March, and go back from 02:00 to 01:00 on 1 November 2026.
    { at: '2026-03-08T06:59:00Z', from: '02:00', to: '03:00', is: false },
    { at: '2026-03-08T07:00:00Z', from: '02:00', to: '03:00', is: false },
    { at: '2026-03-08T07:00:00Z', from: '02:15', to: '03:01', is: true },
    { at: '2026-11-01T05:30:00Z', from: '01:00', to: '02:00', is: true },
    { at: '2026-11-01T06:30:00Z', from: '01:00', to: '02:00', is: true },
    { at: '2026-11-01T07:00:00Z', from: '01:00', to: '02:00', is: false },
  ])('$from–$to goes by the clock on the wall in New York: $at is $is', (row) => {
    const there = { days: ['sun'], timeZone: 'America/New_York' }

    expect(holds(row.at, { ...there, from: row.from, to: row.to })).toBe(row.is)
  })

  test('is said in words', () => {
    const words = timeframeWords(frame({ days: ['fri', 'mon'], from: '22:00', to: '06:00' }))

    expect(words).toBe('mon, fri 22:00–06:00 in Europe/Berlin')
  })
})

describe('isTimeZone()', () => {
  test.each([
    { name: 'Europe/Berlin', is: true },
    { name: 'America/Argentina/Buenos_Aires', is: true },
    { name: 'UTC', is: true },
    { name: 'Mars/Phobos', is: false },
    { name: 'Berlin', is: false },
    { name: '+01:00', is: false },
    { name: '-0500', is: false },
    { name: '', is: false },
    { name: 'Europe/Berlin; drop', is: false },
  ])('"$name" is one: $is', ({ name, is }) => {
    expect(isTimeZone(name)).toBe(is)
  })
})

describe('nextWithin()', () => {
  test.each([
    { from: '2026-01-05T07:00:00Z', next: '2026-01-05T08:00:00.000Z', what: 'this morning' },
    { from: '2026-01-05T16:00:00Z', next: '2026-01-06T08:00:00.000Z', what: 'tomorrow' },
    { from: '2026-01-09T16:00:00Z', next: '2026-01-12T08:00:00.000Z', what: 'after the weekend' },
    { from: '2026-01-05T12:34:56Z', next: '2026-01-05T12:35:00.000Z', what: 'at the next minute' },
    { from: '2026-03-27T18:00:00Z', next: '2026-03-30T07:00:00.000Z', what: 'in summer time' },
    { from: '2026-10-23T18:00:00Z', next: '2026-10-26T08:00:00.000Z', what: 'in winter time' },
  ])('finds the next beginning $what', ({ from, next }) => {
    expect(nextWithin(frame(), new Date(from))?.toISOString()).toBe(next)
  })

  test('skips the one that the clocks skip', () => {
    const skipped = frame({ days: ['sun'], from: '02:10', to: '02:50' })

    const next = nextWithin(skipped, new Date('2026-03-28T12:00:00Z'))

    expect(next?.toISOString()).toBe('2026-04-05T00:10:00.000Z')
  })

  test('finds none where no day is named', () => {
    expect(nextWithin(frame({ days: [] }), new Date('2026-01-05T07:00:00Z'))).toBeUndefined()
  })
})

const minuteOfDay = fc.integer({ min: 0, max: 24 * 60 - 1 })
const textOf = (minutes: number) =>
  `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`
const anyFrame: fc.Arbitrary<Timeframe> = fc.record({
  days: fc.uniqueArray(fc.constantFrom(...weekdays), { minLength: 1 }),
  from: minuteOfDay.map(textOf),
  to: fc.oneof(minuteOfDay.map(textOf), fc.constant('24:00')),
  timeZone: fc.constantFrom(
    ...['Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Asia/Kolkata', 'UTC'],
  ),
})
const anyInstant = fc.oneof(
  fc.date({
    noInvalidDate: true,
    min: new Date('2024-01-01T00:00:00Z'),
    max: new Date('2028-01-01T00:00:00Z'),
  }),
  // Around the changes of the clocks.
  fc
    .tuple(
      fc.constantFrom('2026-03-29T01:00:00Z', '2026-10-25T01:00:00Z', '2026-11-01T06:00:00Z'),
      fc.integer({ min: -180, max: 180 }),
    )
    .map(([instant, minutes]) => new Date(Date.parse(instant) + minutes * 60_000)),
)
const samples = { numRuns: 500 }

/** A naive model: windows laid out on the line of wall-clock times, as if clocks were never changed. */
function isWithinNaively(instant: Date, { days, from, to, timeZone }: Timeframe): boolean {
  const shown = instant.toLocaleString('sv-SE', {
    timeZone,
    dateStyle: 'short',
    timeStyle: 'medium',
  })
  const wall = Date.parse(`${shown.replace(' ', 'T')}Z`)
  const day = 24 * 3_600_000
  const midnight = Math.floor(wall / day) * day
  const length = (time: string) => {
    const [hours = 0, minutes = 0] = time.split(':').map(Number)
    return (hours * 60 + minutes) * 60_000
  }
  return [midnight - day, midnight].some((begins) => {
    const name = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'][new Date(begins).getUTCDay()]
    const start = begins + length(from)
    const end = begins + length(to) + (length(to) > length(from) ? 0 : day)
    return days.includes(name ?? '') && start <= wall && wall < end
  })
}

describe('timeframes of any kind', () => {
  test('hold when a naive model says so', () => {
    fc.assert(
      fc.property(anyFrame, anyInstant, (timeframe, instant) => {
        const local = localTime(instant, timeframe.timeZone)

        expect(isWithin(local, timeframe)).toBe(isWithinNaively(instant, timeframe))
      }),
      samples,
    )
  })

  test('open next at a time that they hold, with none in the minutes before it', () => {
    fc.assert(
      fc.property(
        anyFrame,
        anyInstant,
        fc.integer({ min: 1, max: 240 }),
        (timeframe, from, back) => {
          const next = nextWithin(timeframe, from)
          if (next === undefined) return

          expect(isWithinNaively(next, timeframe)).toBe(true)
          const earlier = new Date(next.getTime() - back * 60_000)
          if (earlier >= from) expect(isWithinNaively(earlier, timeframe)).toBe(false)
        },
      ),
      samples,
    )
  })
})
