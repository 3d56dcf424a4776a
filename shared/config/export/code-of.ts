import { accessFlowSchema } from '../access-flow-schema.ts'
import { bundleSchema } from '../bundle-schema.ts'
import type { ConfigSet } from '../config-set.ts'
import { integrationSchema } from '../integration-schema.ts'
import { bicep, hcl, json } from './notations.ts'
import { plainFlow, plainIntegration } from './without-defaults.ts'
import { type Value, writeBraced, writeYaml } from './write-value.ts'

export const codeFormats = ['terraform', 'yaml', 'json', 'bicep'] as const

export type CodeFormat = (typeof codeFormats)[number]

export const codeTypes: Readonly<Record<CodeFormat, string>> = {
  terraform: 'text/plain; charset=utf-8',
  yaml: 'application/yaml',
  json: 'application/json',
  bicep: 'text/plain; charset=utf-8',
}

/**
 * A set as code: always the same text for the same documents, keys in the order of the schema, what
 * holds anyway left out, nothing of the server's own. Applied to an empty system it gives the same
 * text again. Names and texts of users are values only, never comments or names of blocks.
 */
export function codeOf(set: ConfigSet, format: CodeFormat): string {
  const body = bodyOf(set)
  switch (format) {
    case 'terraform':
      return terraform(body)
    case 'yaml':
      return `${writeYaml(body)}\n`
    case 'json':
      return `${writeBraced(body, json)}\n`
    case 'bicep':
      return `using 'main.bicep'\n\nparam accessConfig = ${writeBraced(body, bicep)}\n`
  }
}

/** The body of `PUT /config` that a set is. */
function bodyOf({ integrations, accessFlows, bundles }: ConfigSet): Value {
  return {
    ...(integrations === undefined
      ? {}
      : {
          integrations: integrations.map((each) =>
            inOrder(integrationSchema, plainIntegration(each)),
          ),
        }),
    ...(accessFlows === undefined
      ? {}
      : { accessFlows: accessFlows.map((each) => inOrder(accessFlowSchema, plainFlow(each))) }),
    ...(bundles === undefined
      ? {}
      : { bundles: bundles.map((each) => inOrder(bundleSchema, each)) }),
  }
}

/** Parsing puts the keys in the order of the schema; a document it no longer takes stays as it is. */
function inOrder(
  schema: { safeParse(value: unknown): { success: boolean; data?: unknown } },
  document: unknown,
): Value {
  const parsed = schema.safeParse(document)
  return (parsed.success ? parsed.data : document) as Value
}

/** Hands the set to the app as a blob; the app takes it by `entra-jit config apply`. */
function terraform(body: Value): string {
  return `locals {
  access_config = ${writeBraced(body, hcl, '  ')}
}

variable "access_config_container_id" {
  description = "Resource id of the storage container \\"config\\""
  type        = string
}

resource "azurerm_storage_blob" "access_config" {
  name                 = "set.json"
  storage_container_id = var.access_config_container_id
  type                 = "Block"
  content_type         = "application/json"
  source_content       = jsonencode(local.access_config)
}
`
}
