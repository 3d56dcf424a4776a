import type { HttpHandler } from '@azure/functions'
import { parse } from '../../shared/config/parse.ts'
import { confirmAutomaticBody } from '../../shared/config/request-schema.ts'
import { routeOf } from '../../shared/config/routes.ts'
import { confirmAutomatic } from '../../shared/operations/confirm-automatic.ts'
import type { Broker } from '../broker.ts'
import { readJson } from './body.ts'
import type { Endpoint } from './endpoint.ts'
import { invalid } from './request-endpoints.ts'

/** What administrators do about access flows that give access by themselves. */
export function automaticEndpoints(
  { needs, readConfiguration }: Broker,
  endpoint: Endpoint,
): Readonly<Record<string, HttpHandler>> {
  return {
    confirmAccessFlow: endpoint(routeOf('confirmAccessFlow'), async ({ request, caller }) => {
      const body = parse(confirmAutomaticBody, await readJson(request))
      if (!body.ok) return invalid(body.errors)
      const name = request.params['name'] ?? ''
      const outcome = await confirmAutomatic(needs, readConfiguration, caller, {
        name,
        expectedCount: body.value.expectedCount,
      })
      return outcome.kind === 'refused' ? outcome : { jsonBody: outcome.automatic }
    }),
  }
}
