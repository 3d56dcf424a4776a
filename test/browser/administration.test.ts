import { readFile } from 'node:fs/promises'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { sampleRequests } from '../../local/sample/sample-people.ts'
import { bodyOf, eventually } from '../stack/start-local.ts'
import { violationsOf } from './axe.ts'
import { api, openAs, portal, type Tab } from './browser.ts'
import { keepScreen, looks, widths } from './screens.ts'

let auditor: Tab
let page: Page
let requestId = ''

/** A request of Omar, which comes at once. */
async function ask(duration: string): Promise<string> {
  const omar = await api('omar')
  const body = { ...sampleRequests.http.body, duration, justification: 'Looking at the logs' }
  const { id } = bodyOf(await omar('POST', '/requests', body))
  await eventually(
    async () => bodyOf(await omar('GET', `/requests/${id}`)).status,
    (status) => status === 'active' || status === 'ended',
  )
  return id
}

/** axe and sideways scrolling, in every look and width; keeps what it looked like. */
async function faultsOf(shown: Page, name: string): Promise<readonly string[]> {
  const found: string[] = []
  for (const width of widths) {
    await shown.setViewportSize({ width, height: 900 })
    for (const [look, media] of looks) {
      await shown.emulateMedia({ forcedColors: 'none', ...media })
      await shown.waitForTimeout(50)
      const violations = await violationsOf(shown)
      found.push(...violations.map((line) => `${look}, ${width}: ${line}`))
      await keepScreen(shown, `${name}-${look}-${width}`)
    }
    await shown.emulateMedia({ colorScheme: 'light', forcedColors: 'none' })
    const wide = await shown.evaluate(() => document.scrollingElement?.scrollWidth ?? 0)
    if (wide > width) found.push(`scrolls sideways at ${width}: ${wide}`)
  }
  await shown.setViewportSize({ width: 1280, height: 900 })
  return found
}

const pagesOf = async (shown: Page) =>
  shown.getByRole('navigation', { name: 'Pages' }).getByRole('link').allInnerTexts()

beforeAll(async () => {
  requestId = await ask('PT1S')
  auditor = await openAs('audrey', '/audit')
  page = auditor.page
})
afterAll(() => auditor.close())

describe('an auditor', () => {
  test('sees what happened, newest first, with a way to the request', async () => {
    const events = page.getByRole('list', { name: 'Events, newest first' })
    await events.getByText('A grant is active: Production Readers').first().waitFor()

    await page.getByLabel('Request (id)').fill(requestId)
    await page.getByRole('button', { name: 'Apply' }).click()
    await page.waitForURL(`**/audit?request=${requestId}`)
    await events.getByText('Access was asked for: Production Readers').waitFor()
    const times = await events
      .locator('time')
      .evaluateAll((all) => all.map((each) => each.getAttribute('datetime')))
    expect(times).toEqual(times.toSorted().reverse())
    await events
      .getByRole('link', { name: /^Request of the event/ })
      .first()
      .click()
    await page.waitForURL(`**/requests/${requestId}`)
  })

  test('comes back to what was filtered, and takes a filter back', async () => {
    await page.goBack()
    await page.getByText('Access was asked for: Production Readers').waitFor()

    await page.reload()
    await page.getByText('Access was asked for: Production Readers').waitFor()
    expect(await page.getByLabel('Request (id)').inputValue()).toBe(requestId)
    await page.getByLabel('Event', { exact: true }).selectOption('grant.overdue')
    await page.getByRole('button', { name: 'Apply' }).click()
    await page.getByText('No event matches').waitFor()
    await page.goBack()
    await page.getByText('Access was asked for: Production Readers').waitFor()
  })

  test.each([
    ['NDJSON', 'audit.ndjson', /^\{"/],
    ['CSV', 'audit.csv', /^\ufeffat,event,/],
  ])('exports what is filtered as %s', async (form, name, beginning) => {
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: `Export ${form}` }).click(),
    ])

    const text = await readFile(await download.path(), 'utf8')
    expect(download.suggestedFilename()).toBe(name)
    expect(text).toMatch(beginning)
    expect(text).toContain('grant.active')
    expect(text).toContain(requestId)
    expect(text).not.toContain('integration.changed')
  })

  test('is told in words whether the log is what it was', async () => {
    await page.getByRole('button', { name: 'Verify' }).click()

    await page.getByText('The audit log is intact').first().waitFor({ timeout: 30_000 })
    await page.getByText(/events in .* streams? and .* checkpoints? were looked at/).waitFor()
  })

  test('finds the page of the log without a fault', async () => {
    await page.getByText('The whole event').first().click()

    expect(await faultsOf(page, 'audit')).toEqual([])
    expect(auditor.complaints).toEqual([])
  })
})

describe('somebody who is neither auditor nor administrator', () => {
  test('finds none of these pages, and the API refuses what they would show', async () => {
    const { page: shown, close } = await openAs('mia', '/')
    await shown.getByRole('heading', { level: 1, name: 'My access' }).waitFor()
    expect(await pagesOf(shown)).toEqual(['My access', 'Ask for access', 'Help'])
    await shown.goto(`${portal}/audit`)
    await shown.getByText(/no such page/).waitFor()
    await close()

    const mia = await api('mia')
    for (const [method, path, body] of callsOfPages) {
      expect([path, (await mia(method, path, body)).status]).toEqual([path, 403])
    }
  })
})

/** What the pages of auditors and administrators call. */
const callsOfPages: readonly (readonly [method: string, path: string, body?: object])[] = [
  ['GET', '/audit'],
  ['GET', '/audit/verify'],
]
