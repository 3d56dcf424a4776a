import * as z from 'zod'
import { badRequest, denied } from '../answers.ts'
import { bodyAs, type GraphCall, type GraphHandler } from '../graph-call.ts'
import { listAnswer } from '../list-answer.ts'
import { isRestricted, objectView } from '../objects.ts'
import { groupNotFound, invalidRequest, subjectNotFound } from './pim-refusals.ts'
import { groupInstances, isManageable, scheduleViews } from './pim-views.ts'
import { mayRead, type PimKind } from './schedule-requests.ts'

const root = 'identityGovernance/privilegedAccess/group'
const readWrite = 'PrivilegedAssignmentSchedule.ReadWrite.AzureADGroup'

const body = z.looseObject({
  principalId: z.string().toLowerCase(),
  groupId: z.string().toLowerCase(),
  accessId: z.enum(['member', 'owner']),
})

export const groupPim: PimKind = {
  kind: 'group',
  context: `${root}/assignmentScheduleRequests`,
  permissions: {
    write: [readWrite],
    remove: ['PrivilegedAssignmentSchedule.Remove.AzureADGroup'],
    readRequests: [readWrite],
    read: ['PrivilegedAssignmentSchedule.Read.AzureADGroup', readWrite],
  },
  targetOf(call) {
    const { tenant } = call
    const { principalId, groupId, accessId } = bodyAs(call, body)
    const group = tenant.groups.get(groupId)
    if (group === undefined) throw groupNotFound()
    if (!isManageable(group)) {
      throw invalidRequest(
        'Privileged Identity Management takes neither dynamic nor synchronised groups, nor mail groups.',
      )
    }
    if (isRestricted(groupId, tenant)) throw denied()
    const principal = objectView(principalId, tenant)
    if (principal === undefined) throw subjectNotFound()
    const isUser = principal['@odata.type'] === '#microsoft.graph.user'
    if (group.groupTypes.includes('Unified') && !isUser) throw invalidRequest()
    return { kind: 'group', principalId, groupId, accessId }
  },
  scheduleId: (target, requestId) =>
    target.kind === 'group' ? `${target.groupId}_${target.accessId}_${requestId}` : requestId,
}

const list =
  (
    name: string,
    views: (call: GraphCall) => readonly Readonly<Record<string, unknown>>[],
  ): GraphHandler =>
  (call) => {
    mayRead(call, groupPim.permissions.read)
    // These lists are of one group or of one principal, never of the whole tenant.
    if (!/\b(groupId|principalId) eq /i.test(call.query.get('$filter') ?? '')) {
      throw badRequest('The request needs a filter by groupId or principalId.', 'InvalidFilter')
    }
    return listAnswer(views(call), { ...call, context: `${root}/${name}` })
  }

export const listGroupSchedules = list('assignmentSchedules', ({ tenant }) =>
  scheduleViews('group', tenant),
)

/** Nobody of the simulated tenant may activate a membership by himself. */
export const listGroupEligibilities = list('eligibilityScheduleInstances', () => [])

export const listGroupInstances = list('assignmentScheduleInstances', ({ tenant }) =>
  groupInstances(tenant),
)
