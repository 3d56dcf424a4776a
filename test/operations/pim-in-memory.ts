import type { AccessKey, ResourceRef } from '../../shared/access/access.ts'
import type { Integration } from '../../shared/access/integration.ts'
import { pairIdOf, pairPartition } from '../../shared/ledger/ids.ts'
import { readEvents, readRequest } from '../../shared/ledger/pair-ledger.ts'
import { brokerInMemory, flow, type InMemory, mia, readers, tenantId } from './broker-in-memory.ts'

const helpdesk = '40000000-0000-4000-8000-000000000001'

/** The resources of both types, by what a test calls them. */
const resources: Readonly<Record<'group' | 'directory-role', ResourceRef>> = {
  group: { type: 'group', id: readers },
  'directory-role': { type: 'directory-role', id: helpdesk, scope: '/' },
}

/** Mia's access to a resource. */
export const keyOf = (type: 'group' | 'directory-role' = 'group'): AccessKey => ({
  tenantId,
  grantee: mia,
  resource: resources[type],
  permission: type === 'group' ? 'member' : 'active',
})

/** The product where groups and roles are given by schedules. */
export async function brokerByPim(over: Partial<Integration> = {}): Promise<InMemory> {
  const targets = (['group', 'directory-role'] as const).map((resourceType) => ({
    integration: 'ContosoEntra',
    resourceType,
    permissions: [keyOf(resourceType).permission],
  }))
  const flows = [flow({ targets, extensions: { maximum: 5 } })]
  const broker = await brokerInMemory(
    flows,
    undefined,
    {},
    {
      resourceTypes: ['group', 'directory-role'],
      mechanism: { group: 'pim', 'directory-role': 'pim' },
      ...over,
    },
  )
  broker.directory.addRole({ id: helpdesk, name: 'Helpdesk' })
  return broker
}

interface Wish {
  readonly duration?: string
  readonly startsAt?: string
  readonly type?: 'group' | 'directory-role'
}

export const submit = async (broker: InMemory, { type = 'group', ...wish }: Wish = {}) => {
  const outcome = await broker.submitRequest(
    {
      body: { resource: resources[type], duration: 'PT1H', ...wish },
      intake: 'http',
      requester: mia,
      requesterIsApplication: false,
    },
    broker.clockwork,
  )
  if (outcome.kind !== 'accepted') throw new Error(`Cannot submit: ${outcome.code}`)
  return outcome.request.reason.id
}

/** Asks, and lets the broker settle as its orchestration does. */
export const ask = async (broker: InMemory, wish: Wish = {}) => {
  const id = await submit(broker, wish)
  await settle(broker, wish.type)
  return id
}

export const settle = (broker: InMemory, type: 'group' | 'directory-role' = 'group') =>
  broker.settlePair(pairIdOf(keyOf(type)), { patience: 0 })

/** Lets time pass to an instant of the tests' day, with a sweep every so often. */
export const sweepUntil = async (broker: InMemory, time: string, seconds = 10) => {
  while (broker.now() < new Date(`2026-01-05T${time}Z`)) {
    broker.advance(seconds * 1_000)
    await broker.sweep()
  }
}

export const requestOf = async (broker: InMemory, id: string) =>
  (await readRequest(broker.needs.tables, id))?.reason

export const eventsOf = (broker: InMemory, type: 'group' | 'directory-role' = 'group') =>
  readEvents(broker.needs.tables, pairPartition(pairIdOf(keyOf(type))))

/** The writes that changed the directory, and when. */
export const effectsOf = ({ directory }: InMemory) =>
  directory.writes
    .filter(({ applied }) => applied)
    .map(({ operation, isSchedule, at }) =>
      [isSchedule ? operation : `${operation} plain`, at.toISOString().slice(11, 19)].join(' '),
    )
