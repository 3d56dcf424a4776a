import * as z from 'zod'
import { accessFlowSchema } from './access-flow-schema.ts'
import { bundleSchema } from './bundle-schema.ts'
import { configSetSchema } from './config-set.ts'
import { integrationSchema } from './integration-schema.ts'

const published = {
  integration: ['Integration', integrationSchema],
  'access-flow': ['Access flow', accessFlowSchema],
  bundle: ['Bundle', bundleSchema],
  config: ['Integrations, access flows and bundles', configSetSchema],
} as const

/** JSON Schemas (2020-12) of what administrators write, for their editors, by file name. */
export function jsonSchemas(): Readonly<Record<string, object>> {
  return Object.fromEntries(
    Object.entries(published).map(([name, [title, schema]]) => {
      const { $schema, ...rest } = z.toJSONSchema(schema, { io: 'input' })
      return [`${name}.json`, { $schema, title: `entra-jit: ${title}`, ...rest }]
    }),
  )
}
