import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Sample, startSample } from './start-sample.ts'

let host: Sample

beforeAll(async () => {
  host = await startSample('durable')
})

afterAll(() => host.stop())

describe('the worker', () => {
  test('runs an activity with the JSON text of its input', async () => {
    expect(await host.worker.invoke('greet', { string: '"Ada"' })).toEqual({
      string: 'Hello, Ada!',
    })
  })

  test('returns nothing for a function that returned nothing', async () => {
    expect(await host.worker.invoke('silent', {})).toBeUndefined()
  })

  test('hands metadata on', async () => {
    const metadata = { instanceId: { string: 'abc' }, Data: { json: '{"X":1}' } }

    const returned = await host.worker.invoke('metadata', {}, metadata)

    expect(returned).toEqual({ json: '{"instanceId":"abc","data":{"x":1}}' })
  })

  test('rejects with the very error that the function threw', async () => {
    await expect(host.worker.invoke('fails', {})).rejects.toBeInstanceOf(TypeError)
  })

  test('runs an orchestrator from its history', async () => {
    const times = { EventId: -1, IsPlayed: false, Timestamp: '2026-01-05T12:00:00Z' }
    const history = [
      { ...times, EventType: 12 },
      { ...times, EventType: 0, Name: 'life', Input: '"Ada"' },
    ]
    const payload = {
      history,
      input: 'Ada',
      instanceId: 'i1',
      isReplaying: false,
      parentInstanceId: null,
      upperSchemaVersion: 1,
      upperSchemaVersionNew: 2,
      longRunningTimerIntervalDuration: '3.00:00:00',
      maximumShortTimerDuration: '6.00:00:00',
      defaultHttpAsyncRequestSleepTimeMillseconds: 30_000,
    }

    const returned = await host.worker.invoke('life', { string: JSON.stringify(payload) })

    const state = JSON.parse(returned && 'json' in returned ? String(returned.json) : '')
    expect(state).toMatchObject({
      isDone: false,
      actions: [[{ actionType: 0, functionName: 'greet', input: '"Ada"' }]],
    })
  })

  test.each([
    ['counter', 'Cannot run counter: this host offers no durable entities'],
    ['begin', 'Cannot run begin directly: it is called through its HTTP route'],
    ['nothing', 'Cannot run nothing: the app has no such function'],
  ])('refuses to run %s', async (name, message) => {
    await expect(host.worker.invoke(name, {})).rejects.toThrow(message)
  })
})

describe('a durable client', () => {
  test('reaches the engine without a key, and hands out addresses with it', async () => {
    const response = await fetch(`${host.url}/api/begin/life`, { method: 'POST' })

    const { statusQueryGetUri } = (await response.json()) as { statusQueryGetUri: string }
    expect(response.status).toBe(202)
    expect(statusQueryGetUri).toBe(
      `${host.url}/runtime/webhooks/durabletask/instances/i1?code=${host.systemKey}`,
    )
    const status = await fetch(statusQueryGetUri)
    expect(await status.json()).toMatchObject({
      method: 'GET',
      path: 'instances/i1',
      baseUrl: `${host.url}/runtime/webhooks/durabletask`,
    })
  })
})
