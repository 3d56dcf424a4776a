import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { sampleRequests } from '../../local/sample/sample-people.ts'
import { bodyOf, eventually } from '../stack/start-local.ts'
import { violationsOf } from './axe.ts'
import { api, openAs, type Tab } from './browser.ts'
import { keepScreen, looks, widths } from './screens.ts'

/** A person with everything there is to see, and one with nothing. */
let full: Tab
let empty: Tab
/** Who may decide what the first one waits for. */
let approver: Tab
let requestId = ''
let pendingId = ''

beforeAll(async () => {
  const omar = await api('omar')
  const ask = async (body: object) => bodyOf(await omar('POST', '/requests', body))
  const http = { ...sampleRequests.http.body, justification: 'Latency since the last release' }
  await ask({ ...http, duration: 'PT2S' })
  const long = await ask({ ...http, duration: 'PT2H' })
  requestId = long.id
  const writers = bodyOf(await omar('GET', '/catalog?q=writers')).items[0].resource
  const { type, id } = writers
  const wish = { resource: { type, id }, duration: 'PT30M', justification: 'A fix of the data' }
  const denied = await ask(wish)
  const petra = await api('petra')
  await petra('POST', `/requests/${denied.id}/deny`, { reason: 'Take the copy of the data' })
  pendingId = (await ask(wish)).id
  await eventually(
    async () => bodyOf(await omar('GET', '/requests')).items,
    (items) => items.some(({ status }: { status: string }) => status === 'ended'),
  )
  full = await openAs('omar', '/')
  empty = await openAs('uma', '/')
  approver = await openAs('petra', '/approvals')
})
afterAll(async () => {
  await full.close()
  await empty.close()
  await approver.close()
})

interface Scene {
  readonly name: string
  readonly tab: () => Tab
  readonly path: () => string
  /** What is there when the page has come. */
  readonly sign: string | RegExp
  readonly prepare?: (page: Page) => Promise<void>
}

const scenes: readonly Scene[] = [
  { name: 'my-access', tab: () => full, path: () => '/', sign: 'History' },
  {
    name: 'my-access-give-back',
    tab: () => full,
    path: () => '/',
    sign: 'History',
    prepare: async (page) => {
      await page.getByRole('button', { name: 'Give back' }).first().click()
      await page.getByRole('dialog').waitFor()
    },
  },
  {
    name: 'my-access-extend',
    tab: () => full,
    path: () => '/',
    sign: 'History',
    prepare: async (page) => {
      await page.getByRole('button', { name: 'Extend' }).first().click()
      await page.getByRole('dialog').waitFor()
    },
  },
  { name: 'my-access-empty', tab: () => empty, path: () => '/', sign: /You hold no access/ },
  { name: 'ask', tab: () => full, path: () => '/ask', sign: /in all/ },
  {
    name: 'ask-picked',
    tab: () => full,
    path: () => '/ask',
    sign: /in all/,
    prepare: async (page) => {
      for (const box of await page.getByRole('checkbox').all()) await box.check()
      await page.getByRole('textbox', { name: 'Justification' }).fill('A fix of the data')
      await page.getByText('Asked first').waitFor()
      await page.getByText('comes at once').waitFor()
      for (const why of await page.getByText('Why: the rules').all()) await why.click()
      await page.getByText('More choices').click()
    },
  },
  {
    name: 'ask-refused',
    tab: () => full,
    path: () => '/ask?q=readers',
    sign: /found/,
    prepare: async (page) => {
      await page.getByRole('checkbox').check()
      await page.getByRole('radio', { name: 'Other' }).check()
      await page.getByRole('textbox', { name: 'How long' }).fill('3 days')
      await page.getByText('would be refused').waitFor()
    },
  },
  {
    name: 'ask-none',
    tab: () => full,
    path: () => '/ask?q=nothing-like-it',
    sign: /Nothing of that/,
  },
  {
    name: 'request',
    tab: () => full,
    path: () => `/requests/${requestId}`,
    sign: 'Access is there',
  },
  { name: 'approvals', tab: () => approver, path: () => '/approvals', sign: 'Holds already' },
  {
    name: 'approvals-approve',
    tab: () => approver,
    path: () => '/approvals',
    sign: 'Holds already',
    prepare: (page) => decideFirst(page, 'Approve'),
  },
  {
    name: 'approvals-deny',
    tab: () => approver,
    path: () => '/approvals',
    sign: 'Holds already',
    prepare: (page) => decideFirst(page, 'Deny'),
  },
  {
    name: 'approvals-decided',
    tab: () => approver,
    path: () => '/approvals?decided=mine',
    sign: 'You denied it',
  },
  {
    name: 'approvals-empty',
    tab: () => empty,
    path: () => '/approvals',
    sign: 'Nothing waits for you',
  },
  {
    name: 'approvals-decided-none',
    tab: () => empty,
    path: () => '/approvals?decided=mine',
    sign: 'You have decided nothing yet',
  },
  {
    name: 'request-to-decide',
    tab: () => approver,
    path: () => `/requests/${pendingId}`,
    sign: 'Your decision',
  },
  {
    name: 'request-waiting',
    tab: () => full,
    path: () => `/requests/${pendingId}`,
    sign: 'Remind the approvers',
  },
  { name: 'request-none', tab: () => full, path: () => '/requests/none', sign: /Not found/ },
  { name: 'help', tab: () => full, path: () => '/help', sign: 'Holding and giving back' },
  { name: 'not-found', tab: () => full, path: () => '/nowhere', sign: /no such page/ },
  { name: 'signed-out', tab: () => full, path: () => '/signed-out', sign: 'You are signed out' },
]

