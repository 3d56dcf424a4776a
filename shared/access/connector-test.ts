import {
  type ConnectorFeature,
  type ConnectorUse,
  connectorFeatures,
  helpfulTo,
  knownRoles,
  needsOfFeature,
  ownership,
  tierZero,
} from './connector-needs.ts'

/** A directory role of the connector's principal; `id` is the role's definition. */
export interface ConnectorRole {
  readonly id: string
  readonly name: string
  /** `/`, or `/administrativeUnits/<id>`. */
  readonly scope: string
}

/** What a connector holds, as far as it could be found out. */
export interface ConnectorHoldings {
  /** Application permissions in its token; undefined when it got none. */
  readonly permissions: readonly string[] | undefined
  /** Undefined when the directory did not tell. */
  readonly roles: readonly ConnectorRole[] | undefined
  /** Whether it owns any of the groups that were discovered. */
  readonly ownsGroups: boolean
}

export interface FeatureFinding {
  readonly name: ConnectorFeature
  readonly state: 'ok' | 'missing' | 'unknown'
  /** One of each list is needed; the narrowest stands first. */
  readonly needs: readonly (readonly string[])[]
  /** The narrowest of each list of which the connector has none. */
  readonly missing: readonly string[]
}

export interface Excess {
  readonly name: string
  readonly why: string
  readonly tier0: boolean
}

/** What each feature needs, and whether the connector has it. */
export function findFeatures(
  holdings: ConnectorHoldings,
  use: ConnectorUse,
): readonly FeatureFinding[] {
  const held = new Set(namesOf(holdings))
  return connectorFeatures.map((name) => {
    const needs = needsOfFeature(name, use)
    const unmet = needs.filter((ways) => !ways.some((way) => held.has(way)))
    const missing = unmet.flatMap((ways) => ways.slice(0, 1))
    return { name, state: stateOf(unmet, holdings), needs, missing }
  })
}

/** What only a role could allow cannot be called missing as long as nobody tells the roles. */
function stateOf(
  unmet: readonly (readonly string[])[],
  { permissions, roles }: ConnectorHoldings,
): FeatureFinding['state'] {
  if (unmet.length === 0) return 'ok'
  if (permissions === undefined) return 'unknown'
  const mayBeByRole = unmet.every((ways) => ways.some(isRole))
  return roles === undefined && mayBeByRole ? 'unknown' : 'missing'
}

/**
 * What could be taken away with everything that is used still allowed, the broadest first; of two
 * that cover each other the narrower stays.
 */
export function findExcess(
  holdings: ConnectorHoldings,
  use: ConnectorUse,
  used: ReadonlySet<ConnectorFeature>,
): readonly Excess[] {
  const needed = [...used].flatMap((feature) => needsOfFeature(feature, use))
  const helpful = new Set([...used].flatMap((feature) => helpfulTo[feature] ?? []))
  const left = new Set(namesOf(holdings))
  const broadestFirst = [...left]
    .filter((name) => name !== ownership && !helpful.has(name))
    .sort((one, other) => breadthOf(other, needed) - breadthOf(one, needed))
  return broadestFirst.flatMap((name) => {
    const served = needed.filter((ways) => ways.includes(name))
    const others = (ways: readonly string[]) => ways.find((way) => way !== name && left.has(way))
    if (!served.every((ways) => others(ways) !== undefined)) return []
    left.delete(name)
    const covering = [...new Set(served.map((ways) => others(ways) ?? ''))]
    return [{ name, why: whyOf(name, covering, use), tier0: tierZero.has(name) }]
  })
}

function whyOf(name: string, covering: readonly string[], use: ConnectorUse): string {
  if (covering.length > 0) return `What it is for is covered by ${covering.join(' and ')}.`
  const others = connectorFeatures.filter((feature) =>
    [...needsOfFeature(feature, use), helpfulTo[feature] ?? []].some((ways) => ways.includes(name)),
  )
  return others.length === 0
    ? 'Nothing that this product does asks for it.'
    : `Only ${others.join(', ')} would use it, and no integration of this connector uses that.`
}

/** Broader comes later in the lists; what reaches everything comes last of all. */
function breadthOf(name: string, needed: readonly (readonly string[])[]): number {
  const place = Math.max(-1, ...needed.map((ways) => ways.indexOf(name)))
  return (tierZero.has(name) ? 100 : 0) + place
}

/** All that is held, by the names that the lists of needs use. */
function namesOf({
  permissions = [],
  roles = [],
  ownsGroups,
}: ConnectorHoldings): readonly string[] {
  return [...new Set([...permissions, ...roles.map(roleName), ...(ownsGroups ? [ownership] : [])])]
}

function roleName({ id, name, scope }: ConnectorRole): string {
  const known = knownRoles.find((each) => each.id === id.toLowerCase())
  // A role of the tenant's own may be called like a permission; that makes none of it.
  if (known === undefined) return `${name} (role)`
  return scope === '/' ? known.name : (known.inUnit ?? `${known.name} (at ${scope})`)
}

const roleNames: ReadonlySet<string> = new Set(
  knownRoles.flatMap(({ name, inUnit }) => (inUnit === undefined ? [name] : [name, inUnit])),
)

function isRole(name: string): boolean {
  return roleNames.has(name)
}

/** What a profile or a test writes down as names, as holdings. */
export function holdingsFrom(names: readonly string[]): ConnectorHoldings {
  return {
    permissions: names.filter((name) => !isRole(name) && name !== ownership),
    roles: names.filter(isRole).flatMap((name) =>
      knownRoles.flatMap((role) => {
        if (role.name === name) return [{ id: role.id, name, scope: '/' }]
        const scope = '/administrativeUnits/00000000-0000-4000-8000-000000000000'
        return role.inUnit === name ? [{ id: role.id, name: role.name, scope }] : []
      }),
    ),
    ownsGroups: names.includes(ownership),
  }
}
