import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startAzurite } from '../../../local/azurite/in-process.ts'
import { historyEvent } from '../../../local/host/durable/history.ts'
import { type InstanceHead, newInstance } from '../../../local/host/durable/instance.ts'
import { createMemoryStore } from '../../../local/host/durable/memory-store.ts'
import type { DurableStore } from '../../../local/host/durable/store.ts'
import { createTableStore } from '../../../local/host/durable/table-store.ts'

let azurite: { connectionString: string; stop: () => Promise<void> } | undefined

beforeAll(async () => {
  azurite = await startAzurite()
})

afterAll(async () => {
  await azurite?.stop()
})

let hubs = 0
const stores: Readonly<Record<string, () => DurableStore>> = {
  'the tables of Azurite': () =>
    createTableStore({
      connectionString: azurite?.connectionString ?? '',
      taskHub: `Hub${++hubs}`,
      random: Math.random,
    }),
  memory: createMemoryStore,
}

const time = '2026-01-05T12:00:00.000Z'

const headOf = (id: string, more: Partial<InstanceHead> = {}): InstanceHead => ({
  ...newInstance({ id, name: 'life', executionId: `${id}-1`, input: '{"a":1}', time }),
  ...more,
})

const raised = (Name: string) =>
  ({ EventType: 15, Name, Input: '1', ParentTraceContext: null }) as const

describe.each(Object.entries(stores))('orchestrations kept in %s', (_name, create) => {
  const open = async () => {
    const store = create()
    await store.open()
    return store
  }

  test('come back with their history, in order, and the events that wait', async () => {
    const store = await open()
    await store.begin(headOf('a'))
    const first = [historyEvent({ EventType: 12 }, time), historyEvent(raised('One'), time)]
    const second = [historyEvent(raised('Two'), time)]
    const running = headOf('a', { status: 'Running', customStatus: '"ä 🙂"' })
    await store.commit({ head: running, added: first, after: 0, handled: [] })
    await store.commit({ head: running, added: second, after: 2, handled: [] })
    const key = await store.keep('a', { event: raised('Three') })
    expect(await store.readOpen()).toEqual([
      {
        head: running,
        history: [...first, ...second],
        inbox: [{ key, event: raised('Three') }],
      },
    ])
  })

  test('lose an event once an episode has taken it in, even if that is stored twice', async () => {
    const store = await open()
    await store.begin(headOf('a'))
    const key = await store.keep('a', { event: raised('One') })
    const change = {
      head: headOf('a', { status: 'Running' }),
      added: [historyEvent(raised('One'), time)],
      after: 0,
      handled: [key],
    }
    await store.commit(change)
    await store.commit(change)
    const [stored] = await store.readOpen()
    expect(stored?.inbox).toEqual([])
    expect(stored?.history).toEqual(change.added)
  })

  test('keep events in the order in which they came', async () => {
    const store = await open()
    await store.begin(headOf('a'))
    for (const name of ['One', 'Two', 'Three']) await store.keep('a', { event: raised(name) })
    const [stored] = await store.readOpen()
    expect(stored?.inbox.map(({ event }) => event)).toEqual(['One', 'Two', 'Three'].map(raised))
  })

  test('that have finished are not taken up again, but can be read', async () => {
    const store = await open()
    await store.begin(headOf('a'))
    const head = headOf('a', { status: 'Completed', output: '"done"' })
    await store.commit({
      head,
      added: [historyEvent({ EventType: 12 }, time)],
      after: 0,
      handled: [],
    })
    expect(await store.readOpen()).toEqual([])
    expect(await store.readHead('a')).toEqual(head)
    expect((await store.read('a'))?.history).toHaveLength(1)
  })

  test('begin anew without their former history, and with the events that still wait', async () => {
    const store = await open()
    await store.begin(headOf('a'))
    const added = [historyEvent(raised('One'), time)]
    await store.commit({ head: headOf('a', { status: 'Running' }), added, after: 0, handled: [] })
    const handled = await store.keep('a', { event: raised('Handled') })
    await store.keep('a', { event: raised('Waits') })
    const again = headOf('a', { executionId: 'a-2' })
    await store.begin(again, { handled: [handled] })
    const [stored] = await store.readOpen()
    expect(stored).toMatchObject({ head: again, history: [] })
    expect(stored?.inbox.map(({ event }) => event)).toEqual([raised('Waits')])
  })

  test('hold texts of hundreds of thousands of characters', async () => {
    const store = await open()
    await store.begin(headOf('a'))
    const Input = JSON.stringify('é'.repeat(200_000))
    const added = [
      historyEvent({ EventType: 15, Name: 'Big', Input, ParentTraceContext: null }, time),
    ]
    await store.commit({ head: headOf('a', { status: 'Running' }), added, after: 0, handled: [] })
    expect((await store.read('a'))?.history).toEqual(added)
  })

  test('are listed by id, page after page, and by prefix', async () => {
    const store = await open()
    for (const id of ['b2', 'a1', 'b1', 'c1']) await store.begin(headOf(id))
    const list = async (prefix: string, after: string | undefined, limit: number) =>
      (await store.list({ prefix, after, limit })).map(({ id }) => id)
    expect(await list('', undefined, 2)).toEqual(['a1', 'b1'])
    expect(await list('', 'b1', 2)).toEqual(['b2', 'c1'])
    expect(await list('b', undefined, 9)).toEqual(['b1', 'b2'])
    expect(await list('b', 'b1', 9)).toEqual(['b2'])
  })

  test('are gone once they are purged', async () => {
    const store = await open()
    await store.begin(headOf('a'))
    await store.keep('a', { event: raised('One') })
    await store.purge('a')
    expect(await store.readHead('a')).toBeUndefined()
    expect(await store.read('a')).toBeUndefined()
  })
})
