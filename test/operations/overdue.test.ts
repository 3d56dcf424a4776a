import { expect, test } from 'vitest'
import { pairIdOf } from '../../shared/ledger/ids.ts'
import { createJudgeStarts } from '../../shared/operations/judge-starts.ts'
import type { Needs } from '../../shared/operations/needs.ts'
import { createSettlePair } from '../../shared/operations/settle-pair.ts'
import { brokerInMemory } from './broker-in-memory.ts'
import { ask, key } from './drift-in-memory.ts'

test('an end that is overdue is told to the operator once, by a code that stays', async () => {
  const broker = await brokerInMemory()
  const lines: unknown[] = []
  const needs: Needs = {
    ...broker.needs,
    log: (level, _, facts) => {
      if (level === 'error') lines.push(facts)
    },
  }
  const settlePair = createSettlePair(needs, createJudgeStarts(needs, broker.readConfiguration))
  const requestId = await ask(broker)
  broker.directory.setFault({ effect: 'unavailable', on: ['remove'] })
  broker.advance(3_600_000)

  for (let minute = 0; minute < 20; minute++) {
    await settlePair(pairIdOf(key), { patience: 0 })
    broker.advance(60_000)
  }

  expect(lines).toEqual([
    {
      code: 'GRANT_OVERDUE',
      event: 'grant.overdue',
      requestId,
      endsAt: '2026-01-05T13:00:00.000Z',
    },
  ])
})
