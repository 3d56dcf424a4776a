import type { HttpHandler, HttpRequest } from '@azure/functions'
import type * as z from 'zod'
import { accessFlowSchema } from '../../shared/config/access-flow-schema.ts'
import { bundleSchema } from '../../shared/config/bundle-schema.ts'
import { integrationSchema } from '../../shared/config/integration-schema.ts'
import { notYetOffered } from '../../shared/config/not-yet-offered.ts'
import { parse } from '../../shared/config/parse.ts'
import { routeOf } from '../../shared/config/routes.ts'
import { may } from '../../shared/identity/roles.ts'
import { orderAfterChange } from '../../shared/operations/automatic-flows.ts'
import { bundlesFor } from '../../shared/operations/bundles.ts'
import { createReadCatalog } from '../../shared/operations/catalog.ts'
import { readAutomaticView } from '../../shared/operations/confirm-automatic.ts'
import { place } from '../../shared/operations/document-refs.ts'
import {
  type AnyDocument,
  type Conditions,
  type DocumentKind,
  deleteDocument,
  etagOf,
  findName,
  putDocument,
  unknownName,
} from '../../shared/operations/documents.ts'
import type { ReadResources } from '../../shared/operations/read-resources.ts'
import { emptySystem, openSystem } from '../../shared/operations/system-stream.ts'
import type { Broker } from '../broker.ts'
import { readJson } from './body.ts'
import type { Answer, Call, Endpoint } from './endpoint.ts'
import { listResponse, queryOf } from './lists.ts'
import { invalid } from './request-endpoints.ts'

/** A document as it was read may be sent back, with all that only the broker says of it. */
type Sent = AnyDocument & { readonly version?: unknown; readonly automatic?: unknown }

const schemas: Readonly<Record<DocumentKind, z.ZodType<AnyDocument>>> = {
  integration: integrationSchema,
  'access-flow': accessFlowSchema,
  bundle: bundleSchema,
}

/** `/integrations`, `/access-flows` and `/bundles`: the same calls on three kinds of documents. */
export function documentEndpoints(
  broker: Broker,
  endpoint: Endpoint,
  readResources: ReadResources,
): Readonly<Record<string, HttpHandler>> {
  const { needs } = broker
  const readCatalog = createReadCatalog(needs, broker.readConfiguration, readResources)

  const read = async (kind: DocumentKind): Promise<readonly AnyDocument[]> => {
    const configuration = await broker.readConfiguration()
    return kind === 'access-flow'
      ? configuration.accessFlows.map(({ version: _, ...flow }) => flow)
      : configuration[place[kind]]
  }

  const list = async (kind: DocumentKind, request: HttpRequest): Promise<Answer> => {
    queryOf(request, [])
    const { state = emptySystem } = await openSystem(needs.tables)
    const documents = await read(kind)
    const items = documents.map((document) => shown(document, findName(state, kind, document.name)))
    return listResponse(items, undefined)
  }

  const get = async (kind: DocumentKind, name: string): Promise<Answer> => {
    const { state = emptySystem } = await openSystem(needs.tables)
    const found = findName(state, kind, name)
    const document = (await read(kind)).find((each) => each.name === found?.name)
    if (found === undefined || document === undefined) return unknownName(kind, name)
    const automatic =
      kind === 'access-flow' && 'trigger' in document && document.trigger === 'automatic'
        ? await readAutomaticView(needs, found.name)
        : undefined
    const jsonBody = { ...shown(document, found), ...(automatic && { automatic }) }
    return { headers: { etag: etagOf(found.ref) }, jsonBody }
  }

  const put = async (kind: DocumentKind, { request, caller }: Call): Promise<Answer> => {
    const name = request.params['name'] ?? ''
    const raw = await readJson(request)
    const named = isRecord(raw) && raw['name'] === undefined ? { ...raw, name } : raw
    const parsed = parse(schemas[kind], named)
    if (!parsed.ok) return invalid(parsed.errors)
    const { version: _, automatic: __, ...document }: Sent = parsed.value
    if (document.name.toLowerCase() !== name.toLowerCase()) {
      return invalid([{ pointer: '/name', detail: 'It differs from the name in the path.' }])
    }
    const missing = notYetOffered(kind, document)
    if (missing.length > 0) return invalid(missing)
    const outcome = await putDocument(needs, caller, kind, document, conditionsOf(request))
    if (outcome.kind === 'refused') return outcome
    if (!('resources' in document)) await orderAfterChange(needs, document)
    const { stored } = outcome
    return {
      status: outcome.created ? 201 : 200,
      headers: { etag: stored.etag },
      jsonBody: { ...stored.document, version: stored.version },
    }
  }

  const remove = async (kind: DocumentKind, { request, caller }: Call): Promise<Answer> => {
    const name = request.params['name'] ?? ''
    const outcome = await deleteDocument(needs, caller, kind, name, conditionsOf(request))
    return outcome.kind === 'refused' ? outcome : { status: 204 }
  }

  const endpointsOf = (kind: DocumentKind, suffix: string, plural: string) => ({
    [`list${plural}`]: endpoint(routeOf(`list${plural}`), ({ request }) => list(kind, request)),
    [`get${suffix}`]: endpoint(routeOf(`get${suffix}`), ({ request }) =>
      get(kind, request.params['name'] ?? ''),
    ),
    [`put${suffix}`]: endpoint(routeOf(`put${suffix}`), (call) => put(kind, call)),
    [`delete${suffix}`]: endpoint(routeOf(`delete${suffix}`), (call) => remove(kind, call)),
  })

  return {
    ...endpointsOf('integration', 'Integration', 'Integrations'),
    ...endpointsOf('access-flow', 'AccessFlow', 'AccessFlows'),
    ...endpointsOf('bundle', 'Bundle', 'Bundles'),
    listBundles: endpoint(routeOf('listBundles'), async ({ request, caller }) => {
      const asked = may(caller)
      if (asked.includes('config.read')) return list('bundle', request)
      queryOf(request, [])
      if (!asked.includes('request')) return listResponse([], undefined)
      const { bundles } = await broker.readConfiguration()
      return listResponse(await bundlesFor(caller, bundles, readCatalog), undefined)
    }),
  }
}

function shown(document: AnyDocument, found: ReturnType<typeof findName>): Record<string, unknown> {
  return { ...document, ...(found === undefined ? {} : { version: found.ref.version }) }
}

function conditionsOf(request: HttpRequest): Conditions {
  const ifMatch = request.headers.get('if-match')
  return {
    ...(ifMatch === null ? {} : { ifMatch }),
    createOnly: request.headers.get('if-none-match') === '*',
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