async function decideFirst(page: Page, word: 'Approve' | 'Deny'): Promise<void> {
  await page.getByRole('button', { name: word }).first().click()
  await page.getByRole('dialog').waitFor()
}

describe.each(scenes)('the page $name', ({ name, tab, path, sign, prepare }) => {
  test('comes with its heading and no sideways scrolling, and axe finds nothing', async () => {
    const { page } = tab()
    const found: string[] = []
    for (const width of widths) {
      await page.setViewportSize({ width, height: 900 })
      await page.goto(new URL(path(), page.url()).href)
      await page.getByText(sign).first().waitFor()
      await prepare?.(page)
      expect(await page.getByRole('heading', { level: 1 }).count()).toBeLessThanOrEqual(1)
      for (const [look, media] of looks) {
        await page.emulateMedia({ forcedColors: 'none', ...media })
        await page.waitForTimeout(50)
        const violations = await violationsOf(page)
        found.push(...violations.map((line) => `${look}, ${width}: ${line}`))
        await keepScreen(page, `${name}-${look}-${width}`)
      }
      await page.emulateMedia({ colorScheme: 'light', forcedColors: 'none' })
      const scrolls = await page.evaluate(
        () => (document.scrollingElement?.scrollWidth ?? 0) - window.innerWidth,
      )
      expect(scrolls, `scrolls sideways at ${width}`).toBeLessThanOrEqual(0)
    }
    expect(found).toEqual([])
  })
})

describe('a page at 200 % zoom', () => {
  test.each(['/', '/ask', '/help'])('has nothing cut off at %s', async (path) => {
    const { page } = full
    await page.setViewportSize({ width: 640, height: 400 })
    await page.goto(new URL(path, page.url()).href)
    await page.getByRole('banner').waitFor()

    const width = await page.evaluate(() => document.scrollingElement?.scrollWidth ?? 0)
    expect(width).toBeLessThanOrEqual(640)
  })
})

test('a chosen theme is kept, and nothing is painted in another one first', async () => {
  const { page } = empty
  await page.setViewportSize({ width: 1280, height: 900 })
  await page.goto(new URL('/', page.url()).href)
  await page.getByRole('button', { name: /Uma Krishnan/ }).click()
  await page.getByRole('menuitemradio', { name: 'Dark' }).click()
  await page.reload()
  await page.getByText(/You hold no access/).waitFor()

  const shown = await page.evaluate(() => document.documentElement.dataset['theme'])
  expect(shown).toBe('dark')
  await page.evaluate(() => localStorage.clear())
})
