import { type ConnectorCommand, commandsFor } from '../access/connector-commands.ts'
import type { ConnectorFeature, ConnectorKind } from '../access/connector-needs.ts'
import {
  type ConnectorRole,
  type Excess,
  type FeatureFinding,
  findExcess,
  findFeatures,
} from '../access/connector-test.ts'
import type { AccessFlow } from '../access/flow.ts'
import type { Integration } from '../access/integration.ts'
import { type CallRate, takeCall } from './call-rate.ts'
import type { Needs } from './needs.ts'
import type { ReadResources } from './read-resources.ts'
import type { Refusal } from './refusal.ts'
import type { Configuration } from './system-stream.ts'

/** What a connector can do, what it lacks, and what it could do without. */
export interface ConnectorTest {
  readonly connector: string
  readonly kind: ConnectorKind
  readonly appId: string | null
  readonly tenantId: string
  readonly token: { readonly ok: boolean; readonly problem?: string }
  readonly permissions: readonly string[]
  /** Null when the directory did not tell. */
  readonly directoryRoles: readonly ConnectorRole[] | null
  readonly features: readonly FeatureFinding[]
  readonly excess: readonly Excess[]
  readonly commands: readonly ConnectorCommand[]
}

/** A connector by its name, and how it proves itself. */
export interface Connector {
  readonly name: string
  readonly kind: ConnectorKind
  /** Absent for the identity that the platform gives the app. */
  readonly appId?: string
}

/** The integrations that go by a connector; whoever names none goes by the default one. */
export function integrationsOf(
  { name }: Connector,
  integrations: readonly Integration[],
): readonly Integration[] {
  return integrations.filter(({ connector = 'default' }) => connector === name)
}

const rate: CallRate = { most: 2, milliseconds: 60_000 }

/** Tests the connector of an integration, for all integrations that use it. Changes nothing. */
export async function testConnector(
  needs: Needs,
  connector: Connector,
  configuration: Configuration,
  readResources: ReadResources,
): Promise<{ readonly kind: 'tested'; readonly test: ConnectorTest } | Refusal> {
  const { name, kind } = connector
  const refusal = await takeCall(needs, `connector-test-${name}`, rate)
  if (refusal !== undefined) return refusal
  const { token, roles } = await needs.directory.describeConnector()
  const integrations = integrationsOf(connector, configuration.integrations)
  const use = {
    kind,
    resourceTypes: new Set(integrations.flatMap(({ resourceTypes }) => resourceTypes)),
  }
  const holdings = {
    permissions: token.ok ? token.permissions : undefined,
    roles,
    ownsGroups: token.ok && (await ownsGroups(readResources, token.principalId)),
  }
  const features = findFeatures(holdings, use)
  const used = usedBy(integrations, configuration.accessFlows)
  return {
    kind: 'tested',
    test: {
      connector: name,
      kind,
      appId: token.ok ? token.appId : null,
      tenantId: token.ok ? token.tenantId : needs.tenantId,
      token: token.ok ? { ok: true } : token,
      permissions: (holdings.permissions ?? []).toSorted(),
      directoryRoles: roles ?? null,
      features,
      excess: token.ok ? findExcess(holdings, use, used) : [],
      commands: commandsFor(
        token.ok ? token.principalId : undefined,
        features.filter((feature) => used.has(feature.name)),
      ),
    },
  }
}

/** What the configuration asks of the connector. */
function usedBy(
  integrations: readonly Integration[],
  flows: readonly AccessFlow[],
): ReadonlySet<ConnectorFeature> {
  const names = new Set(integrations.map(({ name }) => name.toLowerCase()))
  const givesOwnership = flows.some((flow) =>
    flow.targets.some(
      ({ integration, permissions }) =>
        names.has(integration.toLowerCase()) && permissions.includes('owner'),
    ),
  )
  const used = new Set<ConnectorFeature>(['discover'])
  for (const { resourceTypes, mechanism, mechanismFallback } of integrations) {
    for (const type of resourceTypes) {
      const isByPim = mechanism?.[type] === 'pim'
      if (isByPim) used.add(type === 'group' ? 'pim-groups' : 'pim-roles')
      if (!isByPim || mechanismFallback === 'direct') {
        used.add(type === 'group' ? 'group-members' : 'directory-roles')
      }
    }
  }
  if (givesOwnership) used.add('group-owners')
  return used
}

/** By what discovery has found: to ask the directory would take a permission of its own. */
async function ownsGroups(readResources: ReadResources, principalId: string): Promise<boolean> {
  const groups = (await readResources('group')) ?? []
  return groups.some(
    ({ owners, goneAt }) =>
      goneAt === undefined && owners.some((id) => id.toLowerCase() === principalId.toLowerCase()),
  )
}
