import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { type CredentialSettings, createCredential } from '../../shared/directory/credential.ts'
import { cacheTokens } from '../../shared/directory/credential-cache.ts'

const noon = Date.parse('2026-01-05T12:00:00Z')
const scope = 'https://graph.microsoft.com/.default'
const stops: (() => Promise<unknown>)[] = []

afterEach(async () => {
  for (const stop of stops.splice(0)) await stop()
})

async function startAuthority(status = 200) {
  const asked: { path: string; form: Record<string, string> }[] = []
  const server = createServer(async (request: IncomingMessage, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const form = Object.fromEntries(new URLSearchParams(Buffer.concat(chunks).toString()))
    asked.push({ path: request.url ?? '', form })
    response.writeHead(status, { 'content-type': 'application/json' })
    const body = { token_type: 'Bearer', expires_in: 3600, access_token: `token-${asked.length}` }
    response.end(JSON.stringify(body))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  stops.push(() => new Promise((resolve) => server.close(resolve)))
  return { asked, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }
}

const local: CredentialSettings = {
  kind: 'local',
  tenantId: 'tenant',
  authority: 'http://127.0.0.1:1',
  clientId: 'connector',
  clientSecret: 'local',
}

describe('The local credential', () => {
  test('asks the authority with client credentials', async () => {
    const { asked, url } = await startAuthority()
    const credential = createCredential({ ...local, authority: url }, { now: () => new Date(noon) })

    const token = await credential.getToken(scope)

    expect(token).toEqual({ token: 'token-1', expiresOnTimestamp: noon + 3_600_000 })
    expect(asked).toEqual([
      {
        path: '/tenant/oauth2/v2.0/token',
        form: {
          grant_type: 'client_credentials',
          client_id: 'connector',
          client_secret: 'local',
          scope,
        },
      },
    ])
  })

  test('fails when the authority refuses', async () => {
    const { url } = await startAuthority(401)
    const credential = createCredential({ ...local, authority: url })

    await expect(credential.getToken(scope)).rejects.toThrow('Cannot get a local token')
  })

  test.each([
    'https://login.microsoftonline.com',
    'http://127.0.0.1.evil.example',
    'http://10.0.0.1:7072',
    'nonsense',
  ])('never sends its secret to %s', (authority) => {
    expect(() => createCredential({ ...local, authority })).toThrow('not on this machine')
  })
})

describe('createCredential()', () => {
  const authority = 'https://login.microsoftonline.com'
  const tenantId = '10000000-0000-0000-0000-000000000000'
  const base = { tenantId, authority }

  test.each<CredentialSettings>([
    { ...base, kind: 'managed-identity' },
    { ...base, kind: 'managed-identity', clientId: 'identity' },
    { ...base, kind: 'client-secret', clientId: 'connector', clientSecret: 'local' },
    { ...base, kind: 'certificate', clientId: 'connector', certificatePath: '/run/connector.pem' },
  ])('builds the $kind credential', (settings) => {
    expect(createCredential(settings)).toHaveProperty('getToken')
  })

  test.each<CredentialSettings & { missing: string }>([
    { ...base, kind: 'client-secret', clientId: 'connector', missing: 'clientSecret' },
    { ...base, kind: 'client-secret', clientSecret: 'local', missing: 'clientId' },
    { ...base, kind: 'certificate', clientId: 'connector', missing: 'certificatePath' },
    { ...base, kind: 'workload-identity', missing: 'clientId' },
    { ...local, clientSecret: '', missing: 'clientSecret' },
  ])('refuses $kind without $missing', ({ missing, ...settings }) => {
    expect(() => createCredential(settings)).toThrow(`${missing} is not set`)
  })
})

describe('cacheTokens()', () => {
  function counting() {
    const state = { now: noon, asked: 0 }
    const credential = cacheTokens(
      {
        getToken: async () => {
          state.asked += 1
          return { token: `token-${state.asked}`, expiresOnTimestamp: state.now + 3_600_000 }
        },
      },
      () => new Date(state.now),
    )
    return { state, credential }
  }

  test.each([
    { minutes: 54, asked: 1 },
    { minutes: 55, asked: 2 },
  ])('has asked $asked times for a token of an hour after $minutes minutes', async (row) => {
    const { state, credential } = counting()
    await credential.getToken(scope)

    state.now += row.minutes * 60_000
    await credential.getToken(scope)

    expect(state.asked).toBe(row.asked)
  })

  test('asks once for many at the same time, and again after a failure', async () => {
    let asked = 0
    const credential = cacheTokens(
      {
        getToken: async () => {
          asked += 1
          throw new Error('not yet')
        },
      },
      () => new Date(noon),
    )

    await Promise.allSettled([credential.getToken(scope), credential.getToken(scope)])
    await expect(credential.getToken(scope)).rejects.toThrow('not yet')

    expect(asked).toBe(2)
  })

  test('keeps tokens of different scopes apart', async () => {
    const { credential } = counting()

    expect(await credential.getToken('a')).not.toEqual(await credential.getToken(['b']))
  })

  test('asks again once it was told to forget', async () => {
    const { state, credential } = counting()
    await credential.getToken(scope)

    credential.forget?.()
    await credential.getToken(scope)

    expect(state.asked).toBe(2)
  })
})
