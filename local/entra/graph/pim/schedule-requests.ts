import { randomUUID } from 'node:crypto'
import * as z from 'zod'
import type { PimRequest, PimTarget } from '../../pim-records.ts'
import { entityAnswer, noContent, notFound, notSimulated } from '../answers.ts'
import { bodyAs, type GraphCall, type GraphHandler } from '../graph-call.ts'
import { listAnswer, selected } from '../list-answer.ts'
import { type AskedSchedule, assign, change, type Decision, remove } from './decide-request.ts'
import { invalidRequest, needLicence, needPermission } from './pim-refusals.ts'
import { requestView } from './pim-views.ts'
import { camelCase, scheduleInfoBody, windowOf } from './schedule-window.ts'

/** What differs between directory roles and groups. */
export interface PimKind {
  readonly kind: 'role' | 'group'
  /** What stands behind `$metadata#` for requests. */
  readonly context: string
  /** Each list begins with the least that suffices. */
  readonly permissions: {
    readonly write: readonly string[]
    readonly remove: readonly string[]
    readonly readRequests: readonly string[]
    readonly read: readonly string[]
  }
  /** Reads whom and what the body names, and refuses what is not there or cannot be managed. */
  targetOf(call: GraphCall): PimTarget
  scheduleId(target: PimTarget, requestId: string): string
}

const actionBody = z.looseObject({ action: z.string().transform(camelCase) })

const requestBody = z.looseObject({
  justification: z.string().nullish(),
  isValidationOnly: z.boolean().nullish(),
  ticketInfo: z
    .looseObject({ ticketNumber: z.string().nullish(), ticketSystem: z.string().nullish() })
    .nullish(),
  scheduleInfo: scheduleInfoBody.nullish(),
})

export const createRequest =
  (pim: PimKind): GraphHandler =>
  (call) => {
    const { action } = bodyAs(call, actionBody)
    const { write, remove: removal } = pim.permissions
    needPermission(call, action === 'adminRemove' ? [...write, ...removal] : write)
    needLicence(call)
    if (action.startsWith('self')) {
      throw invalidRequest(
        `The action '${action}' is for the principal itself: an application cannot take it.`,
      )
    }
    const {
      justification = null,
      ticketInfo,
      isValidationOnly,
      ...body
    } = bodyAs(call, requestBody)
    const id = randomUUID()
    const target = pim.targetOf(call)
    const scheduleId = pim.scheduleId(target, id)
    const asked = { requestId: id, scheduleId, target, justification }
    const { changes, ...decision } = decide(call, action, asked, body.scheduleInfo)
    const isDone = ['Provisioned', 'Revoked'].includes(decision.status)
    const request: PimRequest = {
      ...{ id, target, action, justification },
      ...decision,
      createdDateTime: call.now.toISOString(),
      completedDateTime: isDone ? call.now.toISOString() : null,
      createdBy: principalOf(call),
      ticketInfo: {
        ticketNumber: ticketInfo?.ticketNumber ?? null,
        ticketSystem: ticketInfo?.ticketSystem ?? null,
      },
      isValidationOnly: isValidationOnly === true,
    }
    // A dry run has the same refusals and leaves nothing behind.
    if (!request.isValidationOnly) {
      call.apply([...changes, { put: 'pimRequests', id, value: request }])
    }
    return entityAnswer(pim.context, requestView(request), 201)
  }

export const listRequests =
  (pim: PimKind): GraphHandler =>
  (call) => {
    mayRead(call, pim.permissions.readRequests)
    const requests = [...call.tenant.pimRequests.values()].filter(
      ({ target }) => target.kind === pim.kind,
    )
    return listAnswer(requests.map(requestView), { ...call, context: pim.context })
  }

export const getRequest =
  (pim: PimKind): GraphHandler =>
  (call) => {
    mayRead(call, pim.permissions.readRequests)
    return entityAnswer(pim.context, selected(requestView(requestOf(call, pim)), call.query))
  }

/** Only what has not begun can be cancelled. */
export const cancelRequest =
  (pim: PimKind): GraphHandler =>
  (call) => {
    needPermission(call, pim.permissions.write)
    needLicence(call)
    const request = requestOf(call, pim)
    if (request.status !== 'Granted' && request.status !== 'PendingProvisioning') {
      throw invalidRequest(`The request is ${request.status}: only a pending one can be cancelled.`)
    }
    const value: PimRequest = {
      ...request,
      status: 'Canceled',
      completedDateTime: call.now.toISOString(),
    }
    call.apply([
      { put: 'pimRequests', id: request.id, value },
      { drop: 'pimSchedules', id: request.targetScheduleId },
    ])
    return noContent
  }

/** Permission and licence are asked before anything else. */
export function mayRead(call: GraphCall, permissions: readonly string[]): void {
  needPermission(call, permissions)
  needLicence(call)
}

function decide(
  call: GraphCall,
  action: string,
  asked: AskedSchedule,
  scheduleInfo: z.output<typeof scheduleInfoBody> | null | undefined,
): Decision {
  switch (action) {
    case 'adminAssign':
      return assign(call, asked, windowOf(scheduleInfo, call.now))
    case 'adminUpdate':
    case 'adminExtend':
      return change(call, asked, windowOf(scheduleInfo, call.now), action)
    case 'adminRemove':
      return remove(call, asked)
    case 'adminRenew':
      throw notSimulated('the action adminRenew')
    default:
      throw invalidRequest()
  }
}

function requestOf({ tenant, params }: GraphCall, { kind }: PimKind): PimRequest {
  const id = params['id'] ?? ''
  const request = tenant.pimRequests.get(id.toLowerCase())
  if (request === undefined || request.target.kind !== kind) throw notFound(id)
  return request
}

function principalOf({ tenant, appId }: GraphCall): string {
  const principals = [...tenant.servicePrincipals.values()]
  return principals.find((one) => one.appId === appId)?.id ?? ''
}
