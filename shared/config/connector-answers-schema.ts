import * as z from 'zod'
import { connectorFeatures } from '../access/connector-needs.ts'

const kind = z.enum([
  'managed-identity',
  'client-secret',
  'certificate',
  'workload-identity',
  'local',
])

/** A connector, and who goes by it. */
export const connector = z
  .object({
    name: z.string(),
    kind,
    appId: z.string().nullable(),
    tenantId: z.string(),
    integrations: z.array(z.string()),
  })
  .meta({ id: 'Connector' })

/** What a connector can and cannot do. */
export const connectorTest = z
  .object({
    connector: z.string(),
    kind,
    appId: z.string().nullable(),
    tenantId: z.string(),
    token: z.object({ ok: z.boolean(), problem: z.string().optional() }),
    permissions: z.array(z.string()),
    directoryRoles: z
      .array(z.object({ id: z.string(), name: z.string(), scope: z.string() }))
      .nullable(),
    features: z.array(
      z.object({
        name: z.enum(connectorFeatures),
        state: z.enum(['ok', 'missing', 'unknown']),
        needs: z.array(z.array(z.string())),
        missing: z.array(z.string()),
      }),
    ),
    excess: z.array(z.object({ name: z.string(), why: z.string(), tier0: z.boolean() })),
    commands: z.array(
      z.object({ shell: z.enum(['az', 'powershell']), text: z.string(), effect: z.string() }),
    ),
  })
  .meta({ id: 'ConnectorTest' })

export type ConnectorTestAnswer = z.infer<typeof connectorTest>
