import { request } from 'node:http'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { type Sample, startSample } from './start-sample.ts'

let host: Sample

beforeAll(async () => {
  host = await startSample('http', { settings: { SAMPLE_SETTING: 'given' } })
})

afterAll(() => host.stop())

async function call(path: string, init: RequestInit = {}) {
  const response = await fetch(host.url + path, { redirect: 'manual', ...init })
  const text = await response.text()
  return { status: response.status, headers: response.headers, text }
}

async function callJson(path: string, init: RequestInit = {}) {
  const { status, headers, text } = await call(path, init)
  return { status, headers, json: JSON.parse(text) }
}

describe('an HTTP function', () => {
  test('sees method, address, parameters, headers and body of its request', async () => {
    const { status, headers, json } = await callJson('/api/echo/5', {
      method: 'PUT',
      body: '{"a":1}',
      headers: { 'content-type': 'application/json', cookie: 'k=v; k2=v2' },
    })

    expect(status).toBe(200)
    expect(headers.get('content-type')).toBe('application/json')
    expect(headers.get('x-custom')).toBe('v1')
    expect(json).toMatchObject({
      method: 'PUT',
      url: `${host.url}/api/echo/5`,
      params: { id: '5' },
      body: '{"a":1}',
      headers: { 'content-type': 'application/json', cookie: 'k=v; k2=v2' },
      user: null,
    })
  })

  test('gets the values of a repeated query name joined by a comma', async () => {
    const { json } = await callJson('/api/echo?a=1&a=2&b=%20x')

    expect(json.query).toEqual([
      ['a', '1,2'],
      ['b', ' x'],
    ])
  })

  test('never sees who a caller claims to be', async () => {
    const { json } = await callJson('/api/echo', {
      headers: {
        'x-ms-client-principal': 'eyJ9',
        'X-MS-Client-Principal-Id': 'someone',
        'x-ms-token-aad-access-token': 'local',
      },
    })

    expect(Object.keys(json.headers).filter((name) => name.startsWith('x-ms-'))).toEqual([])
    expect(json.user).toBeNull()
  })

  test('finds the settings and the address of the host in its environment', async () => {
    const { json } = await callJson('/api/setting')

    expect(json).toEqual(['given', host.url.replace('http://', '')])
  })

  test('gets bytes and gives them back unchanged', async () => {
    const bytes = Buffer.from([0, 1, 254, 255, 10, 13])

    const response = await fetch(`${host.url}/api/bytes`, { method: 'POST', body: bytes })

    expect(Buffer.from(await response.arrayBuffer())).toEqual(bytes)
  })

  test('gets a body that came in chunks', async () => {
    const body = new Blob(['some ', 'text']).stream()
    const init: RequestInit & { duplex: 'half' } = { method: 'POST', body, duplex: 'half' }

    const { json } = await callJson('/api/echo', init)

    expect(json.body).toBe('some text')
  })

  test('is refused a body over 100 MB before it is sent', async () => {
    const status = await new Promise((resolve, reject) => {
      const headers = { 'content-length': String(100 * 1024 * 1024 + 1) }
      const outgoing = request(`${host.url}/api/bytes`, { method: 'POST', headers }, (incoming) => {
        resolve(incoming.statusCode)
        outgoing.destroy()
      })
      outgoing.on('error', reject)
      outgoing.write('a')
    })

    expect(status).toBe(413)
  })

  test('sets cookies; one that expires at the epoch loses that, as in Azure', async () => {
    const { headers } = await call('/api/cookies')

    expect(headers.getSetCookie()).toEqual([
      'a=b; max-age=60; path=/; secure; samesite=lax; httponly',
      'c=d%20e',
    ])
  })
})

