import type { HttpHandler, HttpRequest } from '@azure/functions'
import { BrokerError } from '../../shared/access/errors.ts'
import { openApiDocument } from '../../shared/config/openapi.ts'
import { parse } from '../../shared/config/parse.ts'
import * as schemas from '../../shared/config/request-schema.ts'
import { routeOf } from '../../shared/config/routes.ts'
import { may, rolesOf } from '../../shared/identity/roles.ts'
import { countOverdue } from '../../shared/operations/count-overdue.ts'
import { setEmergencyStop } from '../../shared/operations/emergency-stop.ts'
import { confirmLeft } from '../../shared/operations/people-left.ts'
import { orderReconcile } from '../../shared/operations/reconcile.ts'
import type { Broker } from '../broker.ts'
import { readJson } from './body.ts'
import { createOpenEndpoint, type Endpoint } from './endpoint.ts'
import { invalid } from './request-endpoints.ts'

/** `/me`, `/health`, `/sign-in`, `/openapi.json`, `/emergency-stop`, `/reconcile`. */
export function systemEndpoints(
  broker: Broker,
  endpoint: Endpoint,
): Readonly<Record<string, HttpHandler>> {
  const { needs } = broker
  const open = createOpenEndpoint(needs)
  return {
    getMe: endpoint(routeOf('getMe'), async ({ caller }) => ({
      jsonBody: {
        id: caller.id,
        tenantId: caller.tenantId,
        ...(caller.name === undefined ? {} : { name: caller.name }),
        roles: rolesOf(caller),
        may: may(caller),
      },
    })),

    getHealth: open(async (request) => {
      const results = await Promise.all(
        Object.entries(broker.checks).map(async ([name, check]) => [name, await stateOf(check)]),
      )
      const dependencies = Object.fromEntries(results) as Record<string, string>
      const isUp = Object.values(dependencies).every((state) => state === 'ok')
      const overdue = (await mayKnow(broker, request)) ? await overdueOf(needs) : undefined
      return {
        status: isUp ? 200 : 503,
        jsonBody: {
          status: isUp ? 'ok' : 'degraded',
          dependencies,
          ...(overdue === undefined ? {} : { overdue }),
        },
      }
    }),

    getSignIn: open(async () => ({
      headers: { 'cache-control': 'public, max-age=300' },
      jsonBody: broker.signIn,
    })),

    getOpenApi: open(async () => ({ jsonBody: openApiDocument() })),

    getEmergencyStop: endpoint(routeOf('getEmergencyStop'), async () => ({
      jsonBody: (await broker.readConfiguration()).stop,
    })),

    putEmergencyStop: endpoint(routeOf('putEmergencyStop'), async ({ request, caller }) => {
      const body = parse(schemas.emergencyStopBody, await readJson(request))
      if (!body.ok) return invalid(body.errors)
      return { jsonBody: await setEmergencyStop(needs, caller, body.value) }
    }),

    reconcile: endpoint(routeOf('reconcile'), async ({ request }) => {
      const body = parse(schemas.reconcileBody, (await readJson(request)) ?? {})
      if (!body.ok) return invalid(body.errors)
      const { peopleLeft } = body.value
      if (peopleLeft !== undefined) await confirmLeft(needs, peopleLeft)
      await orderReconcile(needs)
      return { status: 202, jsonBody: { ordered: true } }
    }),
  }
}

/** Whether the call is of somebody who may see more; one with a spoilt token is a stranger's. */
async function mayKnow({ authenticate }: Broker, { headers }: HttpRequest): Promise<boolean> {
  const authorization = headers.get('authorization')
  if (authorization === null) return false
  try {
    return may(await authenticate(authorization)).includes('audit.read')
  } catch (error) {
    if (error instanceof BrokerError) return false
    throw error
  }
}

/** Undefined while storage is away, which the answer tells anyway. */
async function overdueOf(needs: Broker['needs']): Promise<number | undefined> {
  try {
    return await countOverdue(needs)
  } catch (error) {
    if (error instanceof BrokerError) return undefined
    throw error
  }
}

const checkMilliseconds = 5_000

/** Strangers learn whether a dependency answers, and nothing about it. */
async function stateOf(check: () => Promise<void>): Promise<'ok' | 'unavailable'> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('late')), checkMilliseconds)
  })
  try {
    await Promise.race([check(), late])
    return 'ok'
  } catch {
    return 'unavailable'
  } finally {
    clearTimeout(timer)
  }
}
