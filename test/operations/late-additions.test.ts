import { expect, test } from 'vitest'
import type { Directory } from '../../shared/directory/directory.ts'
import { pairIdOf, pairPartition } from '../../shared/ledger/ids.ts'
import { readEvents } from '../../shared/ledger/pair-ledger.ts'
import { endRequest } from '../../shared/operations/end-request.ts'
import { createJudgeStarts } from '../../shared/operations/judge-starts.ts'
import { createSettlePair } from '../../shared/operations/settle-pair.ts'
import { brokerInMemory, type InMemory, mia } from './broker-in-memory.ts'
import { key } from './drift-in-memory.ts'

const pairId = pairIdOf(key)
const namesOf = async (broker: InMemory) =>
  (await readEvents(broker.needs.tables, pairPartition(pairId))).map(({ event, detail }) =>
    detail['kind'] === undefined ? event : `${event} ${detail['kind']}`,
  )

/** Its clock is wrong: by that of the others its time is over long before its call is. */
function slowWorker(broker: InMemory, meanwhile: () => Promise<void>) {
  const add: Directory['add'] = async (access, limits) => {
    broker.advance(21_000)
    await meanwhile()
    const deadline = new Date(broker.now().getTime() + 20_000)
    return broker.directory.add(access, { ...limits, deadline })
  }
  const needs = { ...broker.needs, directory: { ...broker.needs.directory, add } }
  return createSettlePair(needs, createJudgeStarts(needs, broker.readConfiguration))
}

async function asked(broker: InMemory): Promise<string> {
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
  return outcome.request.reason.id
}

const givenBack = (requestId: string) =>
  ({ requestId, actor: { id: mia, type: 'user' }, endReason: 'given-back' }) as const

test('an addition that took effect after its end was proven is taken away again', async () => {
  const broker = await brokerInMemory()
  const requestId = await asked(broker)
  const settleSlowly = slowWorker(broker, async () => {
    await endRequest(broker.needs, givenBack(requestId), broker.clockwork)
    await broker.settlePair(pairId, { patience: 10_000 })
    expect(await namesOf(broker)).toContain('grant.ended')
  })

  await settleSlowly(pairId, { patience: 0 })

  expect(broker.directory.isHeld(key)).toBe(false)
  expect((await namesOf(broker)).slice(-2)).toEqual([
    'drift.found added-late',
    'drift.repaired returned',
  ])
})

test('an addition that took effect late stays where its request is active by another attempt', async () => {
  const broker = await brokerInMemory()
  const requestId = await asked(broker)
  const settleSlowly = slowWorker(broker, async () => {
    await broker.settlePair(pairId, { patience: 0 })
    broker.directory.removeByHand(key)
  })

  await settleSlowly(pairId, { patience: 0 })
  expect(broker.directory.isHeld(key)).toBe(true)
  await endRequest(broker.needs, givenBack(requestId), broker.clockwork)
  await broker.settlePair(pairId, { patience: 0 })

  expect(broker.directory.isHeld(key)).toBe(false)
  expect(await namesOf(broker)).not.toContain('drift.found added-late')
})
