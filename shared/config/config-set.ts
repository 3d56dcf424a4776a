import canonicalize from 'canonicalize'
import * as z from 'zod'
import type { Bundle } from '../access/bundle.ts'
import type { AccessFlow } from '../access/flow.ts'
import type { Integration } from '../access/integration.ts'
import { accessFlowSchema } from './access-flow-schema.ts'
import { bundleSchema } from './bundle-schema.ts'
import { integrationSchema } from './integration-schema.ts'
import { notYetOffered } from './not-yet-offered.ts'
import { type FieldError, type Parsed, parse } from './parse.ts'

/** Integrations, access flows and bundles as one declaration. What it does not name stays, unless `prune`. */
export interface ConfigSet {
  readonly integrations?: readonly Integration[] | undefined
  readonly accessFlows?: readonly AccessFlow[] | undefined
  readonly bundles?: readonly Bundle[] | undefined
  readonly prune?: boolean | undefined
}

/** Most documents of one set, and of the configuration as a whole. */
export const mostDocuments = 1_000

/** The same for a document in a set as for one that is sent alone. */
const mostDocumentBytes = 64 * 1024

/** Body of `POST /config/plan` and `PUT /config`. */
export const configSetSchema = z
  .strictObject({
    integrations: z.array(integrationSchema).max(mostDocuments).optional(),
    accessFlows: z.array(accessFlowSchema).max(mostDocuments).optional(),
    bundles: z.array(bundleSchema).max(mostDocuments).optional(),
    prune: z.boolean().optional(),
  })
  .meta({ id: 'ConfigSet' })

/** Validates a set as a whole: its documents, their number and size, and that each is there once. */
export function parseConfigSet(raw: unknown): Parsed<ConfigSet> {
  const lists = ['integrations', 'accessFlows', 'bundles']
  const number = lists.reduce((sum, name) => sum + lengthOf(raw, name), 0)
  if (number > mostDocuments) {
    const detail = `A set may have ${mostDocuments} documents; it has ${number}.`
    return { ok: false, errors: [{ pointer: '', detail }] }
  }
  const parsed = parse(configSetSchema, raw)
  if (!parsed.ok) return parsed
  const { integrations, accessFlows, bundles, prune } = parsed.value
  const set: ConfigSet = {
    ...(integrations === undefined ? {} : { integrations: integrations.map(withoutVersion) }),
    ...(accessFlows === undefined ? {} : { accessFlows: accessFlows.map(withoutVersion) }),
    ...(bundles === undefined ? {} : { bundles: bundles.map(withoutVersion) }),
    prune,
  }
  const errors = [
    ...documentErrors('integration', '/integrations', set.integrations ?? []),
    ...documentErrors('access-flow', '/accessFlows', set.accessFlows ?? []),
    ...documentErrors('bundle', '/bundles', set.bundles ?? []),
  ]
  return errors.length > 0 ? { ok: false, errors } : { ok: true, value: set }
}

/** The version is the server's own; documents may be sent as they were read. */
function withoutVersion<Document extends { readonly version?: number | undefined }>({
  version: _,
  ...document
}: Document): Omit<Document, 'version'> {
  return document
}

function documentErrors(
  kind: 'integration' | 'access-flow' | 'bundle',
  pointer: string,
  documents: readonly (Integration | AccessFlow | Bundle)[],
): readonly FieldError[] {
  const seen = new Set<string>()
  return documents.flatMap((document, index) => {
    const errors = notYetOffered(kind, document).map((error) => ({
      ...error,
      pointer: `${pointer}/${index}${error.pointer}`,
    }))
    const name = document.name.toLowerCase()
    if (seen.has(name)) {
      errors.push({ pointer: `${pointer}/${index}/name`, detail: 'The name is there twice.' })
    }
    seen.add(name)
    if (Buffer.byteLength(canonicalize(document) ?? '') > mostDocumentBytes) {
      const detail = `A document may have ${mostDocumentBytes} bytes.`
      errors.push({ pointer: `${pointer}/${index}`, detail })
    }
    return errors
  })
}

function lengthOf(raw: unknown, name: string): number {
  const list = (raw as Record<string, unknown> | null | undefined)?.[name]
  return Array.isArray(list) ? list.length : 0
}
