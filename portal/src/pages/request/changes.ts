import type { AccessRequest } from '../../api/types.ts'
import { isoWords } from '../../parts/duration.ts'

type Seen = Pick<
  AccessRequest,
  'status' | 'duration' | 'resource' | 'justification' | 'ticket' | 'startsAt' | 'approval'
>

const statusWords: Readonly<Record<AccessRequest['status'], string>> = {
  'pending-approval': 'waits for approval again',
  scheduled: 'is approved and scheduled',
  granting: 'is approved, and access is being given',
  active: 'is approved, and access is there',
  ending: 'is approved, and access is ending',
  ended: 'is approved, and over',
  denied: 'is denied',
  cancelled: 'is cancelled',
  'timed-out': 'has lapsed, since nobody decided in time',
  failed: 'has failed',
  overdue: 'is approved, and its end is overdue',
}

/** What is different from what somebody has looked at, a sentence each; empty where nothing is. */
export function changesOf(seen: Seen, now: Seen): readonly string[] {
  const known = decisionsOf(seen)
  const newer = decisionsOf(now).filter(
    ({ approver, at }) => !known.some((one) => one.approver === approver && one.at === at),
  )
  return [
    ...(seen.status === now.status ? [] : [`It ${statusWords[now.status]} by now.`]),
    ...(seen.resource.name === now.resource.name
      ? []
      : [`The resource is called ${now.resource.name} now.`]),
    ...(seen.duration === now.duration
      ? []
      : [`It is for ${isoWords(now.duration)} now, not ${isoWords(seen.duration)}.`]),
    ...(seen.startsAt === now.startsAt ? [] : ['It starts at another time.']),
    ...(seen.justification === now.justification && seen.ticket === now.ticket
      ? []
      : ['The reason that was given is another one.']),
    ...newer.map(({ name = 'Another approver', decision, duration, reason }) =>
      [
        `${name} has ${decision === 'approve' ? 'approved' : 'denied'} it`,
        duration === undefined ? '' : ` for ${isoWords(duration)}`,
        reason === undefined ? '.' : `: ${reason}`,
      ].join(''),
    ),
  ]
}

/** Each word once, however many steps it counts for. */
export function decisionsOf({ approval }: Pick<AccessRequest, 'approval'>) {
  const all = approval.steps.flatMap(({ decisions }) => decisions)
  return [...new Map(all.map((each) => [`${each.approver} ${each.at}`, each])).values()]
}
