import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { brotliCompressSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { portalFunction } from '../../functions/register.ts'
import { routes } from '../../shared/config/routes.ts'
import { authority } from '../identity/fake-authority.ts'
import { type Api, startApi } from './start-api.ts'

const shell = '<!DOCTYPE html><title>entra-jit</title>'
const script = 'console.log("the portal")'
const hashed = '/assets/index-Bq3xY1.js'

let folder: string
let api: Api

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'entra-jit-portal-'))
  await mkdir(join(folder, 'assets'))
  const files: readonly (readonly [string, string | Uint8Array])[] = [
    ['index.html', shell],
    [`${hashed.slice(1)}.br`, brotliCompressSync(script)],
    ['theme.js', '"dark"'],
  ]
  for (const [name, contents] of files) await writeFile(join(folder, name), contents)
  api = await startApi({ portalFolder: folder })
})
afterAll(async () => {
  await api.stop()
  await rm(folder, { recursive: true })
})

const get = (path: string, init: RequestInit = {}) => fetch(`${api.host.url}${path}`, init)
const headersOf = ({ headers }: Response, ...names: readonly string[]) =>
  names.map((name) => headers.get(name))

describe('the page', () => {
  test.each(['/', '/ask', '/requests/p-abc-01h', '/manage/integrations/ContosoEntra'])(
    'is the answer at %s, and is asked for anew each time',
    async (path) => {
      const answer = await get(path)

      expect(answer.status).toBe(200)
      expect(await answer.text()).toBe(shell)
      expect(headersOf(answer, 'content-type', 'cache-control')).toEqual([
        'text/html; charset=utf-8',
        'no-cache',
      ])
    },
  )

  test('lets nothing run, load or be framed but what is its own, and talks to the authority', async () => {
    const { headers } = await get('/')
    const { origin } = new URL(authority)

    expect(headers.get('content-security-policy')).toBe(
      `default-src 'none'; script-src 'self'; style-src 'self' 'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='; img-src 'self' data:; font-src 'self'; connect-src 'self' ${origin}; form-action 'self' ${origin}; base-uri 'none'; frame-ancestors 'none'; object-src 'none'; require-trusted-types-for 'script'`,
    )
    expect(Object.fromEntries(headers)).toMatchObject({
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cross-origin-opener-policy': 'same-origin',
      'permissions-policy':
        'camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()',
    })
  })

  test('asks for https for a year only where it came by https', async () => {
    const byHttps = await get('/', { headers: { 'x-forwarded-proto': 'https' } })
    const byHttp = await get('/')

    expect(byHttps.headers.get('strict-transport-security')).toBe('max-age=31536000')
    expect(byHttp.headers.get('strict-transport-security')).toBeNull()
  })

  test('answers HEAD without a body, and 304 to whoever has it already', async () => {
    const whole = await get('/', { headers: { 'accept-encoding': 'identity' } })
    const head = await get('/', { method: 'HEAD', headers: { 'accept-encoding': 'identity' } })
    const etag = whole.headers.get('etag') ?? ''
    const again = await get('/', {
      headers: { 'accept-encoding': 'identity', 'if-none-match': etag },
    })

    expect([head.status, head.headers.get('content-length'), await head.text()]).toEqual([
      200,
      String(shell.length),
      '',
    ])
    expect([again.status, await again.text()]).toEqual([304, ''])
  })

  test.each(['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS'])(
    'refuses %s with 405',
    async (method) => {
      const answer = await get('/ask', { method })

      expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'GET, HEAD'])
    },
  )
})

describe('a built file', () => {
  test('whose name carries its hash is kept for ever', async () => {
    const answer = await get(hashed)

    expect(await answer.text()).toBe(script)
    expect(headersOf(answer, 'content-type', 'cache-control')).toEqual([
      'text/javascript; charset=utf-8',
      'public, max-age=31536000, immutable',
    ])
  })

  test('whose name does not is asked for anew', async () => {
    expect((await get('/theme.js')).headers.get('cache-control')).toBe('no-cache')
  })

  test.each([
    ['gzip, deflate, br', 'br'],
    ['gzip', 'gzip'],
    ['br;q=0, gzip;q=0.5', 'gzip'],
    ['*', 'br'],
    ['identity', null],
  ])('comes to a caller that takes "%s" as %s', async (accepted, expected) => {
    const answer = await get(hashed, { headers: { 'accept-encoding': accepted } })

    expect(headersOf(answer, 'content-encoding', 'vary')).toEqual([expected, 'Accept-Encoding'])
    expect(await answer.text()).toBe(script)
  })
})

describe('what is not there', () => {
  test.each([
    '/assets/index-older.js',
    '/favicon.ico',
    `${hashed}.br`,
    '/../main.mjs',
    '/%2e%2e/host.json',
    '/assets/..%2f..%2fhost.json',
  ])('is 404 at %s, and is no page', async (path) => {
    const answer = await get(path)

    expect(answer.status).toBe(404)
    expect(await answer.text()).toBe('')
  })

  test.each(['/api', '/api/nothing', '/API/me/more'])(
    'is a problem document at %s',
    async (path) => {
      const answer = await get(path)

      expect(answer.status).toBe(404)
      expect(answer.headers.get('content-type')).toBe('application/problem+json')
    },
  )

  test('is said in words where the portal was not built', async () => {
    const bare = await startApi({ portalFolder: join(folder, 'nowhere') })
    const answer = await fetch(`${bare.host.url}/ask`)
    await bare.stop()

    expect([answer.status, await answer.text()]).toEqual([
      404,
      'The portal is not part of this deployment.\n',
    ])
  })
})

test('the page takes no address from the API: the host tries its function last', () => {
  const names = routes.map(({ operationId }) => operationId.toLowerCase())

  expect(names.filter((name) => name >= portalFunction.toLowerCase())).toEqual([])
})

describe('a conditional GET of the API', () => {
  test('is 304 as long as nothing has changed, and the new answer after that', async () => {
    const group = api.newGroup()
    const body = { resource: { type: 'group', id: group }, duration: 'PT1H' }
    const { body: request } = await api.call('mia', 'POST', '/requests', { body })
    await api.pass(1_000)
    const path = `/requests/${request.id}`
    const first = await api.call('mia', 'GET', path)
    const headers = { 'if-none-match': first.headers.get('etag') ?? '' }
    const unchanged = await api.call('mia', 'GET', path, { headers })
    await api.call('mia', 'POST', `${path}/revoke`, { body: {} })
    await api.pass(1_000)
    const changed = await api.call('mia', 'GET', path, { headers })

    expect([first.status, unchanged.status, unchanged.text]).toEqual([200, 304, ''])
    expect([changed.status, changed.body.status]).toEqual([200, 'ended'])
  })
})
