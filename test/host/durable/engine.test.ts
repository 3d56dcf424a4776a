import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, test } from 'vitest'
import { createDurableEngine } from '../../../local/host/durable/engine.ts'
import { createMemoryStore } from '../../../local/host/durable/memory-store.ts'
import type { DurableStore } from '../../../local/host/durable/store.ts'
import { type Host, startHost } from '../../../local/host/start-host.ts'
import { createVirtualClock, type VirtualClock } from '../../../local/host/virtual-clock.ts'

const start = Date.parse('2026-01-05T12:00:00Z')
const seen: { calls: unknown[]; isCured: boolean } = { calls: [], isCured: false }
Object.assign(globalThis, { [Symbol.for('entra-jit.test.seen')]: seen })

let host: Host
const abandoned: Host[] = []
let clock: VirtualClock
let store: DurableStore

const open = async (options: { early?: number; random?: () => number } = {}) => {
  host = await startHost({
    appDirectory: fileURLToPath(new URL('../apps/orchestrations', import.meta.url)),
    port: 0,
    clock,
    log: () => {},
    engine: (worker, context) =>
      createDurableEngine({
        ...context,
        worker,
        store,
        earlyTimers: { maximumMilliseconds: options.early ?? 0 },
        ...(options.random === undefined ? {} : { random: options.random }),
      }),
  })
}

const begin = async (...options: Parameters<typeof open>) => {
  Object.assign(seen, { calls: [], isCured: false })
  clock = createVirtualClock(start)
  store = createMemoryStore()
  await open(...options)
}

/** A host that was killed says nothing to its storage any more, and no time passes for it. */
const crash = async () => {
  abandoned.push(host)
  Object.assign(store, { commit: () => new Promise(() => {}) })
  clock = createVirtualClock(clock.now())
  const left = createMemoryStore()
  for (const { head, history, inbox } of await store.readOpen()) {
    await left.begin(head)
    await left.commit({ head, added: history, after: 0, handled: [] })
    for (const message of inbox) await left.keep(head.id, message)
  }
  store = left
}

afterEach(async () => {
  await Promise.all([host, ...abandoned.splice(0)].map((one) => one.stop()))
})

