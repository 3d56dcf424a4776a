import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { sampleRequests } from '../../local/sample/sample-people.ts'
import { bodyOf, eventually } from '../stack/start-local.ts'
import { api, openAs, openTab, portal, type Tab } from './browser.ts'

let tab: Tab

beforeAll(async () => {
  tab = await openAs('mia', '/')
})
afterAll(() => tab.close())

const storageOf = ({ page }: Tab) =>
  page.evaluate(() => ({
    local: { ...localStorage },
    session: { ...sessionStorage },
    cookie: document.cookie,
  }))

describe('a signed-in page', () => {
  test('keeps no token and nobody in any storage, and no cookie', async () => {
    await tab.page.getByRole('heading', { level: 1, name: 'My access' }).waitFor()

    expect(await storageOf(tab)).toEqual({ local: {}, session: {}, cookie: '' })
    expect(await tab.page.content()).not.toMatch(/eyJ[\w-]{20,}\./)
  })

  test('signs in again after a reload without asking anybody', async () => {
    await tab.page.reload()

    await tab.page.getByRole('heading', { level: 1, name: 'My access' }).waitFor()
    expect(tab.page.url()).toBe(`${portal}/`)
  })

  test('ignores an address that it is told to go to', async () => {
    await tab.page.goto(`${portal}/?returnTo=https://evil.example&redirect=//evil.example`)

    await tab.page.getByRole('heading', { level: 1, name: 'My access' }).waitFor()
    expect(new URL(tab.page.url()).origin).toBe(portal)
  })

  test('does as if a page were not there that is not for this person', async () => {
    const auditor = await openAs('audrey', '/ask')

    await auditor.page.getByRole('heading', { name: 'There is no such page' }).waitFor()
    expect(await auditor.page.getByRole('link', { name: 'Ask for access' }).count()).toBe(0)
    await auditor.close()
    const refused = await (await api('audrey'))('POST', '/requests', sampleRequests.http.body)
    expect(refused.status).toBe(403)
  })

  test('keeps what was typed when its token is no good any more', async () => {
    await tab.page.goto(`${portal}/ask?q=readers`)
    await tab.page.getByRole('checkbox', { name: /Production Readers/ }).check()
    await tab.page.getByRole('textbox', { name: 'Justification' }).fill('Half a sentence')
    let refused = 0
    await tab.page.route('**/api/requests', async (route) => {
      refused += 1
      if (refused > 1) return route.fallback()
      return route.fulfill({ status: 401 })
    })
    await tab.page.getByRole('button', { name: 'Send request' }).click()
    await tab.page.waitForEvent('load')

    const text = tab.page.getByRole('textbox', { name: 'Justification' })
    await text.waitFor()
    expect(await text.inputValue()).toBe('Half a sentence')
    await tab.page.unrouteAll()
  })

  test('says how old it is while the service is away, and goes on when it is back', async () => {
    await tab.page.goto(`${portal}/`)
    await tab.page.getByRole('heading', { name: 'Active now' }).waitFor()
    await tab.page.route('**/api/**', (route) => route.abort())
    await tab.page.getByText(/Last updated .* ago/).waitFor()
    await tab.page.unrouteAll()

    await tab.page.getByText(/Last updated .* ago/).waitFor({ state: 'detached', timeout: 40_000 })
  })

  test('is signed out at the authority, too', async () => {
    await tab.page.getByRole('button', { name: /Mia Tanaka/ }).click()
    await tab.page.getByRole('menuitem', { name: 'Sign out' }).click()
    await tab.page.getByRole('heading', { name: 'You are signed out' }).waitFor()
    await tab.page.getByRole('button', { name: 'Sign in' }).click()

    await tab.page.getByRole('heading', { name: 'Who are you today?' }).waitFor()
  })

  test('leaves no complaint of the policy in the console', () => {
    const ours = tab.complaints.filter((text) => !/ERR_FAILED|Failed to load/.test(text))
    expect(ours).toEqual([])
  })
})

describe('a callback that this tab did not begin', () => {
  test.each([
    ['a code', 'code=stolen&state=tampered', /not begun in this tab/],
    [
      'an error',
      'error=access_denied&state=x&error_description=%3Cimg%20src%3Dx%20onerror%3Dalert(1)%3E',
      /<img src=x onerror=alert\(1\)>/,
    ],
  ])('with %s ends on the signed-out page, its words as text', async (_what, hash, words) => {
    const stranger = await openTab()
    await stranger.page.goto(`${portal}/#${hash}`)
    await stranger.page.getByRole('heading', { name: 'The sign-in did not succeed' }).waitFor()

    await stranger.page.getByRole('alert').getByText(words).waitFor()
    expect(stranger.page.url()).toBe(`${portal}/`)
    expect(stranger.complaints).toEqual([])
    await stranger.close()
  })
})

describe('hostile text', () => {
  const details =
    'Go to https://wiki.example/on-call (not javascript:alert(1), not data:text/html,x)\n<img src=x onerror="document.title=\'hacked\'"> \u202egnihtemos https://user@evil.example'
  const why = `<script>document.title="hacked"</script>\u202e{{7*7}} \${7*7}`

  test('of an administrator and a requester is shown as what it is, and does nothing', async () => {
    const ada = await api('ada')
    const former = bodyOf(await ada('GET', '/integrations/ContosoEntra'))
    const { version: _version, ...integration } = former
    await ada('PUT', '/integrations/ContosoEntra', { ...integration, customAccessDetails: details })
    const omar = await api('omar')
    const made = bodyOf(
      await omar('POST', '/requests', {
        ...sampleRequests.http.body,
        justification: why,
        duration: 'PT5M',
      }),
    )
    await eventually(
      async () => bodyOf(await omar('GET', `/requests/${made.id}`)),
      ({ status }) => status === 'active',
    )
    const other = await openAs('omar', `/requests/${made.id}`)
    const { page } = other
    const note = page.getByText('How to use it').locator('..')
    await note.waitFor()

    const links = await note.getByRole('link').all()
    expect(await Promise.all(links.map((link) => link.getAttribute('href')))).toEqual([
      'https://wiki.example/on-call',
    ])
    expect(await links[0]?.getAttribute('rel')).toBe('noopener noreferrer')
    await note.getByText('<img src=x').waitFor()
    await note.getByRole('img', { name: 'U+202E right-to-left override' }).waitFor()
    await page.getByText('<script>document.title="hacked"</script>').first().waitFor()
    expect(await page.title()).not.toContain('hacked')
    expect(other.complaints).toEqual([])
    await omar('POST', `/requests/${made.id}/revoke`, {})
    await ada('PUT', '/integrations/ContosoEntra', integration)
    await other.close()
  })
})

describe('a browser whose clock is wrong by a day', () => {
  test('still signs in and counts down by the clock of the service', async () => {
    const omar = await api('omar')
    const made = bodyOf(
      await omar('POST', '/requests', { ...sampleRequests.http.body, duration: 'PT10M' }),
    )
    const wrong = await openTab()
    await wrong.context.addInitScript(() => {
      const real = Date.now
      Date.now = () => real() + 86_400_000
    })
    await wrong.page.goto(`${portal}/requests/${made.id}`)
    await wrong.page.getByRole('link', { name: 'omar@contoso.example' }).click()

    await wrong.page
      .getByRole('timer')
      .getByText(/^9 min/)
      .waitFor()
    await omar('POST', `/requests/${made.id}/revoke`, {})
    await wrong.close()
  })
})
