import type { HttpHandler, HttpRequest } from '@azure/functions'
import { parse } from '../../shared/config/parse.ts'
import * as schemas from '../../shared/config/request-schema.ts'
import { routeOf } from '../../shared/config/routes.ts'
import { pairOfRequest, pairPartition } from '../../shared/ledger/ids.ts'
import { readEvents } from '../../shared/ledger/pair-ledger.ts'
import { arrivalOf } from '../../shared/operations/arrival.ts'
import { eventView } from '../../shared/operations/audit-log.ts'
import { itemsOfBundle } from '../../shared/operations/bundles.ts'
import { actorOf, isAdministrator } from '../../shared/operations/callers.ts'
import { endRequest } from '../../shared/operations/end-request.ts'
import { extendRequest } from '../../shared/operations/extend-request.ts'
import { isRequestCursor, listRequests } from '../../shared/operations/list-requests.ts'
import { type Refusal, refused } from '../../shared/operations/refusal.ts'
import { type ItemOutcome, submitMany } from '../../shared/operations/submit-many.ts'
import type { SubmitOutcome } from '../../shared/operations/submit-request.ts'
import type { Broker } from '../broker.ts'
import { BodyRefusedError, readJson } from './body.ts'
import { type Answer, type Endpoint, notFound } from './endpoint.ts'
import { cursorOf, instantOf, listResponse, pageSize, queryOf } from './lists.ts'
import { refuseOnBehalf } from './on-behalf.ts'
import { type Problem, problemBody, refusalProblem, unavailable } from './problem.ts'
import { requestFrame } from './request-frame.ts'

const mostKeyCharacters = 128

