import { decodeJwt } from 'jose'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { apiClientId, robotClientId, tenantId } from '../../local/seed/ids.ts'
import { person } from '../../local/seed/people.ts'
import { type Simulator, startSimulator } from './start-simulator.ts'

const scope = `openid api://${apiClientId}/Access.Use`

let simulator: Simulator

beforeAll(async () => {
  simulator = await startSimulator()
})
afterAll(() => simulator.stop())

const ask = async (over: Readonly<Record<string, string>> = {}) => {
  const response = await simulator.fetch(`/${tenantId}/oauth2/v2.0/devicecode`, {
    method: 'POST',
    body: new URLSearchParams({ client_id: apiClientId, scope, ...over }),
  })
  return { status: response.status, body: JSON.parse(await response.text()) }
}

const poll = async (deviceCode: string, over: Readonly<Record<string, string>> = {}) => {
  const { status, body } = await simulator.token({
    grant_type: 'urn:ietf:params:oauth:grant-type:device_code',
    client_id: apiClientId,
    device_code: deviceCode,
    ...over,
  })
  return { status, body, refusal: [status, body.error, body.error_codes?.[0]] }
}

const open = (query: Readonly<Record<string, string>>) =>
  simulator.fetch(`/${tenantId}/device?${new URLSearchParams(query)}`)

const pending = [400, 'authorization_pending', 70016]

describe('the sign-in of a device', () => {
  test('is named by the configuration, and begins with a code and where to enter it', async () => {
    const address = `/${tenantId}/v2.0/.well-known/openid-configuration`
    const configuration = JSON.parse(await (await simulator.fetch(address)).text())
    const { status, body } = await ask()

    expect(configuration.device_authorization_endpoint).toBe(
      `${simulator.url()}/${tenantId}/oauth2/v2.0/devicecode`,
    )
    expect(status).toBe(200)
    expect(body).toMatchObject({ expires_in: 900, interval: 5 })
    expect(body.user_code).toMatch(/^[A-Z2-9]{9}$/)
    expect(body.message).toContain(`${body.verification_uri} and enter the code ${body.user_code}`)
    expect(body.verification_uri).toBe(`${simulator.url()}/${tenantId}/device`)
  })

  test('waits until a person is picked, and then gives tokens once', async () => {
    const { body: device } = await ask()
    const first = await poll(device.device_code)
    const page = await open({ code: device.user_code, user: 'mia@contoso.example' })
    simulator.advance(1)
    const second = await poll(device.device_code)
    const third = await poll(device.device_code)

    expect(first.refusal).toEqual(pending)
    expect(await page.text()).toContain('Signed in')
    expect(second.status).toBe(200)
    expect(decodeJwt(second.body.access_token)).toMatchObject({
      oid: person('mia'),
      aud: apiClientId,
    })
    expect(decodeJwt(second.body.id_token)).toMatchObject({ name: 'Mia Tanaka' })
    expect(third.refusal).toEqual([400, 'bad_verification_code', 70018])
  })

  test('asks to slow down whoever polls within the interval, which grows by five seconds', async () => {
    const { body: device } = await ask()
    const polls = []
    for (const seconds of [0, 4, 6, 11]) {
      simulator.advance(seconds / 60)
      polls.push((await poll(device.device_code)).body.error)
    }

    expect(polls).toEqual(['authorization_pending', 'slow_down', 'slow_down', 'slow_down'])

    simulator.advance(20 / 60)
    expect((await poll(device.device_code)).refusal).toEqual(pending)
  })

  test('ends when the person declines', async () => {
    const { body: device } = await ask()
    const page = await open({ code: device.user_code, decline: '1' })

    expect(await page.text()).toContain('Declined')
    expect((await poll(device.device_code)).refusal).toEqual([400, 'authorization_declined', 70017])
  })

  test('ends after fifteen minutes, also for who comes with the code too late', async () => {
    const { body: device } = await ask()
    simulator.advance(15)
    const page = await open({ code: device.user_code, user: 'mia@contoso.example' })

    expect(page.status).toBe(400)
    expect((await poll(device.device_code)).refusal).toEqual([400, 'expired_token', 70019])
  })

  test('is none of another application', async () => {
    const { body: device } = await ask()

    expect((await poll(device.device_code, { client_id: robotClientId })).refusal).toEqual([
      400,
      'bad_verification_code',
      70018,
    ])
    expect((await poll(device.device_code)).refusal).toEqual(pending)
  })

  test.each([
    { what: 'an unknown application', over: { client_id: 'x' }, error: 'unauthorized_client' },
    { what: 'no scope', over: { scope: '' }, error: 'invalid_request' },
    { what: 'a foreign scope', over: { scope: 'User.Read' }, error: 'invalid_scope' },
  ])('is refused at the start for $what', async ({ over, error }) => {
    const { status, body } = await ask(over)

    expect([status, body.error]).toEqual([400, error])
  })
})

describe('the page for the code', () => {
  test('asks for the code first, and takes it as people write it', async () => {
    const { body: device } = await ask()
    const form = await (await open({})).text()
    const code = device.user_code.toLowerCase().replace(/^(...)/, '$1-')
    const people = await (await open({ code })).text()

    expect(form).toContain('name="code"')
    expect(people).toContain('Who are you today?')
    expect(people).toContain('Mia Tanaka')
    expect(people).not.toContain('Lars Holm')
    expect(people).toContain('decline=1')
  })

  test.each([
    { what: 'an unknown code', query: { code: '"><script>' } },
    { what: 'a code that was answered', query: undefined },
  ])('refuses $what', async ({ query }) => {
    const { body: device } = await ask()
    await open({ code: device.user_code, user: person('mia') })
    const response = await open(query ?? { code: device.user_code })

    expect(response.status).toBe(400)
    expect(await response.text()).not.toContain('<script')
  })

  test.each(['lars@contoso.example', 'nobody@contoso.example'])(
    'signs in nobody for %s, who may not sign in',
    async (user) => {
      const { body: device } = await ask()
      const response = await open({ code: device.user_code, user })

      expect(response.status).toBe(400)
      expect((await poll(device.device_code)).refusal).toEqual(pending)
    },
  )
})