const send = async (method: string, path: string, body?: unknown) => {
  const response = await fetch(`${host.rpcUrl}${path}`, {
    method,
    headers: { 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  const text = await response.text()
  return { status: response.status, body: text === '' ? undefined : JSON.parse(text) }
}

const run = async (name: string, id: string, input: unknown) => {
  expect((await send('POST', `orchestrators/${name}/${id}`, input)).status).toBe(202)
}

const statusOf = async (id: string) => (await send('GET', `instances/${id}`)).body

const later = (milliseconds: number) => new Date(start + milliseconds).toISOString()

describe('an orchestration', () => {
  test('runs its activities one after the other and keeps their results', async () => {
    await begin()
    await run('chain', 'c1', null)
    await clock.runUntilIdle(start + 1_000)
    expect(await statusOf('c1')).toMatchObject({
      runtimeStatus: 'Completed',
      output: ['first', { after: 'first' }],
    })
    expect(seen.calls).toEqual(['first', { after: 'first' }])
  })

  test('sleeps for years', async () => {
    await begin()
    const until = '2031-06-01T00:00:00.000Z'
    await run('sleep', 's1', until)
    await clock.advanceTo(Date.parse(until) - 1)
    expect((await statusOf('s1')).runtimeStatus).toBe('Running')
    await clock.advanceTo(Date.parse(until))
    expect(await statusOf('s1')).toMatchObject({ runtimeStatus: 'Completed', output: until })
  })

  test('is woken up to a second early when timers fire early', async () => {
    await begin({ early: 1_000, random: () => 0.999 })
    await run('sleep', 's1', later(60_000))
    await clock.advanceTo(start + 59_001)
    expect(await statusOf('s1')).toMatchObject({ output: later(59_001) })
  })

  test('hears an event that was raised before it waited, and drops its timer', async () => {
    await begin()
    await run('wait', 'w1', later(60_000))
    expect((await send('POST', 'instances/w1/raiseEvent/Go', 'now')).status).toBe(202)
    await clock.advanceTo(start + 120_000)
    expect(await statusOf('w1')).toMatchObject({ output: 'now' })
    const history = (await store.read('w1'))?.history ?? []
    expect(history.some(({ EventType }) => EventType === 11)).toBe(false)
  })

  test('continues as new with another execution and an empty history', async () => {
    await begin()
    await run('count', 'n1', 1)
    await clock.advanceTo(start + 1_000)
    expect(await statusOf('n1')).toMatchObject({ runtimeStatus: 'Completed', output: 3 })
    expect(seen.calls).toEqual([1, 2, 3])
    const history = (await store.read('n1'))?.history ?? []
    expect(history.filter(({ EventType }) => EventType === 5)).toHaveLength(1)
  })

  test('does not act while it is suspended, and catches up when it is resumed', async () => {
    await begin()
    await run('wait', 'w1', later(60_000))
    await send('POST', 'instances/w1/suspend?reason=audit')
    await clock.advanceTo(start + 1)
    await send('POST', 'instances/w1/raiseEvent/Go', 'meanwhile')
    await clock.advanceTo(start + 2)
    expect(await statusOf('w1')).toMatchObject({ runtimeStatus: 'Suspended', output: 'audit' })
    expect(seen.calls).toEqual([])
    await send('POST', 'instances/w1/resume?reason=done')
    await clock.advanceTo(start + 3)
    expect(await statusOf('w1')).toMatchObject({ output: 'meanwhile' })
  })

  test('that is terminated hears nothing more', async () => {
    await begin()
    await run('wait', 'w1', later(60_000))
    await clock.advanceTo(start + 1)
    await send('POST', 'instances/w1/terminate?reason=enough')
    await clock.advanceTo(start + 120_000)
    expect(await statusOf('w1')).toMatchObject({ runtimeStatus: 'Terminated', output: 'enough' })
    expect(seen.calls).toEqual([])
    expect((await send('POST', 'instances/w1/raiseEvent/Go', 1)).status).toBe(410)
  })

  test.each([
    ['asksEntity', 'durable entities'],
    ['asksHttp', 'durable HTTP'],
  ])('%s fails with a clear word: the host offers no %s', async (name, what) => {
    await begin()
    await run(name, 'x1', null)
    await clock.advanceTo(start + 1_000)
    expect(await statusOf('x1')).toMatchObject({
      runtimeStatus: 'Failed',
      output: `Orchestrator function '${name}' failed: this host does not offer ${what}`,
    })
  })
})

describe('after the host was away', () => {
  test('a timer fires at its time', async () => {
    await begin()
    await run('sleep', 's1', later(60_000))
    await clock.advanceTo(start + 1_000)
    await crash()
    await open()
    await clock.advanceTo(start + 60_000)
    expect((await statusOf('s1')).runtimeStatus).toBe('Completed')
  })

  test('a timer that came due meanwhile fires at once', async () => {
    await begin()
    await run('sleep', 's1', later(60_000))
    await clock.advanceTo(start + 1_000)
    await crash()
    await clock.advanceTo(start + 90_000)
    await open()
    await clock.advanceTo(start + 90_001)
    expect(await statusOf('s1')).toMatchObject({ runtimeStatus: 'Completed' })
  })

  test('an event that was accepted is not lost', async () => {
    await begin()
    await run('wait', 'w1', later(60_000))
    await clock.advanceTo(start + 1)
    await store.keep('w1', {
      event: { EventType: 15, Name: 'Go', Input: '"kept"', ParentTraceContext: null },
    })
    await crash()
    await open()
    await clock.advanceTo(start + 1_000)
    expect(await statusOf('w1')).toMatchObject({ output: 'kept' })
  })

  test('an activity that was under way is given out again after its visibility timeout', async () => {
    await begin()
    await run('stuck', 'a1', null)
    await waitFor(() => seen.calls.length === 1)
    await crash()
    seen.isCured = true
    await open()
    await clock.advanceTo(start + 299_999)
    expect(seen.calls).toEqual(['hangs'])
    await clock.advanceTo(start + 301_000)
    expect(seen.calls).toEqual(['hangs', 'hangs'])
    expect(await statusOf('a1')).toMatchObject({ runtimeStatus: 'Completed', output: 'cured' })
  }, 20_000)

  test('a parent hears of its child', async () => {
    await begin()
    await run('parent', 'p1', later(60_000))
    await clock.advanceTo(start + 1_000)
    await crash()
    await open()
    await clock.advanceTo(start + 61_000)
    expect(await statusOf('p1')).toMatchObject({ runtimeStatus: 'Completed', output: 'late' })
  })

  test('a parent hears of a child that finished while the parent could not be told', async () => {
    await begin()
    await run('parent', 'p1', later(60_000))
    await clock.advanceTo(start + 1_000)
    await crash()
    const child = await store.read('the-child')
    if (child === undefined) throw new Error('the child is missing')
    const head = { ...child.head, status: 'Completed', output: '"alone"' } as const
    await store.commit({ head, added: [], after: child.history.length, handled: [] })
    await open()
    await clock.advanceTo(start + 2_000)
    expect(await statusOf('p1')).toMatchObject({ runtimeStatus: 'Completed', output: 'alone' })
  })
})

/** For what happens in real time, held by the clock. */
async function waitFor(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setImmediate(resolve))
}
