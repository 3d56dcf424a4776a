import { type ReactNode, useEffect, useRef } from 'react'
import { serverNow } from '../api/server-clock.ts'
import { announce } from './announce.ts'
import { shortDuration } from './duration.ts'
import { createStore, useStore } from './store.ts'
import { dayAndTime, relativeWords, utcTime } from './time-words.ts'

const tick = createStore(0)
let timer: ReturnType<typeof setInterval> | undefined

/** The server's time, every second; one timer for however many look at it. */
export function useNow(): number {
  useStore(ticking)
  return serverNow()
}

const ticking = {
  ...tick,
  subscribe(listener: () => void) {
    const leave = tick.subscribe(listener)
    followers += 1
    timer ??= setInterval(() => tick.set(tick.get() + 1), 1_000)
    return () => {
      leave()
      followers -= 1
      if (followers > 0) return
      clearInterval(timer)
      timer = undefined
    }
  },
}
let followers = 0

/** An instant: how long ago or ahead, and when exactly. In UTC in its title and for machines. */
export function When({ at, relative = true }: { at: string; relative?: boolean }): ReactNode {
  const now = useNow()
  return (
    <time dateTime={at} title={utcTime(at)}>
      {relative ? `${relativeWords(at, now)}, ${dayAndTime(at, now)}` : dayAndTime(at, now)}
    </time>
  )
}

/** The end of something, in the zone of this browser and in UTC. */
export function EndTime({ at }: { at: string }): ReactNode {
  const now = useNow()
  return (
    <time dateTime={at}>
      {dayAndTime(at, now)} <span className="quiet nowrap">({utcTime(at)})</span>
    </time>
  )
}

/** Said once each, for whoever does not see the seconds run. */
const warnings = [15 * 60_000, 5 * 60_000, 60_000]

/** The time left, counting down by the server's clock. */
export function Countdown({ until, what }: { until: string; what: string }): ReactNode {
  const left = Date.parse(until) - useNow()
  const former = useRef(left)
  useEffect(() => {
    const passed = warnings.find((limit) => former.current > limit && left <= limit && left > 0)
    if (passed !== undefined) announce(`${what} ends in ${shortDuration(passed)}.`)
    if (former.current > 0 && left <= 0) announce(`The time for ${what} is over.`)
    former.current = left
  }, [left, what])
  if (left <= 0) return <span className="countdown">Time is over</span>
  return (
    <span className="countdown" role="timer" aria-live="off">
      {shortDuration(left)} <span className="countdown-unit">left</span>
    </span>
  )
}

/** How much of a window is left, as a bar; the words beside it say the same. */
export function TimeBar({ from, until }: { from: string; until: string }): ReactNode {
  const whole = Date.parse(until) - Date.parse(from)
  const left = Math.min(1, Math.max(0, (Date.parse(until) - useNow()) / whole))
  return (
    <div className="time-bar" aria-hidden="true">
      <div
        className={left < 0.1 ? 'time-bar-left time-bar-low' : 'time-bar-left'}
        style={{ width: `${left * 100}%` }}
      />
    </div>
  )
}