describe('the host', () => {
  test.each([
    ['GET', '/api/undefined', 204, ''],
    ['GET', '/api/throws', 500, ''],
    ['GET', '/api/text', 500, ''],
    ['GET', '/api/status/204', 204, ''],
    ['GET', '/api/status/304', 304, ''],
    ['GET', '/api/status/418', 418, 'text'],
    ['GET', '/api/status/99', 500, ''],
    ['GET', '/api/redirect', 302, ''],
    ['GET', '/api/plain', 200, 'GET'],
    ['POST', '/api/plain', 200, 'POST'],
    ['PUT', '/api/plain', 404, ''],
    ['GET', '/API/PLAIN', 200, 'GET'],
    ['GET', '/api/plain/', 200, 'GET'],
    ['GET', '/api//plain', 404, ''],
    ['GET', '/plain', 404, ''],
    ['GET', '/api/nothing', 404, ''],
    ['GET', '/api/echo/word', 404, ''],
    ['OPTIONS', '/api/echo', 404, ''],
    ['HEAD', '/api/echo', 404, ''],
    ['GET', '/api/all', 200, '{}'],
    ['GET', '/api/all/x/y/z?q=1', 200, '{"rest":"x/y/z"}'],
    ['GET', '/api/all/a%2Fb/%C3%A9', 200, '{"rest":"a%2Fb/é"}'],
    ['GET', '/api/overlap/x', 200, 'a'],
    ['GET', '/api/guarded', 200, 'guarded'],
    ['GET', '/runtime/elsewhere', 404, ''],
  ])('answers %s %s with %i and "%s"', async (method, path, status, text) => {
    const answered = await call(path, { method })

    expect([answered.status, answered.text]).toEqual([status, text])
  })

  test('logs why a function failed, and answers nothing of it', async () => {
    await call('/api/throws')

    const failures = host.lines.filter((line) => line.startsWith('error Function.throws: failed'))
    expect(failures[0]).toContain('on purpose')
  })

  test('shows a page at its root unless it is switched off', async () => {
    const quiet = await startSample('http', { settings: { AzureWebJobsDisableHomepage: 'true' } })
    const off = await fetch(`${quiet.url}/`)
    await quiet.stop()

    expect((await call('/')).headers.get('content-type')).toBe('text/html')
    expect(off.status).toBe(204)
  })

  test('refuses a request whose address cannot be read', async () => {
    const status = await new Promise((resolve) => {
      request(host.url, { path: '/api/plain', headers: { host: 'a b' } }, (incoming) => {
        incoming.resume()
        resolve(incoming.statusCode)
      }).end()
    })

    expect(status).toBe(400)
  })
})

test('a stopping host answers the request under way, and takes no other', async () => {
  const emitter: NodeJS.EventEmitter = process
  const stopping = await startSample('http')
  const underWay = fetch(`${stopping.url}/api/held`)
  await vi.waitFor(() => expect(stopping.lines.join()).toContain('Function.held: started'))

  const stopped = stopping.stop()
  const other = fetch(`${stopping.url}/api/plain`)
  await expect(other).rejects.toThrow('fetch failed')
  emitter.emit('sample-release')
  await stopped

  expect(await (await underWay).text()).toBe('done')
})

test('a host turns requests away above the number that host.json allows', async () => {
  const emitter: NodeJS.EventEmitter = process
  const settings = { AzureFunctionsJobHost__extensions__http__maxOutstandingRequests: '1' }
  const busy = await startSample('http', { settings })
  const first = fetch(`${busy.url}/api/held`)
  await vi.waitFor(() => expect(busy.lines.join()).toContain('Function.held: started'))

  const second = await fetch(`${busy.url}/api/plain`)
  emitter.emit('sample-release')
  const { status } = await first
  const third = await fetch(`${busy.url}/api/plain`)
  await busy.stop()

  expect([status, second.status, third.status]).toEqual([200, 429, 200])
})

describe('the host with a route prefix of its own', () => {
  test.each([
    ['', '/plain'],
    ['v1/api', '/v1/api/plain'],
  ])('serves prefix "%s" at %s', async (prefix, path) => {
    const settings = { AzureFunctionsJobHost__extensions__http__routePrefix: prefix }
    const other = await startSample('http', { settings })
    const response = await fetch(other.url + path)
    await other.stop()

    expect(response.status).toBe(200)
  })
})
