import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { apiClientId, tenantId } from '../../local/seed/ids.ts'
import { person } from '../../local/seed/people.ts'
import { type Simulator, startSimulator } from './start-simulator.ts'

const redirectUri = 'http://localhost:7071/'

let simulator: Simulator

beforeAll(async () => {
  simulator = await startSimulator()
})
afterAll(() => simulator.stop())

describe('whoever has signed in before', () => {
  const authorize = async (cookie: string, more: Readonly<Record<string, string>> = {}) => {
    const query = new URLSearchParams({
      ...{ client_id: apiClientId, redirect_uri: redirectUri, response_type: 'code' },
      ...{ scope: `openid api://${apiClientId}/Access.Use`, code_challenge: 'x'.repeat(43) },
      ...{ code_challenge_method: 'S256', ...more },
    })
    const address = `/${tenantId}/oauth2/v2.0/authorize?${query}`
    return simulator.fetch(address, { redirect: 'manual', headers: { cookie } })
  }
  const cookieOf = ({ headers }: Response) => headers.get('set-cookie')?.split(';')[0] ?? ''
  const signedIn = async () => cookieOf(await authorize('', { user: person('mia') }))

  test('is not asked again, not even where nobody may be asked', async () => {
    const answer = await authorize(await signedIn(), { prompt: 'none' })

    expect(new URL(answer.headers.get('location') ?? '').searchParams.get('code')).not.toBeNull()
  })

  test('is asked where the page wants somebody to be picked', async () => {
    const answer = await authorize(await signedIn(), { prompt: 'select_account' })

    expect([answer.status, await answer.text()]).toEqual([200, expect.stringContaining('Mia')])
  })

  test('is asked again after signing out', async () => {
    const out = await simulator.fetch(`/${tenantId}/oauth2/v2.0/logout`, {
      headers: { cookie: await signedIn() },
    })
    const answer = await authorize(cookieOf(out), { prompt: 'none' })

    expect(answer.headers.get('location')).toContain('error=login_required')
  })
})
