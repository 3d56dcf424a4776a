import {
  classifyGraphError,
  describe,
  type GraphErrorAnswer,
  unwrapped,
  type Write,
} from './classify-graph-error.ts'
import type { RefusedWrite, WriteOutcome } from './directory.ts'

/** What Privileged Identity Management says no with for good, by its code (graph.md 4.3). */
const refusals: Readonly<Record<string, RefusedWrite>> = {
  AadPremiumLicenseRequired: 'unlicensed',
  RoleAssignmentRequestPolicyValidationFailed: 'policy',
  // Only a window that is too short: a removal that comes too early is known by its schedule.
  ActiveDurationTooShort: 'policy',
  SubjectNotFound: 'grantee-gone',
  RoleNotFound: 'resource-gone',
  InvalidScope: 'resource-gone',
  PermissionScopeNotGranted: 'forbidden',
}

/** The answer to a schedule request that was not a success, in the classes of all writes. */
export function classifyScheduleError(
  write: Write,
  answer: GraphErrorAnswer,
  now: Date,
): WriteOutcome {
  const { status, code, message } = unwrapped(answer)
  const told = answer.graphRequestId === undefined ? {} : { graphRequestId: answer.graphRequestId }
  const detail = describe(status, code, message)
  if (status >= 400 && status < 500) {
    if (code === 'RoleAssignmentExists' && write.operation === 'add') {
      return { kind: 'already', ...told }
    }
    if (code === 'RoleAssignmentDoesNotExist' && write.operation !== 'add') {
      return { kind: 'already', ...told }
    }
    // An earlier request of somebody is still being worked on.
    if (code === 'PendingRoleAssignmentRequest') return { kind: 'not-applied', detail, ...told }
    // A new group is not known to it yet; one that is gone is found out by reading.
    if (code === 'ResourceNotFound') return { kind: 'not-applied', detail, ...told }
    const reason = refusals[code]
    if (reason !== undefined) return { kind: 'refused', reason, detail, ...told }
  }
  return classifyGraphError(write, answer, now)
}
