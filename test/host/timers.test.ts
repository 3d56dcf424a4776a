import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { createVirtualClock } from '../../local/host/virtual-clock.ts'
import { type Sample, startSample } from './start-sample.ts'

const noon = Date.parse('2026-01-05T12:00:00Z')
const hour = 3_600_000
const settings = { EVERY: '00:20:00' }

function timesOf(host: Sample, name: string): string[] {
  return host.lines.filter((line) => line.startsWith(`information Function.${name}.User`))
}

function statusOf(line: string | undefined): unknown {
  return JSON.parse((line ?? '').replace(/^[^{]*/, ''))
}

describe('a timer function', () => {
  test('runs at each of its times, weeks in an instant', async () => {
    const clock = createVirtualClock(noon)
    const host = await startSample('timers', { clock, settings })

    await clock.advanceTo(noon + 14 * 24 * hour)
    await host.stop()

    expect(timesOf(host, 'hourly')).toHaveLength(14 * 24)
  })

  test('runs at start when it asks for that, and by a schedule from the settings', async () => {
    const clock = createVirtualClock(noon)
    const host = await startSample('timers', { clock, settings })

    await clock.advanceTo(noon)
    const atStart = timesOf(host, 'configured').length
    await clock.advanceTo(noon + hour)
    await host.stop()

    expect(atStart).toBe(1)
    expect(timesOf(host, 'configured')).toHaveLength(4)
  })

  test('learns when it ran last and is to run next', async () => {
    const clock = createVirtualClock(noon)
    const host = await startSample('timers', { clock, settings })

    await clock.advanceTo(noon + 2 * hour)
    await host.stop()

    const [first, second] = timesOf(host, 'hourly').map(statusOf)
    expect(first).toEqual({
      schedule: { adjustForDST: true },
      scheduleStatus: {
        last: '0001-01-01T00:00:00+00:00',
        next: '2026-01-05T13:00:00+00:00',
        lastUpdated: '0001-01-01T00:00:00+00:00',
      },
      isPastDue: false,
    })
    expect(second).toMatchObject({
      scheduleStatus: { last: '2026-01-05T13:00:00+00:00', next: '2026-01-05T14:00:00+00:00' },
    })
  })

  test('goes on after a failure', async () => {
    const clock = createVirtualClock(noon)
    const host = await startSample('timers', { clock, settings })

    await clock.advanceTo(noon + 3 * hour)
    await host.stop()

    const failures = host.lines.filter((line) => line.startsWith('error Function.failing: failed'))
    expect(failures).toHaveLength(3)
  })

  test('runs at once, past due, when its time came while the host was down', async () => {
    const stateDirectory = await mkdtemp(join(tmpdir(), 'host-state-'))
    const before = createVirtualClock(noon)
    const first = await startSample('timers', { clock: before, settings, stateDirectory })
    await before.advanceTo(noon + hour)
    await first.stop()

    const after = createVirtualClock(noon + 5.5 * hour)
    const second = await startSample('timers', { clock: after, settings, stateDirectory })
    await after.advanceTo(noon + 6 * hour)
    await second.stop()
    await rm(stateDirectory, { recursive: true })

    const runs = timesOf(second, 'hourly').map(statusOf)
    expect(runs).toMatchObject([{ isPastDue: true }, { isPastDue: false }])
  })

  test('is left out, with a reason, when its schedule cannot be used', async () => {
    const host = await startSample('timers', { settings })
    await host.stop()

    expect(host.lines).toContain(
      'error Host.Startup: Cannot load unset: the setting NOWHERE is missing',
    )
    expect(host.lines.join('\n')).toContain('Cannot start unreadable: Cannot read the schedule')
  })

  test('is left out when it is switched off', async () => {
    const off = { ...settings, 'AzureWebJobs.hourly.Disabled': 'true' }
    const host = await startSample('timers', { settings: off })
    await host.stop()

    expect(host.functions.map(({ name }) => name)).not.toContain('hourly')
  })
})
