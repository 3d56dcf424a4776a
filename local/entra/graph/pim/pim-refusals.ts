import { badRequest, GraphRefusal } from '../answers.ts'
import type { GraphCall } from '../graph-call.ts'

/** What Privileged Identity Management says no with, to the letter (graph.md 4.3). */

export const alreadyAssigned = () =>
  badRequest('The Role assignment already exists.', 'RoleAssignmentExists')

export const notAssigned = () =>
  badRequest('The Role assignment does not exist.', 'RoleAssignmentDoesNotExist')

export const tooShort = () =>
  badRequest(
    'The Active duration is too short. Miniumum Required is 5 minutes.',
    'ActiveDurationTooShort',
  )

export const stillPending = () =>
  badRequest(
    'There is already an existing pending Role assignment request.',
    'PendingRoleAssignmentRequest',
  )

export const roleNotFound = () => badRequest('The role is not found.', 'RoleNotFound')

export const subjectNotFound = () => badRequest('The subject is not found.', 'SubjectNotFound')

export const scopeNotFound = () => badRequest('The scope is not valid.', 'InvalidScope')

export const groupNotFound = () =>
  new GraphRefusal(404, 'ResourceNotFound', 'The resource is not found.')

export const invalidRequest = (message = 'The role assignment request is invalid.') =>
  badRequest(message, 'InvalidRoleAssignmentRequest')

export const againstPolicy = (...rules: readonly string[]) =>
  badRequest(
    `The following policy rules failed: ${JSON.stringify(rules)}`,
    'RoleAssignmentRequestPolicyValidationFailed',
  )

/** The first permission named is the least that suffices: Entra names it (graph.md 1.4). */
export function needPermission(call: GraphCall, permissions: readonly string[]): void {
  if (permissions.some((permission) => call.permissions.includes(permission))) return
  const message = `Authorization failed due to missing permission scope ${permissions[0]}.`
  const inner = { errorCode: 'PermissionScopeNotGranted', message }
  throw new GraphRefusal(403, 'UnknownError', JSON.stringify(inner))
}

/** Without the licence not even reading is allowed. */
export function needLicence({ tenant }: GraphCall): void {
  if (tenant.settings.premium) return
  throw badRequest(
    'The tenant needs to have Microsoft Entra ID P2 or Microsoft Entra ID Governance license.',
    'AadPremiumLicenseRequired',
  )
}
