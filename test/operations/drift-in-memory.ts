import type { AccessKey } from '../../shared/access/access.ts'
import type { Integration } from '../../shared/access/integration.ts'
import { pairIdOf } from '../../shared/ledger/ids.ts'
import { putDocument } from '../../shared/operations/documents.ts'
import {
  brokerInMemory,
  type InMemory,
  integration,
  mia,
  readers,
  tenantId,
} from './broker-in-memory.ts'

export const keyOf = (grantee: string): AccessKey => ({
  tenantId,
  grantee,
  resource: { type: 'group', id: readers },
  permission: 'member',
})
export const key = keyOf(mia)
const admin = { id: 'ada', tenantId, kind: 'user', roles: ['Access.Admin'] } as const

export const ask = async (broker: InMemory, requester = mia, over: { startsAt?: string } = {}) => {
  const outcome = await broker.submitRequest(
    {
      body: { resource: key.resource, duration: 'PT1H', ...over },
      intake: 'http',
      requester,
      requesterIsApplication: false,
    },
    broker.clockwork,
  )
  if (outcome.kind !== 'accepted') throw new Error(`refused: ${outcome.detail}`)
  await broker.settlePair(pairIdOf(keyOf(requester)), { patience: 0 })
  return outcome.request.reason.id
}

export const withDrift = async (drift: Integration['drift']): Promise<InMemory> => {
  const broker = await brokerInMemory()
  await putDocument(broker.needs, admin, 'integration', { ...integration, drift }, {})
  broker.published.length = 0
  return broker
}

/** The index without the rows that tell the next checkpoint what has changed: no work of ours. */
export const indexOf = (broker: InMemory) =>
  broker.tables
    .all('Index')
    .filter(({ partition, key: row }) => partition !== 'reconcile' && !row.startsWith('c-'))
