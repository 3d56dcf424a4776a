import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { type Entra, startEntra } from '../../local/entra/start-entra.ts'
import { seedTenant } from '../../local/seed/seed-tenant.ts'
import { type Broker, openTerminal, startBroker, type Terminal, type Told } from './terminal.ts'

/** The age of an identity token is judged by the clock of the machine. */
const start = Date.now()
const mia = 'mia@contoso.example'

let time = start
let entra: Entra
let broker: Broker
let facts: Record<string, string>
let shell: Terminal | undefined

beforeAll(async () => {
  entra = await startEntra({ tenant: seedTenant, now: () => new Date(time) })
  broker = await startBroker(({ path }) => (path === '/sign-in' ? { body: facts } : undefined))
  facts = {
    authority: entra.url,
    tenantId: entra.tenantId,
    clientId: entra.clientId,
    scope: `api://${entra.clientId}/Access.Use openid profile offline_access`,
  }
})
afterAll(async () => {
  await broker.stop()
  await entra.stop()
})
afterEach(() => shell?.remove())

/** Signs in on a terminal; while it sleeps for the n-th time, somebody may do something elsewhere. */
async function login(elsewhere: (sleep: number, page: URL) => Promise<unknown>) {
  time = start
  let said = ''
  let sleeps = 0
  const sleptSeconds: number[] = []
  shell = await openTerminal({
    env: { ENTRA_JIT_URL: broker.url },
    now: new Date(start).toISOString(),
    onSaid: (words) => {
      said += words
    },
    onSleep: async (milliseconds) => {
      time += milliseconds
      sleeps += 1
      sleptSeconds.push(milliseconds / 1_000)
      const page = new URL(/http\S+device\b/.exec(said)?.[0] ?? '')
      page.searchParams.set('code', /enter the code (\w+)/.exec(said)?.[1] ?? '')
      await elsewhere(sleeps, page)
    },
  })
  return { ...(await shell.type('login', '--device-code')), sleptSeconds }
}

const pick = (page: URL, query: Readonly<Record<string, string>>) => {
  for (const [name, value] of Object.entries(query)) page.searchParams.set(name, value)
  return fetch(page)
}

describe('login --device-code', () => {
  test('prints where to enter which code, waits, and signs in who was picked there', async () => {
    const ran = await login(async (sleep, page) => sleep === 3 && pick(page, { user: mia }))

    expect(ran).toMatchObject({ code: 0, out: '', sleptSeconds: [5, 5, 5] })
    expect(ran.err).toContain(`  ${entra.url}/${entra.tenantId}/device\n`)
    expect(ran.err).toContain(`Signed in at ${broker.url} as ${mia}.`)
  })

  test('polls less often when it is told to slow down', async () => {
    const ran = await login(async (sleep, page) => {
      // The authority's clock goes a little slower.
      if (sleep === 2) time -= 1_000
      if (sleep === 4) await pick(page, { user: mia })
    })

    expect(ran.code).toBe(0)
    expect(ran.sleptSeconds).toEqual([5, 5, 10, 10])
  })

  test('says that the person declined', async () => {
    const ran = await login(async (_, page) => pick(page, { decline: '1' }))

    expect(ran.code).toBe(1)
    expect(ran.err.split('\n').at(-2)).toBe(
      'Cannot sign in: AADSTS70017: The user declined the sign-in.',
    )
  })

  test('gives up when nobody came before the code expired', async () => {
    const ran = await login(async () => undefined)

    expect(ran.code).toBe(1)
    expect(ran.err).toContain('Cannot sign in: nobody entered the code before it expired\n')
    expect(time).toBe(start + 15 * 60_000)
  })

  test('is refused where the authority offers no codes', async () => {
    const ran = await loginAt(() => undefined, {})

    expect(ran.code).toBe(1)
    expect(ran.err).toContain('the authority does not offer codes for devices')
  })

  test('goes on after the network was away for a moment, asking less often', async () => {
    let polls = 0
    const ran = await loginAt((path) => {
      if (path === '/tenant/device-code') {
        const codes = { device_code: 'd', user_code: 'ABC', expires_in: 900 }
        return { body: { ...codes, verification_uri: 'http://localhost/tenant/device' } }
      }
      if (path !== '/tenant/token') return undefined
      polls += 1
      if (polls <= 2) return { breaksOff: 'at-once' }
      return { body: { token_type: 'Bearer', access_token: 't', expires_in: 3600 } }
    })

    expect(ran.code).toBe(0)
    expect(ran.sleptSeconds).toEqual([5, 10, 20])
  })
})

/** Signs in at an authority that answers just this. */
async function loginAt(
  answer: (path: string) => Told | undefined,
  more: object = { device_authorization_endpoint: 'device-code' },
) {
  const authority: Broker = await startBroker(({ path }) => {
    if (!path.endsWith('openid-configuration')) return answer(path)
    const base = `${authority.url}/tenant`
    const endpoints = { issuer: `${base}/v2.0`, token_endpoint: `${base}/token` }
    const device = Object.entries(more).map(([name, value]) => [name, `${base}/${value}`])
    return { body: { ...endpoints, ...Object.fromEntries(device) } }
  })
  const former = facts
  facts = { ...facts, authority: authority.url, tenantId: 'tenant' }
  try {
    return await login(async () => undefined)
  } finally {
    facts = former
    await authority.stop()
  }
}
