import { describe, expect, test } from 'vitest'
import { parseSchedule } from '../../local/host/schedule.ts'

function nextRuns(schedule: string, from: string, count: number): string[] {
  const { next } = parseSchedule(schedule)
  const runs: string[] = []
  let time = Date.parse(from)
  for (let run = 0; run < count; run += 1) {
    const following = next(time)
    if (following === undefined) break
    time = following
    runs.push(new Date(time).toISOString().slice(0, 19))
  }
  return runs
}

describe('parseSchedule()', () => {
  test.each([
    ['*/20 * * * * *', '2026-01-05T12:00:00Z', ['2026-01-05T12:00:20', '2026-01-05T12:00:40']],
    ['0 */5 * * * *', '2026-01-05T12:00:00Z', ['2026-01-05T12:05:00', '2026-01-05T12:10:00']],
    ['*/5 * * * *', '2026-01-05T12:00:30Z', ['2026-01-05T12:05:00', '2026-01-05T12:10:00']],
    ['0 0 9 * * 1-5', '2026-01-09T10:00:00Z', ['2026-01-12T09:00:00', '2026-01-13T09:00:00']],
    ['0 0 9 * * Mon', '2026-01-05T09:00:00Z', ['2026-01-12T09:00:00', '2026-01-19T09:00:00']],
    ['0 0 0 1 M *', '2026-01-05T00:00:00Z', ['2026-03-01T00:00:00', '2027-03-01T00:00:00']],
    ['0 0 0 1 january,JUL *', '2026-01-05T00:00:00Z', ['2026-07-01T00:00:00']],
    ['0 0 0 13 * 5', '2026-01-05T00:00:00Z', ['2026-02-13T00:00:00', '2026-03-13T00:00:00']],
    ['0 0 0 29 2 *', '2026-01-05T00:00:00Z', ['2028-02-29T00:00:00', '2032-02-29T00:00:00']],
    ['0 0 22/1 * * *', '2026-01-05T12:00:00Z', ['2026-01-05T22:00:00', '2026-01-05T23:00:00']],
    ['0 0 5-2 * * *', '2026-01-05T00:00:00Z', ['2026-01-05T02:00:00', '2026-01-05T03:00:00']],
    ['0 0 1-9/4 * * *', '2026-01-05T00:00:00Z', ['2026-01-05T01:00:00', '2026-01-05T05:00:00']],
    ['0  30   9 * * *', '2026-01-05T12:00:00Z', ['2026-01-06T09:30:00']],
    ['00:05:00', '2026-01-05T12:00:01Z', ['2026-01-05T12:05:01', '2026-01-05T12:10:01']],
    ['1.00:00:00', '2026-01-05T12:00:00Z', ['2026-01-06T12:00:00']],
  ])('finds the runs of "%s" strictly after %s', (schedule, from, runs) => {
    expect(nextRuns(schedule, from, runs.length)).toEqual(runs)
  })

  test('finds no run for a day that never comes', () => {
    expect(nextRuns('0 0 0 30 2 *', '2026-01-05T00:00:00Z', 1)).toEqual([])
  })

  test.each([
    ['*/20 * * * * *', true],
    ['5 * * * * *', false],
    ['0 */5 * * * *', false],
    ['00:00:30', true],
    ['00:01:00', false],
  ])('knows whether "%s" fires more than once a minute: %s', (schedule, frequent) => {
    expect(parseSchedule(schedule).frequent).toBe(frequent)
  })

  test('reads hours in the time zone it is given', () => {
    const { next } = parseSchedule('0 0 9 * * *', 'Europe/Paris')

    const run = next(Date.parse('2026-07-01T00:00:00Z'))

    expect(run).toBe(Date.parse('2026-07-01T07:00:00Z'))
  })

  test.each([
    ['* * * *', 'it has 4 fields'],
    ['0 0 0 0 * *', 'its day "0" is not within 1 to 31'],
    ['0 0 0 * * 7', 'its day of week "7" is not within 0 to 6'],
    ['0 60 * * * *', 'its minute "60" is not within 0 to 59'],
    ['0 0 0 ? * *', 'its day "?" is not within 1 to 31'],
    ['0 0 0 L * *', 'its day "L" is not within 1 to 31'],
    ['*/0 * * * * *', 'its second "*/0" is not within 0 to 59'],
    ['0 0 0 1 Foo *', 'its month "Foo" is not within 1 to 12'],
    ['00:00:00', 'it is no time at all'],
  ])('refuses "%s": %s', (schedule, reason) => {
    expect(() => parseSchedule(schedule)).toThrow(reason)
  })
})
