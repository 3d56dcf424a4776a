import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { type Sample, startSample } from './start-sample.ts'

let host: Sample

beforeAll(async () => {
  host = await startSample('timers', { settings: { EVERY: '01:00:00' } })
})

afterAll(() => host.stop())

describe('the admin API', () => {
  test('says that the host is running', async () => {
    const response = await fetch(`${host.url}/admin/host/status`)

    expect(await response.json()).toMatchObject({ state: 'Running' })
  })

  test('lists the functions', async () => {
    const response = await fetch(`${host.url}/admin/functions`)

    const listed = (await response.json()) as { name: string }[]
    expect(listed.map(({ name }) => name)).toEqual([
      'configured',
      'failing',
      'hourly',
      'unreadable',
    ])
  })

  test('runs a function that HTTP does not trigger', async () => {
    const init = { method: 'POST', body: '{"input":""}' }
    const response = await fetch(`${host.url}/admin/functions/HOURLY`, init)

    expect(response.status).toBe(202)
    await vi.waitFor(() => {
      expect(host.lines.join('\n')).toContain('"scheduleStatus":null')
    })
  })

  test.each([
    ['POST', '/admin/functions/nothing', 404],
    ['GET', '/admin/functions/hourly', 200],
    ['GET', '/admin/host/ping', 200],
    ['POST', '/admin/host/ping', 200],
    ['GET', '/admin/host/else', 404],
    ['GET', '/admin', 404],
    ['GET', '/admin/vfs/site/wwwroot', 404],
  ])('answers %s %s with %i', async (method, path, status) => {
    const response = await fetch(host.url + path, { method })

    expect(response.status).toBe(status)
  })
})
