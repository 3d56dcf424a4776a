/*
 * Over 300 lines on purpose: every way to sign in, and every way in which it fails, is one list.
 */
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { type Entra, startEntra } from '../../local/entra/start-entra.ts'
import { seedTenant } from '../../local/seed/seed-tenant.ts'
import {
  type Broker,
  openTerminal,
  startBroker,
  type Terminal,
  type TerminalOptions,
} from './terminal.ts'

let entra: Entra
let broker: Broker
let facts: Record<string, string>
const terminals: Terminal[] = []

beforeAll(async () => {
  entra = await startEntra({ tenant: seedTenant })
  broker = await startBroker(({ path, headers }) => {
    if (path === '/sign-in') return { body: facts }
    if (path !== '/me') return undefined
    if (headers.authorization === undefined) return { status: 401, body: {} }
    return { body: { id: 'x', tenantId: 't', name: 'Mia', roles: [], may: ['request'] } }
  })
  facts = {
    authority: entra.url,
    tenantId: entra.tenantId,
    clientId: entra.clientId,
    scope: `api://${entra.clientId}/Access.Use openid profile offline_access`,
    endSession: `${entra.url}/${entra.tenantId}/oauth2/v2.0/logout`,
  }
})
afterAll(async () => {
  await broker.stop()
  await entra.stop()
})
afterEach(async () => {
  for (const terminal of terminals.splice(0)) await terminal.remove()
})

const mia = 'mia@contoso.example'

async function terminal(options: TerminalOptions = {}): Promise<Terminal> {
  const opened = await openTerminal({
    now: new Date().toISOString(),
    ...options,
    env: { ENTRA_JIT_URL: broker.url, ...options.env },
  })
  terminals.push(opened)
  return opened
}

/** A browser in which somebody picks a person on the authority's page. */
const browserOf = (user: string) => async (address: string) => {
  const page = new URL(address)
  page.searchParams.set('user', user)
  const answer = await fetch(page, { redirect: 'manual' })
  void fetch(answer.headers.get('location') ?? '')
}

const tokensOf = async ({ home }: Terminal) =>
  JSON.parse(await readFile(join(home, '.config/entra-jit/tokens.json'), 'utf8'))

/** Who a token says it is for, as the broker got it last. */
const lastCaller = () => {
  const token = String(broker.seen.at(-1)?.headers.authorization).replace('Bearer ', '')
  const claims = Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()
  return JSON.parse(claims === '' ? '{}' : claims)['preferred_username']
}

describe('login', () => {
  test('signs in with the browser, and later commands need nothing more', async () => {
    const shell = await terminal({ openBrowser: browserOf(mia) })
    const login = await shell.type('login')
    const who = await shell.type('whoami')

    expect(login).toMatchObject({ code: 0, out: '' })
    expect(login.err).toContain(`Signed in at ${broker.url} as ${mia}.`)
    expect(who).toMatchObject({ code: 0, err: '' })
    expect(lastCaller()).toBe(mia)
  })

  test('keeps the tokens where nobody else can read them', async () => {
    const shell = await terminal()
    const folder = join(shell.home, '.config/entra-jit')
    await mkdir(folder, { recursive: true })
    await writeFile(join(folder, 'tokens.json'), 'nonsense', { mode: 0o644 })
    await shell.type('login', '--as', 'mia')

    const { mode } = await stat(join(folder, 'tokens.json'))
    expect((mode & 0o777).toString(8)).toBe('600')
    expect(Object.keys((await tokensOf(shell)).accounts)).toEqual([broker.url])
  })

  test('opens no browser where none is wanted: the address is printed for whoever has one', async () => {
    let opened = 0
    const shell = await terminal({
      openBrowser: async () => {
        opened += 1
      },
      onSaid: (words) => {
        const address = /http\S+authorize\S+/.exec(words)?.[0]
        if (address !== undefined) void browserOf(mia)(address)
      },
    })
    const login = await shell.type('login', '--no-browser')

    expect(login.code).toBe(0)
    expect(opened).toBe(0)
  })

  test('says what the authority said when it refuses', async () => {
    const shell = await terminal({
      openBrowser: async (address) => {
        const page = new URL(address)
        const back = new URL(page.searchParams.get('redirect_uri') ?? '')
        back.searchParams.set('state', page.searchParams.get('state') ?? '')
        back.searchParams.set('error', 'access_denied')
        back.searchParams.set('error_description', 'AADSTS65004: User declined.\r\nTrace ID: 1')
        expect((await fetch(back)).status).toBe(200)
      },
    })
    const login = await shell.type('login')

    expect(login.code).toBe(1)
    expect(login.err.split('\n').at(-2)).toBe('Cannot sign in: AADSTS65004: User declined.')
  })

  test('listens to nobody who does not know the state of this sign-in', async () => {
    const statuses: number[] = []
    const shell = await terminal({
      openBrowser: async (address) => {
        const back = new URL(new URL(address).searchParams.get('redirect_uri') ?? '')
        for (const query of ['?code=x&state=y', '?code=x', '']) {
          statuses.push((await fetch(`${back.href}${query}`)).status)
        }
        await browserOf(mia)(address)
      },
    })
    const login = await shell.type('login')

    expect(statuses).toEqual([404, 404, 404])
    expect(login.code).toBe(0)
  })

  test('sends people to no authority without https, unless it is on this machine', async () => {
    const shell = await terminal()
    const former = facts
    facts = { ...facts, authority: 'http://login.example.com' }
    const login = await shell.type('login')
    facts = former

    expect(login).toMatchObject({
      code: 1,
      err: 'Cannot sign in: the broker names an authority without https\n',
    })
  })
})

