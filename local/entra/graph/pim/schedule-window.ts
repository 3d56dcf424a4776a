import * as z from 'zod'
import { durationOf } from '../../../../shared/access/duration.ts'
import type { TenantSettings } from '../../collections.ts'
import type { PimScheduleInfo } from '../../pim-records.ts'
import { againstPolicy, invalidRequest, tooShort } from './pim-refusals.ts'

const instant = z.iso.datetime({ offset: true })

/** `scheduleInfo` of a request, in either spelling of its types. */
export const scheduleInfoBody = z.looseObject({
  startDateTime: instant.nullish(),
  recurrence: z.null().optional(),
  expiration: z.looseObject({
    type: z.string().transform(camelCase),
    endDateTime: instant.nullish(),
    duration: z.string().nullish(),
  }),
})

/** From when to when an assignment is asked for. */
export interface Window {
  readonly start: Date
  /** Null: for good. */
  readonly end: Date | null
  readonly expiration: PimScheduleInfo['expiration']
}

const shortest = 5 * 60_000
const dayMilliseconds = 86_400_000

/** What the body asks for; a start in the past means now, and a duration counts from there. */
export function windowOf(
  info: z.output<typeof scheduleInfoBody> | null | undefined,
  now: Date,
): Window {
  if (info === null || info === undefined) throw invalidRequest()
  const asked = Date.parse(info.startDateTime ?? '')
  const start = asked > now.getTime() ? new Date(asked) : now
  const { type, endDateTime = null, duration = null } = info.expiration
  const told = (end: Date | null): Window => ({
    ...{ start, end },
    expiration: { type, endDateTime, duration },
  })
  switch (type) {
    case 'noExpiration':
      return told(null)
    case 'afterDateTime':
      if (endDateTime === null) throw invalidRequest()
      return told(new Date(endDateTime))
    case 'afterDuration': {
      const milliseconds = durationOf(duration ?? '')
      if (milliseconds === undefined) throw invalidRequest()
      return told(new Date(start.getTime() + milliseconds))
    }
    default:
      throw invalidRequest()
  }
}

/**
 * The rules of the tenant: a reason, at most so many days, and only roles for good.
 *
 * Whatever they allow, no assignment may be shorter than five minutes.
 */
export function refuseWindow(
  kind: 'role' | 'group',
  start: Date,
  end: Date | null,
  justification: string | null,
  { longestAssignmentDays }: Pick<TenantSettings, 'longestAssignmentDays'>,
): void {
  const longest = longestAssignmentDays * dayMilliseconds
  const milliseconds = end === null ? undefined : end.getTime() - start.getTime()
  const isTooLong = milliseconds === undefined ? kind === 'group' : milliseconds > longest
  const failed = [
    ...(isTooLong ? ['ExpirationRule'] : []),
    ...(justification === null || justification.trim() === '' ? ['JustificationRule'] : []),
  ]
  if (failed.length > 0) throw againstPolicy(...failed)
  if (milliseconds !== undefined && milliseconds < shortest) throw tooShort()
}

/** Whether an assignment is so young that it cannot be taken away yet. */
export function isTooYoung(startDateTime: string, now: Date): boolean {
  return now.getTime() - Date.parse(startDateTime) < shortest
}

/** Requests may say `AfterDuration`; answers say `afterDuration`. */
export function camelCase(text: string): string {
  return `${text.slice(0, 1).toLowerCase()}${text.slice(1)}`
}
