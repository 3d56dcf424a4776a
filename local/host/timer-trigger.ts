import { parseSchedule, type Schedule } from './schedule.ts'
import type { Clock, Log, RegisteredFunction, RpcData, Worker } from './seams.ts'
import type { TimerRecords } from './timer-records.ts'

interface Needs {
  readonly worker: Worker
  readonly clock: Clock
  readonly log: Log
  readonly records: TimerRecords
  readonly timeZone?: string | undefined
}

/** Timers that were set going. */
export interface Timers {
  /** Lets no timer fire any more and waits for the functions under way. */
  stop(): Promise<void>
}

/** Sets the timer functions going; each runs one at a time. */
export function startTimers(needs: Needs): Timers {
  const { worker, log } = needs
  const timers: Timers[] = []
  for (const fn of worker.functions.values()) {
    if (fn.trigger.type.toLowerCase() !== 'timertrigger') continue
    try {
      const schedule = parseSchedule(String(fn.trigger['schedule']), needs.timeZone)
      timers.push(startTimer(fn, schedule, needs))
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error)
      log('error', 'Host.Startup', `Cannot start ${fn.name}: ${reason}`)
    }
  }
  return {
    async stop() {
      await Promise.all(timers.map((timer) => timer.stop()))
    },
  }
}

/** What a timer function receives when it is called outside its schedule. */
export const unscheduledTimerInput: RpcData = timerInput(null, false)

function startTimer(fn: RegisteredFunction, schedule: Schedule, needs: Needs): Timers {
  const { worker, clock, log, records } = needs
  const { name, trigger } = fn
  const text = String(trigger['schedule'])
  const monitored = trigger['useMonitor'] !== false && !schedule.frequent
  let stopped = false
  let wakeUp: { cancel(): void } | undefined
  let running: Promise<void> = Promise.resolve()

  const record = monitored ? records.read(name) : undefined
  const missed = record?.schedule === text && record.next !== null && record.next < clock.now()
  if (monitored && record?.schedule !== text) keepRecord(null)

  if (missed) fire(true)
  else if (trigger['runOnStartup'] === true) fire(false)
  else waitForNext()

  function waitForNext(): void {
    const next = schedule.next(clock.now())
    if (stopped) return
    if (next === undefined) log('warning', 'Host.Triggers', `${name} will never fire again`)
    else wakeUp = clock.at(next, () => fire(false))
  }

  function fire(isPastDue: boolean): void {
    running = run(isPastDue)
  }

  async function run(isPastDue: boolean): Promise<void> {
    const time = clock.now()
    const status = monitored ? records.read(name) : undefined
    const times = status === undefined ? null : { last: status.last, next: status.next }
    try {
      await worker.invoke(name, timerInput(times, isPastDue))
    } catch {
      // The worker has logged it; a failed run never ends a schedule.
    }
    if (monitored) keepRecord(time)
    waitForNext()
  }

  function keepRecord(last: number | null): void {
    records.write(name, { schedule: text, last, next: schedule.next(clock.now()) ?? null })
  }

  return {
    async stop() {
      stopped = true
      wakeUp?.cancel()
      await running
    },
  }
}

function timerInput(
  times: { readonly last: number | null; readonly next: number | null } | null,
  isPastDue: boolean,
): RpcData {
  const status = times && {
    Last: isoTime(times.last),
    Next: isoTime(times.next),
    LastUpdated: isoTime(times.last),
  }
  return {
    json: JSON.stringify({
      Schedule: { AdjustForDST: true },
      ScheduleStatus: status,
      IsPastDue: isPastDue,
    }),
  }
}

/** The host writes its zero time for "never". */
function isoTime(time: number | null): string {
  if (time === null) return '0001-01-01T00:00:00+00:00'
  return new Date(time).toISOString().replace(/\.000Z$|Z$/, '+00:00')
}