/** `/requests` and everything below it. */
export function requestEndpoints(
  broker: Broker,
  endpoint: Endpoint,
): Readonly<Record<string, HttpHandler>> {
  const { needs } = broker
  const { clockworkOf, find, show } = requestFrame(broker)

  const accepted = async (outcome: SubmitOutcome): Promise<Answer> => {
    if (outcome.kind === 'refused') return outcome
    return {
      status: 202,
      headers: { location: `/api/requests/${outcome.request.reason.id}`, 'retry-after': '1' },
      jsonBody: await show(outcome.request),
    }
  }

  const shownItem = async (item: ItemOutcome, invocationId: string) => {
    if (item.kind === 'accepted') return { status: 202, request: await show(item.request) }
    const problem = item.kind === 'refused' ? refusalProblem(item) : unavailable
    return { status: problem.status, problem: problemBody(problem, invocationId) }
  }

  return {
    submitRequest: endpoint(routeOf('submitRequest'), async (call) => {
      const { request, caller } = call
      const raw = await readJson(request)
      const body = parse(schemas.requestBody, raw)
      if (!body.ok) return invalid(body.errors)
      const key = idempotencyKeyOf(request)
      const refusal = await refuseOnBehalf(needs, caller, body.value)
      if (refusal !== undefined) return refusal
      const { resource, resources = [], bundle, ...rest } = body.value
      const arrival = { intake: 'http', ...arrivalOf(caller, body.value) } as const
      const claim =
        key === undefined
          ? {}
          : { claim: { owner: `${caller.tenantId}/${caller.id}`, key, body: raw } }
      if (resource !== undefined) {
        const one = { ...arrival, ...claim, body: { ...rest, resource } }
        return accepted(await broker.submitRequest(one, clockworkOf(call)))
      }
      const items =
        bundle === undefined
          ? resources.map((each) => ({ resource: each }))
          : await itemsOfBundle(broker.readConfiguration, bundle)
      if ('reason' in items) return items
      const many = { arrival, body: rest, items, ...claim }
      const outcome = await submitMany(needs, broker.submitRequest, many, clockworkOf(call))
      if (outcome.kind === 'refused') return outcome
      const shownItems = await Promise.all(
        outcome.items.map((item) => shownItem(item, call.context.invocationId)),
      )
      return { status: 202, headers: { 'retry-after': '1' }, jsonBody: { items: shownItems } }
    }),

    listRequests: endpoint(routeOf('listRequests'), async ({ request, caller }) => {
      const { from, to, ...rest } = queryOf(request, [
        'status',
        'requester',
        'grantee',
        'resource',
        'integration',
        'from',
        'to',
      ])
      const since = instantOf('from', from)
      const until = instantOf('to', to)
      const filter = {
        ...rest,
        ...(since === undefined ? {} : { from: since }),
        ...(until === undefined ? {} : { to: until }),
      }
      const after = cursorOf(request, (cursor) => isRequestCursor(caller, filter, cursor))
      const page = await listRequests(needs, caller, filter, pageSize, after)
      return listResponse(await Promise.all(page.requests.map(show)), page.next)
    }),

    getRequest: endpoint(routeOf('getRequest'), async (call) => {
      const found = await find(call)
      return found === undefined ? notFound : { jsonBody: await show(found) }
    }),

    listRequestEvents: endpoint(routeOf('listRequestEvents'), async (call) => {
      const found = await find(call)
      const pairId = pairOfRequest(found?.reason.id ?? '')
      if (found === undefined || pairId === undefined) return notFound
      const events = await readEvents(needs.tables, pairPartition(pairId))
      const own = events.filter(({ requestId }) => requestId === found.reason.id)
      return listResponse(own.map(eventView), undefined)
    }),

    cancelRequest: endpoint(routeOf('cancelRequest'), async (call) => {
      const found = await find(call)
      if (found === undefined) return notFound
      const { caller } = call
      if (found.submission.requester.id !== caller.id && !isAdministrator(caller)) return notYours
      const body = parse(schemas.cancelBody, (await readJson(call.request)) ?? {})
      if (!body.ok) return invalid(body.errors)
      const { reason: comment } = body.value
      const order = { requestId: found.reason.id, actor: actorOf(caller) }
      const ended = await endRequest(
        needs,
        { ...order, ...(comment === undefined ? {} : { comment }) },
        clockworkOf(call),
      )
      if (ended === undefined) return notFound
      if (ended.kind === 'cancelled' || ended.request.reason.status === 'cancelled') {
        return { jsonBody: await show(ended.request) }
      }
      return refused(
        'conflict',
        'too-late',
        `It can no longer be cancelled: it is ${ended.request.reason.status}.`,
      )
    }),

    revokeRequest: endpoint(routeOf('revokeRequest'), async (call) => {
      const found = await find(call)
      if (found === undefined) return notFound
      const { caller } = call
      const isOwn = found.key.grantee === caller.id
      if (!isOwn && !isAdministrator(caller)) return notYours
      const body = parse(schemas.revokeBody, (await readJson(call.request)) ?? {})
      if (!body.ok) return invalid(body.errors)
      const comment = body.value.reason
      const ended = await endRequest(
        needs,
        {
          requestId: found.reason.id,
          actor: actorOf(caller),
          endReason: isOwn ? 'given-back' : 'revoked',
          ...(comment === undefined ? {} : { comment }),
        },
        clockworkOf(call),
      )
      if (ended === undefined) return notFound
      const isOver = ended.kind === 'closed' || ended.kind === 'cancelled'
      return { status: isOver ? 200 : 202, jsonBody: await show(ended.request) }
    }),

    extendRequest: endpoint(routeOf('extendRequest'), async (call) => {
      const found = await find(call)
      if (found === undefined) return notFound
      if (found.key.grantee !== call.caller.id) return notYours
      const raw = await readJson(call.request)
      const body = parse(schemas.extendBody, raw)
      if (!body.ok) return invalid(body.errors)
      const key = idempotencyKeyOf(call.request)
      const outcome = await extendRequest(
        broker.submitRequest,
        found,
        call.caller,
        body.value,
        clockworkOf(call),
        key === undefined ? undefined : { key, body: raw },
      )
      return accepted(outcome)
    }),
  }
}

/** The key by which a caller may repeat a call; undefined when he gave none. */
function idempotencyKeyOf(request: HttpRequest): string | undefined {
  const key = request.headers.get('idempotency-key')
  if (key === null) return undefined
  if (key !== '' && key.length <= mostKeyCharacters) return key
  const detail = `It may have 1 to ${mostKeyCharacters} characters.`
  throw new BodyRefusedError(invalid([{ pointer: '/headers/Idempotency-Key', detail }]))
}

export const notYours: Refusal = refused(
  'not-allowed',
  'not-yours',
  'Only the person it belongs to, or an administrator, may do this.',
)

/** Fields that are wrong, as a problem document. */
export function invalid(
  errors: readonly { readonly pointer: string; readonly detail: string }[],
): Problem {
  return {
    status: 400,
    code: 'invalid',
    title: 'The request is not valid',
    detail: errors.map(({ pointer, detail }) => `${pointer}: ${detail}`).join(' '),
    more: { errors },
  }
}
