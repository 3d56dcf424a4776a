import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Sample, startSample } from './start-sample.ts'

const enforceKeys = { master: 'local-master', host: 'local-host' }

describe('a host that enforces keys', () => {
  let host: Sample

  beforeAll(async () => {
    host = await startSample('http', { enforceKeys })
  })

  afterAll(() => host.stop())

  test.each([
    ['/api/plain', '', 200],
    ['/api/guarded', '', 401],
    ['/api/guarded?code=wrong', '', 401],
    ['/api/guarded?code=local-host', '', 200],
    ['/api/guarded', 'local-host', 200],
    ['/api/guarded', 'local-master', 200],
    ['/api/guarded?code=local-host', 'wrong', 401],
    ['/api/admins', '', 401],
    ['/api/admins', 'local-host', 401],
    ['/api/admins', 'local-master', 200],
    ['/admin/host/ping', '', 200],
    ['/admin/host/status', '', 401],
    ['/admin/functions', 'local-host', 401],
    ['/admin/functions', 'local-master', 200],
    ['/runtime/webhooks/durabletask/instances/x', '', 401],
    ['/runtime/webhooks/durabletask/instances/x', 'local-host', 403],
    ['/runtime/webhooks/durabletask/instances/x', 'local-master', 202],
  ])('answers %s with key "%s" by %i', async (path, key, status) => {
    const headers = key === '' ? {} : { 'x-functions-key': key }

    const response = await fetch(host.url + path, { headers })

    expect(response.status).toBe(status)
  })
})

describe('the durable management address', () => {
  test('always asks for the system key, and tells the engine of it', async () => {
    const host = await startSample('http')
    const address = `${host.url}/runtime/webhooks/durabletask/instances/x?a=1`

    const without = await fetch(address)
    const wrong = await fetch(`${address}&code=wrong`)
    const right = await fetch(address, { headers: { 'x-functions-key': host.systemKey } })
    const seen = await right.json()
    await host.stop()

    expect([without.status, wrong.status, right.status]).toEqual([401, 401, 202])
    expect(seen).toMatchObject({
      query: [
        ['a', '1'],
        ['code', host.systemKey],
      ],
    })
  })

  test('keeps its key over restarts when the host has a state folder', async () => {
    const stateDirectory = await mkdtemp(join(tmpdir(), 'host-state-'))
    const first = await startSample('http', { stateDirectory })
    await first.stop()
    const second = await startSample('http', { stateDirectory })
    await second.stop()
    const other = await startSample('http')
    await other.stop()
    await rm(stateDirectory, { recursive: true })

    expect(second.systemKey).toBe(first.systemKey)
    expect(other.systemKey).not.toBe(first.systemKey)
  })

  test('is open without a key only on the address for the durable client', async () => {
    const host = await startSample('http')
    const headers = { 'content-type': 'application/json' }
    const init = { method: 'POST', body: '"x"', headers }
    const inside = await fetch(`${host.rpcUrl}orchestrators/life?a=1`, init)
    const beside = await fetch(new URL('/api/plain', host.rpcUrl))
    const seen = await inside.json()
    await host.stop()

    expect(beside.status).toBe(404)
    expect(inside.headers.get('x-engine')).toBe('echo')
    expect(seen).toMatchObject({ method: 'POST', path: 'orchestrators/life', body: '"x"' })
  })
})
