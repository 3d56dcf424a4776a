import type { HttpHandler, HttpRequest } from '@azure/functions'
import { type ConfigSet, parseConfigSet } from '../../shared/config/config-set.ts'
import {
  type CodeFormat,
  codeFormats,
  codeOf,
  codeTypes,
} from '../../shared/config/export/code-of.ts'
import type { Parsed } from '../../shared/config/parse.ts'
import { parseYaml } from '../../shared/config/parse-yaml.ts'
import { routeOf } from '../../shared/config/routes.ts'
import { sha256Hex } from '../../shared/ledger/ids.ts'
import { applyConfig } from '../../shared/operations/config-apply.ts'
import { planConfig } from '../../shared/operations/config-plan.ts'
import { place } from '../../shared/operations/document-refs.ts'
import { type DocumentKind, unknownName } from '../../shared/operations/documents.ts'
import type { ReadResources } from '../../shared/operations/read-resources.ts'
import type { Broker } from '../broker.ts'
import { parseJson, readBody, unreadable } from './body.ts'
import type { Answer, Endpoint } from './endpoint.ts'
import { queryOf } from './lists.ts'
import { invalid } from './request-endpoints.ts'

/** Bodies of `/config` (contract). */
const mostBytes = 4 * 1024 * 1024

/** `/config` and everything as code: plan, apply, export. */
export function configEndpoints(
  broker: Broker,
  endpoint: Endpoint,
  readResources: ReadResources,
): Readonly<Record<string, HttpHandler>> {
  const { needs, readConfiguration } = broker

  const everything = async () => {
    const { integrations, accessFlows, bundles } = await readConfiguration()
    return {
      integrations: integrations.toSorted(byName),
      accessFlows: accessFlows.map(({ version: _, ...flow }) => flow).sort(byName),
      ...(bundles.length === 0 ? {} : { bundles: bundles.toSorted(byName) }),
    }
  }

  const one = async (kind: DocumentKind, request: HttpRequest): Promise<Answer> => {
    const name = request.params['name'] ?? ''
    const isIt = (each: { readonly name: string }) => each.name.toLowerCase() === name.toLowerCase()
    const all: ConfigSet = await everything()
    const set = { [place[kind]]: all[place[kind]]?.filter(isIt) ?? [] }
    return Object.values(set).flat().length === 0 ? unknownName(kind, name) : exported(request, set)
  }

  return {
    planConfig: endpoint(routeOf('planConfig'), async ({ request }) => {
      const set = await readSet(request)
      if (!set.ok) return invalid(set.errors)
      const plan = await planConfig(needs, readConfiguration, readResources, set.value)
      if (plan.kind === 'refused') return plan
      const { kind: _, ...jsonBody } = plan
      return { jsonBody }
    }),

    applyConfig: endpoint(routeOf('applyConfig'), async ({ request, caller }) => {
      const set = await readSet(request)
      if (!set.ok) return invalid(set.errors)
      const planId = planIdOf(request.headers.get('if-match'))
      const applied = await applyConfig(needs, readConfiguration, caller, set.value, planId)
      return applied.kind === 'refused' ? applied : { jsonBody: { changes: applied.changes } }
    }),

    exportConfig: endpoint(routeOf('exportConfig'), async ({ request }) =>
      exported(request, await everything()),
    ),
    getIntegrationCode: endpoint(routeOf('getIntegrationCode'), ({ request }) =>
      one('integration', request),
    ),
    getAccessFlowCode: endpoint(routeOf('getAccessFlowCode'), ({ request }) =>
      one('access-flow', request),
    ),
    getBundleCode: endpoint(routeOf('getBundleCode'), ({ request }) => one('bundle', request)),
  }
}

async function readSet(request: HttpRequest): Promise<Parsed<ConfigSet>> {
  const raw = await readBody(request, mostBytes, {
    'application/json': parseJson,
    'application/yaml': (text) => {
      const parsed = parseYaml(text)
      if (!parsed.ok) throw unreadable(parsed.errors.map(({ detail }) => detail).join(' '))
      return parsed.value
    },
  })
  return parseConfigSet(raw)
}

/** The id of a plan, as it is or in the quotes of an entity tag; any state will do for `*`. */
function planIdOf(ifMatch: string | null): string | undefined {
  const id = ifMatch?.trim().replace(/^"(.*)"$/, '$1')
  return id === '*' ? undefined : id
}

function exported(request: HttpRequest, set: ConfigSet): Answer {
  const { format = 'terraform' } = queryOf(request, ['format'])
  if (!isFormat(format)) {
    const detail = `It is none of ${codeFormats.join(', ')}.`
    return invalid([{ pointer: '/query/format', detail }])
  }
  const body = codeOf(set, format)
  const etag = `"${sha256Hex(body).slice(0, 32)}"`
  if (request.headers.get('if-none-match') === etag) return { status: 304, headers: { etag } }
  return { headers: { 'content-type': codeTypes[format], etag }, body }
}

function isFormat(text: string): text is CodeFormat {
  return (codeFormats as readonly string[]).includes(text)
}

function byName(one: { readonly name: string }, other: { readonly name: string }): number {
  return one.name.toLowerCase() < other.name.toLowerCase() ? -1 : 1
}
