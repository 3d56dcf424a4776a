import { describe, expect, test } from 'vitest'
import type { AccessKey } from '../../shared/access/access.ts'
import { pairIdOf } from '../../shared/ledger/ids.ts'
import { readRequest } from '../../shared/ledger/pair-ledger.ts'
import { makeCheckpoint } from '../../shared/operations/checkpoint.ts'
import { endRequest } from '../../shared/operations/end-request.ts'
import { orderReconcile } from '../../shared/operations/reconcile.ts'
import { brokerInMemory, type InMemory, mia, readers, tenantId } from './broker-in-memory.ts'

const key: AccessKey = {
  tenantId,
  grantee: mia,
  resource: { type: 'group', id: readers },
  permission: 'member',
}
const pairId = pairIdOf(key)

const grant = async (broker: InMemory): Promise<string> => {
  const outcome = await broker.submitRequest(
    {
      body: { resource: key.resource, duration: 'PT1H' },
      intake: 'http',
      requester: mia,
      requesterIsApplication: false,
    },
    broker.clockwork,
  )
  if (outcome.kind !== 'accepted') throw new Error(`refused: ${outcome.detail}`)
  await broker.settlePair(pairId, { patience: 0 })
  return outcome.request.reason.id
}

/** The orchestration's tries, until it gives the request over to the sweep. */
const tryAgain = async (broker: InMemory, tries: number) => {
  for (let each = 0; each < tries; each++) {
    const { nextAt } = await broker.settlePair(pairId, { patience: 0 })
    broker.advance(Math.max(0, (nextAt?.getTime() ?? 0) - broker.now().getTime()))
  }
}

describe('the sweep', () => {
  test('carries on an end that was asked for by hand as soon as the directory is back', async () => {
    const broker = await brokerInMemory()
    const requestId = await grant(broker)
    broker.directory.setFault({ effect: 'unavailable', on: ['remove'] })
    const actor = { id: mia, type: 'user' } as const
    await endRequest(broker.needs, { requestId, actor, endReason: 'given-back' }, broker.clockwork)

    await tryAgain(broker, 5)
    await broker.sweep()
    await tryAgain(broker, 5)
    broker.directory.clearFaults()
    broker.advance(10_000)
    await broker.sweep()

    const request = await readRequest(broker.needs.tables, requestId)
    expect(request?.reason.status).toBe('ended')
    expect(broker.directory.isHeld(key)).toBe(false)
  })
})

describe('a reconcile', () => {
  const loseDueRows = (broker: InMemory) => {
    for (const { key: row } of broker.tables
      .all('Index')
      .filter(({ key }) => key.startsWith('d-'))) {
      broker.tables.lose('Index', 'work', row)
    }
  }

  test('that is ordered finds what lost even its due row, and the sweep alone does not', async () => {
    const broker = await brokerInMemory()
    await grant(broker)
    loseDueRows(broker)
    broker.advance(3_700_000)
    await broker.sweep()
    expect(broker.directory.isHeld(key)).toBe(true)

    await orderReconcile(broker.needs)
    broker.advance(10_000)
    await broker.sweep()

    expect(broker.directory.isHeld(key)).toBe(false)
    await broker.sweep()
    await makeCheckpoint(broker.needs, undefined)
    expect(broker.tables.all('Index').filter(({ partition }) => partition === 'work')).toEqual([])
  })
})
