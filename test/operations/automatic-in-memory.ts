import type { AccessFlow } from '../../shared/access/flow.ts'
import type { Integration } from '../../shared/access/integration.ts'
import { pairIdOf, pairPartition } from '../../shared/ledger/ids.ts'
import { readEvents } from '../../shared/ledger/pair-ledger.ts'
import { carryOnAutomatic, orderRegularAutomatic } from '../../shared/operations/automatic-flows.ts'
import { putDocument } from '../../shared/operations/documents.ts'
import { createReadResources } from '../../shared/operations/read-resources.ts'
import { flow, type InMemory, mia, readers, tenantId } from './broker-in-memory.ts'
import { discoverRegularly, withIntegration } from './discovery-in-memory.ts'

export const team = '30000000-0000-4000-8000-0000000000a1'
export const admin = { id: 'ada', tenantId, kind: 'user', roles: ['Access.Admin'] } as const

/** Members of the team read production, as long as they are members. */
export const automatic = (over: Partial<AccessFlow> = {}): AccessFlow => {
  const { intake: _, ...plain } = flow()
  return {
    ...plain,
    name: 'team-reads',
    trigger: 'automatic',
    requesters: { operator: 'or', conditions: [{ type: 'group', values: [team] }] },
    duration: { maximum: 'P1D' },
    targets: [
      {
        integration: 'ContosoEntra',
        resourceType: 'group',
        permissions: ['member'],
        include: [{ by: 'id', values: [readers] }],
      },
    ],
    ...over,
  }
}

export const memberOf = (group: string, grantee: string) =>
  ({
    tenantId,
    grantee,
    resource: { type: 'group', id: group },
    permission: 'member',
  }) as const

export const reading = (grantee: string) => memberOf(readers, grantee)

export async function automaticBroker(
  flows: readonly AccessFlow[] = [automatic()],
  over: Partial<Integration> = {},
): Promise<InMemory> {
  const made = await withIntegration(over, flows)
  made.directory.addGroup({ id: team, name: 'Team' })
  await discoverRegularly(made)
  return made
}

/** What the timer does, with or without the schedule of discovery; then grants and ends settle. */
export async function carryOn(made: InMemory, needs = made.needs): Promise<void> {
  await carryOnAutomatic(needs, {
    settlePair: made.settlePair,
    clockwork: made.clockwork,
    readConfiguration: made.readConfiguration,
    readResources: createReadResources(needs.tables),
    milliseconds: 60_000,
  })
}

export async function evaluate(made: InMemory): Promise<void> {
  await orderRegularAutomatic(made.needs)
  await carryOn(made)
}

/** Grants and ends by the sweep, as long as it takes. */
export async function settled(made: InMemory): Promise<void> {
  made.advance(15_000)
  await made.sweep()
  made.advance(5_000)
  await made.sweep()
}

export async function evaluateAndSettle(made: InMemory): Promise<void> {
  await evaluate(made)
  await settled(made)
}

export const put = (made: InMemory, document: AccessFlow) =>
  putDocument(made.needs, admin, 'access-flow', document, {})

export const eventsOf = (made: InMemory, grantee: string) =>
  readEvents(made.needs.tables, pairPartition(pairIdOf(reading(grantee))))

export const namesOf = async (made: InMemory, grantee: string) =>
  (await eventsOf(made, grantee)).map(({ event }) => event)

export const joins = (made: InMemory, person: string) =>
  made.directory.addByHand(memberOf(team, person))
export const leaves = (made: InMemory, person: string) =>
  made.directory.removeByHand(memberOf(team, person))
export const reads = (made: InMemory, person: string) => made.directory.isHeld(reading(person))

/** Mia is in the team, and reads. */
export async function withMia(): Promise<InMemory> {
  const made = await automaticBroker()
  joins(made, mia)
  await evaluateAndSettle(made)
  return made
}
