import { durationOf } from '../access/duration.ts'

/** Settings of user cleanup. */
export interface CleanupSettings {
  /** What counts as one day, in milliseconds. */
  readonly day: number
  /** A group whose members are never touched. */
  readonly protectedGroup?: string
}

const idPattern = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i
const oneDay = 86_400_000

/** A day of another length is for tests: only beside an authority on this machine. */
export function cleanupOf(
  text: (name: string) => string | undefined,
  isLocal: boolean,
  problems: string[],
): CleanupSettings {
  const wanted = text('CLEANUP_DAY')
  const day = wanted === undefined ? oneDay : durationOf(wanted)
  if (day === undefined || day <= 0) {
    problems.push(`CLEANUP_DAY is no ISO 8601 duration ("${wanted}")`)
  } else if (day !== oneDay && !isLocal) {
    problems.push('CLEANUP_DAY other than P1D needs an ENTRA_AUTHORITY on this machine')
  }
  const group = text('PROTECTED_GROUP')
  if (group !== undefined && !idPattern.test(group)) problems.push('PROTECTED_GROUP is no GUID')
  return {
    day: day ?? oneDay,
    ...(group === undefined ? {} : { protectedGroup: group.toLowerCase() }),
  }
}