describe('--as', () => {
  test.each([['mia'], [mia], ['5e9d1000-0000-4000-8000-000000000004']])(
    'is the sample person %s for one command, and keeps nothing',
    async (name) => {
      const shell = await terminal()
      const who = await shell.type('whoami', '--as', name)

      expect(who.code).toBe(0)
      expect(lastCaller()).toBe(mia)
      await expect(tokensOf(shell)).rejects.toThrow()
    },
  )

  test('is nobody whom the company does not know', async () => {
    const who = await (await terminal()).type('whoami', '--as', 'nobody')

    expect(who.code).toBe(1)
    expect(who.err).toBe(
      'Cannot sign in: AADSTS50034: The user account nobody@contoso.example does not exist in the directory.\n',
    )
  })

  test('is refused before a word is said to an authority elsewhere', async () => {
    const shell = await terminal()
    const former = facts
    facts = { ...facts, authority: 'https://login.microsoftonline.com' }
    const who = await shell.type('whoami', '--as', 'mia')
    facts = former

    expect(who.code).toBe(1)
    expect(who.err).toContain("the broker's authority is not on this machine")
  })
})

describe('a sign-in', () => {
  test('that has expired is made anew where somebody is there, and else asked for', async () => {
    const shell = await terminal()
    await shell.type('login', '--as', 'mia')
    const content = await tokensOf(shell)
    content.accounts[broker.url].expiresAt = '2026-01-01T00:00:00Z'
    const file = join(shell.home, '.config/entra-jit/tokens.json')
    await writeFile(file, JSON.stringify(content))
    const alone = await shell.type('whoami')

    const person = await terminal({ answer: 'y', openBrowser: browserOf(mia) })
    const there = await person.type('whoami')

    expect(alone).toMatchObject({
      code: 1,
      err: `Cannot go on: the sign-in has expired at ${broker.url}\nSign in with: entra-jit login\n`,
    })
    expect(there.code).toBe(0)
    expect((await tokensOf(person)).accounts[broker.url].name).toBe(mia)
  })

  test('is forgotten by logout', async () => {
    const shell = await terminal()
    await shell.type('login', '--as', 'mia')
    const first = await shell.type('logout')
    const second = await shell.type('logout')

    expect(first.err).toBe(`Signed out at ${broker.url}.\n`)
    expect(second.err).toBe(`Nobody was signed in at ${broker.url}.\n`)
    expect((await tokensOf(shell)).accounts).toEqual({})
  })

  test('may be a token of the environment, for pipelines', async () => {
    const shell = await terminal({ env: { ENTRA_JIT_TOKEN: 'a.b.c' } })
    await shell.type('whoami')

    expect(broker.seen.at(-1)?.headers.authorization).toBe('Bearer a.b.c')
  })

  test.each([
    ['XDG_CONFIG_HOME', 'linux' as const, 'xdg'],
    ['APPDATA', 'win32' as const, 'roaming'],
  ])('is kept below %s', async (name, platform, folder) => {
    const home = (await terminal()).home
    const shell = await terminal({ platform, env: { [name]: join(home, folder) } })
    await shell.type('login', '--as', 'mia')

    const file = join(home, folder, 'entra-jit/tokens.json')
    expect(JSON.parse(await readFile(file, 'utf8')).current).toBe(broker.url)
  })
})

