import type { EventName } from '../../../../shared/access/events.ts'

/** What each kind of event says, for whoever was not there. */
const words: Readonly<Record<EventName, string>> = {
  'request.created': 'Access was asked for',
  'request.refused': 'A request was refused',
  'request.approval-recorded': 'One of several approvals',
  'request.escalated': 'More approvers were asked',
  'request.reminded': 'Approvers were reminded',
  'request.approved': 'A request was approved',
  'request.denied': 'A request was denied',
  'request.cancelled': 'A request was cancelled',
  'request.timed-out': 'A request was decided by nobody in time',
  'grant.attempted': 'A grant was begun, with its end',
  'grant.active': 'A grant is active',
  'grant.renewed': 'A grant was renewed',
  'grant.failed': 'A grant failed',
  'grant.ending': 'A grant is being ended',
  'grant.overdue': 'The end of a grant is overdue',
  'grant.ended': 'A grant ended, with proof',
  'standing.found': 'Standing access was found',
  'drift.found': 'A change by others was found',
  'drift.repaired': 'A change by others was undone',
  'emergency-stop.changed': 'The emergency stop was switched',
  'integration.changed': 'An integration was changed',
  'access-flow.changed': 'An access flow was changed',
  'bundle.changed': 'A bundle was changed',
  'configuration.changed': 'The configuration was changed',
  'cleanup.planned': 'The cleanup of an account was planned',
  'cleanup.kept': 'An account is kept',
  'cleanup.done': 'An account was cleaned up',
  'cleanup.refused': 'An account was not cleaned up',
  'cleanup.restored': 'An account was restored',
  'discovery.finished': 'A discovery finished',
  'authorization.refused': 'A call was refused for lack of right',
  'checkpoint.written': 'A checkpoint was written',
}

/** An event that a newer service knows is shown by its name. */
export function eventWords(event: string): string {
  return isKnown(event) ? words[event] : event
}

/** Every kind of event with its words, in the order of their names. */
export const eventChoices: readonly (readonly [string, string])[] = Object.entries(words)
  .map(([name, said]) => [name, `${name}: ${said}`] as const)
  .sort(([one], [other]) => (one < other ? -1 : 1))

function isKnown(event: string): event is EventName {
  return Object.hasOwn(words, event)
}
