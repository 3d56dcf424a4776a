import type { HttpHandler, HttpRequest } from '@azure/functions'
import { parse } from '../../shared/config/parse.ts'
import { tagsBody } from '../../shared/config/request-schema.ts'
import { routeOf } from '../../shared/config/routes.ts'
import { actorOf } from '../../shared/operations/callers.ts'
import { orderDiscovery, readDiscovery } from '../../shared/operations/discover.ts'
import { findName, unknownName } from '../../shared/operations/documents.ts'
import { knownFrom, type ReadResources } from '../../shared/operations/read-resources.ts'
import type { Refusal } from '../../shared/operations/refusal.ts'
import { putTags, type Taggable } from '../../shared/operations/resource-tags.ts'
import {
  followsAfter,
  isPlace,
  listResources,
  placeOf,
  resourceView,
} from '../../shared/operations/resources.ts'
import { emptySystem, openSystem } from '../../shared/operations/system-stream.ts'
import type { Broker } from '../broker.ts'
import { readJson } from './body.ts'
import { type Endpoint, notFound } from './endpoint.ts'
import { cursorOf, listResponse, pageSize, queryOf } from './lists.ts'
import { invalid } from './request-endpoints.ts'

/** `/resources` and `/integrations/{name}/discover`: what there is, and looking for it. */
export function resourceEndpoints(
  broker: Broker,
  endpoint: Endpoint,
  readResources: ReadResources,
): Readonly<Record<string, HttpHandler>> {
  const { needs } = broker

  const integrationOf = async (
    request: HttpRequest,
  ): Promise<{ readonly name: string } | Refusal> => {
    const name = request.params['name'] ?? ''
    const { state = emptySystem } = await openSystem(needs.tables)
    return findName(state, 'integration', name) ?? unknownName('integration', name)
  }

  return {
    discover: endpoint(routeOf('discover'), async ({ request, caller }) => {
      const integration = await integrationOf(request)
      if ('kind' in integration) return integration
      const { name } = integration
      return {
        status: 202,
        headers: { location: `/api/integrations/${name}/discover`, 'retry-after': '2' },
        jsonBody: await orderDiscovery(needs, actorOf(caller), name),
      }
    }),

    getDiscovery: endpoint(routeOf('getDiscovery'), async ({ request }) => {
      const integration = await integrationOf(request)
      if ('kind' in integration) return integration
      const discovery = await readDiscovery(needs)
      return discovery === undefined ? notFound : { jsonBody: discovery }
    }),

    listResources: endpoint(routeOf('listResources'), async ({ request }) => {
      const filter = queryOf(request, ['integration', 'type', 'q'])
      const after = cursorOf(request, isPlace)
      const { integrations } = await broker.readConfiguration()
      const all = await listResources(readResources, integrations, filter)
      const left = after === undefined ? all : all.filter(followsAfter(after))
      const shown = left.slice(0, pageSize)
      const last = left.length > pageSize ? shown.at(-1) : undefined
      return listResponse(shown, last && placeOf(last))
    }),

    putResourceTags: endpoint(routeOf('putResourceTags'), async ({ request, caller }) => {
      const resource = taggableOf(request)
      if (resource === undefined) return notFound
      const body = parse(tagsBody, await readJson(request))
      if (!body.ok) return invalid(body.errors)
      const ifMatch = request.headers.get('if-match') ?? undefined
      const outcome = await putTags(needs, caller, resource, body.value.tags, ifMatch)
      if (outcome.kind === 'refused') return outcome
      const { integrations } = await broker.readConfiguration()
      const view = resourceView(knownFrom(outcome.row), integrations)
      return { headers: { etag: view.tagsEtag }, jsonBody: view }
    }),
  }
}

function taggableOf({ params }: HttpRequest): Taggable | undefined {
  const type = params['type']?.toLowerCase()
  const id = (params['id'] ?? '').toLowerCase()
  if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(id)) return undefined
  return type === 'group' || type === 'directory-role' ? { type, id } : undefined
}
