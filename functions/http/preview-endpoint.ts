import type { HttpHandler } from '@azure/functions'
import { parse } from '../../shared/config/parse.ts'
import { previewBody } from '../../shared/config/request-schema.ts'
import { routeOf } from '../../shared/config/routes.ts'
import { arrivalOf } from '../../shared/operations/arrival.ts'
import { createPreviewRequest } from '../../shared/operations/preview-request.ts'
import type { Broker } from '../broker.ts'
import { readJson } from './body.ts'
import type { Endpoint } from './endpoint.ts'
import { refuseOnBehalf } from './on-behalf.ts'
import { invalid } from './request-endpoints.ts'

/** `POST /requests/preview`: what would become of a request, and why. */
export function previewEndpoints(
  { needs, readConfiguration }: Broker,
  endpoint: Endpoint,
): Readonly<Record<string, HttpHandler>> {
  const previewRequest = createPreviewRequest(needs, readConfiguration)
  return {
    previewRequest: endpoint(routeOf('previewRequest'), async ({ request, caller }) => {
      const body = parse(previewBody, await readJson(request))
      if (!body.ok) return invalid(body.errors)
      const refusal = await refuseOnBehalf(needs, caller, body.value)
      if (refusal !== undefined) return refusal
      const outcome = await previewRequest({
        body: body.value,
        intake: 'http',
        ...arrivalOf(caller, body.value),
      })
      return outcome.kind === 'refused' ? outcome : { jsonBody: outcome.preview }
    }),
  }
}