describe('a sign-in with a refresh token', () => {
  let answer: { status: number; body: object }
  let authority: Broker

  beforeAll(async () => {
    authority = await startBroker(({ method, path }) => {
      const base = `${authority.url}/tenant`
      if (method === 'POST' && path === '/tenant/token') {
        return { ...answer, type: 'application/json' }
      }
      if (path === '/tenant/v2.0/.well-known/openid-configuration') {
        const issuer = `${base}/v2.0`
        return { body: { issuer, token_endpoint: `${base}/token`, jwks_uri: `${base}/keys` } }
      }
      return undefined
    })
  })
  afterAll(() => authority.stop())

  const expired = async () => {
    const shell = await terminal()
    const folder = join(shell.home, '.config/entra-jit')
    await mkdir(folder, { recursive: true })
    const account = { accessToken: 'old', expiresAt: '2026-01-01T00:00:00Z', refreshToken: 'r1' }
    const content = { current: broker.url, accounts: { [broker.url]: account } }
    await writeFile(join(folder, 'tokens.json'), JSON.stringify(content))
    return shell
  }

  const whoami = async (shell: Terminal) => {
    const former = facts
    facts = { ...facts, authority: authority.url, tenantId: 'tenant' }
    const ran = await shell.type('whoami')
    facts = former
    return ran
  }

  test('is renewed by itself, and the new one kept', async () => {
    const tokens = { token_type: 'Bearer', access_token: 'new', expires_in: 3600 }
    answer = { status: 200, body: { ...tokens, refresh_token: 'r2' } }
    const shell = await expired()
    const ran = await whoami(shell)

    expect(ran.code).toBe(0)
    expect(broker.seen.at(-1)?.headers.authorization).toBe('Bearer new')
    const form = new URLSearchParams(authority.seen.at(-1)?.text)
    expect(form.get('refresh_token')).toBe('r1')
    expect((await tokensOf(shell)).accounts[broker.url]).toMatchObject({
      accessToken: 'new',
      refreshToken: 'r2',
    })
  })

  test('is asked for again when it is not taken any more', async () => {
    answer = { status: 400, body: { error: 'invalid_grant' } }
    const ran = await whoami(await expired())

    expect(ran.code).toBe(1)
    expect(ran.err).toContain('the sign-in has expired')
  })
})

describe('the broker', () => {
  test.each([
    ['http://jit.example.com', 'a token is sent by https only'],
    ['https://', 'as the address of the broker'],
  ])('is not looked for at %s', async (url, words) => {
    const ran = await (await terminal()).type('whoami', '--url', url)

    expect(ran.code).toBe(1)
    expect(ran.err).toContain(words)
  })

  test('that is not there is one clear line and a hint', async () => {
    const shell = await terminal({ env: { ENTRA_JIT_TOKEN: 'x' } })
    const ran = await shell.type('whoami', '--url', 'http://127.0.0.1:9')

    expect(ran).toMatchObject({ code: 1, out: '' })
    expect(ran.err.split('\n')).toEqual([
      'Cannot say who you are: nothing answers at http://127.0.0.1:9',
      'Is the broker running there? Another address: --url, or ENTRA_JIT_URL.',
      '',
    ])
  })

  test('that is something else is told apart', async () => {
    const other = await startBroker(() => ({ body: { hello: 'world' } }))
    const ran = await (await terminal()).type('login', '--url', other.url)
    await other.stop()

    expect(ran.err).toBe(`Cannot sign in: what answers at ${other.url} is no broker\n`)
  })

  test('is where somebody signed in last, or the local stack by its own word', async () => {
    const local = await openTerminal({ now: new Date().toISOString() })
    terminals.push(local)
    await mkdir(join(local.home, '.local'))
    const ready = { addresses: { functions: broker.url }, people: [] }
    await writeFile(join(local.home, '.local/ready.json'), JSON.stringify(ready))
    const first = await local.type('whoami', '--as', 'mia')
    await local.type('login', '--as', 'mia')
    const moved = { addresses: { functions: 'http://127.0.0.1:9' }, people: [] }
    await writeFile(join(local.home, '.local/ready.json'), JSON.stringify(moved))
    const second = await local.type('whoami')

    expect(first.code).toBe(0)
    expect(second.err).toContain('http://127.0.0.1:9')
  })
})
