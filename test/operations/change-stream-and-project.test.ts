import { expect, test } from 'vitest'
import { changeStreamAndProject } from '../../shared/operations/change-stream-and-project.ts'
import { brokerInMemory } from './broker-in-memory.ts'

test('two changes of one stream in the same millisecond have an outbox each', async () => {
  const broker = await brokerInMemory()
  const place = { name: 'user:mia', partition: 'u-mia' }
  const append = () =>
    changeStreamAndProject<number, void>(broker.needs, place, ({ state = 0 }) => ({
      change: {
        state: state + 1,
        events: [
          {
            event: 'request.refused',
            at: broker.now().toISOString(),
            actor: { id: 'mia', type: 'user' },
            detail: {},
          },
        ],
      },
      result: undefined,
    }))

  broker.tables.fault = ({ table }) => (table === 'Audit' ? 'unavailable' : undefined)
  await append()
  broker.tables.fault = () => undefined
  await append()
  broker.advance(60_000)
  await broker.sweep()

  const refusals = broker.tables
    .all('Audit')
    .filter(({ columns }) => columns['event'] === 'request.refused')
  expect(refusals.map(({ columns }) => columns['sequence'])).toEqual([1, 2])
})
