import * as z from 'zod'
import { sampleRequests } from '../local/sample/sample-people.ts'
import { seedTenant } from '../local/seed/seed-tenant.ts'
import { expectAnswer } from '../local/stack/api-client.ts'
import type { BenchStack } from './bench-stack.ts'

/** What mia asks for in the sample. */
export const sampleBody: Readonly<Record<string, unknown>> = sampleRequests.http.body

const flowName = 'bench'

/**
 * Bodies that differ in who gets what, so that no request waits for another: a flow lets ada ask
 * for anybody and every plain group. They come in a random order, other ones each time.
 */
export async function requestBodies(
  stack: BenchStack,
): Promise<readonly Readonly<Record<string, unknown>>[]> {
  const ada = seedTenant.users.find(({ userPrincipalName }) => userPrincipalName.startsWith('ada@'))
  const restricted = seedTenant.administrativeUnits.flatMap((unit) =>
    unit.isMemberManagementRestricted ? unit.members : [],
  )
  const groups = seedTenant.groups.filter(
    (group) =>
      group.securityEnabled &&
      !group.mailEnabled &&
      group.groupTypes.length === 0 &&
      group.isAssignableToRole !== true &&
      group.onPremisesSyncEnabled !== true &&
      !restricted.includes(group.id),
  )
  const people = seedTenant.users.filter(({ accountEnabled }) => accountEnabled)
  const everybody = {
    operator: 'or',
    conditions: [{ type: 'user', match: 'is', values: people.map(({ id }) => id) }],
  }
  const call = await stack.as('ada')
  const flow = {
    name: flowName,
    requesters: { operator: 'or', conditions: [{ type: 'user', match: 'is', values: [ada?.id] }] },
    grantees: everybody,
    targets: [
      {
        integration: 'ContosoEntra',
        resourceType: 'group',
        permissions: ['member'],
        include: [{ by: 'id', values: groups.map(({ id }) => id) }],
      },
    ],
    duration: { maximum: 'PT8H' },
  }
  const answer = await call('PUT', `/access-flows/${flowName}`, flow, { 'if-none-match': '*' })
  expectAnswer('save the flow of the bench', answer, [200, 201, 412], z.unknown())

  const bodies = groups.flatMap((group) =>
    people.map((person) => ({
      accessFlow: flowName,
      resource: { type: 'group', id: group.id },
      requestFor: person.id,
      duration: 'PT4H',
      justification: 'load',
    })),
  )
  // Every pair takes several requests: they overlap and count as one stretch of access.
  return Array.from({ length: 8 }, () => shuffled(bodies)).flat()
}

function shuffled<Item>(items: readonly Item[]): readonly Item[] {
  return items
    .map((item) => ({ item, place: Math.random() }))
    .toSorted((one, other) => one.place - other.place)
    .map(({ item }) => item)
}
