import type { HttpHandler } from '@azure/functions'
import { type Parsed, parse } from '../../shared/config/parse.ts'
import * as schemas from '../../shared/config/request-schema.ts'
import { routeOf } from '../../shared/config/routes.ts'
import { pairOfRequest } from '../../shared/ledger/ids.ts'
import { isListKey } from '../../shared/ledger/views.ts'
import { contextsOf } from '../../shared/operations/approval-context.ts'
import type { ApproverWord } from '../../shared/operations/decide-approval.ts'
import { listApprovals, listDecided } from '../../shared/operations/list-approvals.ts'
import { remindApprovers } from '../../shared/operations/remind-approvers.ts'
import type { Broker } from '../broker.ts'
import { readJson } from './body.ts'
import { type Answer, type Call, type Endpoint, notFound } from './endpoint.ts'
import { cursorOf, listResponse, pageSize, queryOf } from './lists.ts'
import { invalid, notYours } from './request-endpoints.ts'
import { requestFrame } from './request-frame.ts'

/** `/approvals`, the two words about a request, approve and deny, and a reminder to say one. */
export function approvalEndpoints(
  broker: Broker,
  endpoint: Endpoint,
): Readonly<Record<string, HttpHandler>> {
  const { needs, readConfiguration } = broker
  const { clockworkOf, find, show } = requestFrame(broker)

  const decide = async (
    call: Call,
    read: (body: unknown) => Parsed<Omit<ApproverWord, 'verdict'>>,
    verdict: ApproverWord['verdict'],
  ): Promise<Answer> => {
    const found = await find(call)
    if (found === undefined) return notFound
    const body = read((await readJson(call.request)) ?? {})
    if (!body.ok) return invalid(body.errors)
    const word = { ...body.value, verdict }
    const decided = await broker.decideApproval(found, call.caller, word, clockworkOf(call))
    return decided.kind === 'refused' ? decided : { jsonBody: await show(decided.request) }
  }

  return {
    approveRequest: endpoint(routeOf('approveRequest'), (call) =>
      decide(call, (body) => parse(schemas.approveBody, body), 'approve'),
    ),
    denyRequest: endpoint(routeOf('denyRequest'), (call) =>
      decide(call, (body) => parse(schemas.denyBody, body), 'deny'),
    ),

    remindApprovers: endpoint(routeOf('remindApprovers'), async (call) => {
      const found = await find(call)
      if (found === undefined) return notFound
      if (found.submission.requester.id !== call.caller.id) return notYours
      const body = parse(schemas.remindBody, (await readJson(call.request)) ?? {})
      if (!body.ok) return invalid(body.errors)
      const outcome = await remindApprovers(needs, found, call.caller)
      return outcome.kind === 'refused' ? outcome : { jsonBody: await show(outcome.request) }
    }),

    listApprovals: endpoint(routeOf('listApprovals'), async ({ request, caller }) => {
      const { decided } = queryOf(request, ['decided'])
      if (decided !== undefined && decided !== 'mine') {
        return invalid([{ pointer: '/query/decided', detail: 'It may be "mine".' }])
      }
      const page =
        decided === 'mine'
          ? await listDecided(needs, caller, pageSize, cursorOf(request, isListKey))
          : await listApprovals(
              needs,
              readConfiguration,
              caller,
              cursorOf(request, (cursor) => pairOfRequest(cursor) !== undefined),
            )
      const pending = page.requests.filter(({ reason }) => reason.status === 'pending-approval')
      const contexts = await contextsOf(needs, pending)
      const items = page.requests.map(async (each) => {
        const context = contexts.get(each.reason.id)
        return { ...(await show(each)), ...(context === undefined ? {} : { context }) }
      })
      return listResponse(await Promise.all(items), page.next)
    }),
  }
}
