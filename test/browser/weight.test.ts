import { gzipSync } from 'node:zlib'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { sampleRequests } from '../../local/sample/sample-people.ts'
import { bodyOf } from '../stack/start-local.ts'
import { api, openAs, portal, type Tab } from './browser.ts'

const kilobyte = 1024
const firstLoad = 260 * kilobyte
const lazyRoute = 60 * kilobyte

/** Addresses of the scripts that the page has asked for. */
const scripts = new Set<string>()
let tab: Tab
let requestId = ''

beforeAll(async () => {
  const gustav = await api('gustav')
  const body = { ...sampleRequests.http.body, duration: 'PT10M' }
  requestId = bodyOf(await gustav('POST', '/requests', body)).id
  tab = await openAs('gustav', '/help')
  tab.page.on('request', (request) => {
    if (request.resourceType() === 'script') scripts.add(request.url())
  })
  await tab.context.addInitScript(() => {
    const shifts: number[] = []
    Object.assign(window, { shifts })
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) {
        if ('value' in entry && 'hadRecentInput' in entry && entry.hadRecentInput === false) {
          shifts.push(Number(entry.value))
        }
      }
    }).observe({ type: 'layout-shift', buffered: true })
  })
})
afterAll(async () => {
  await (await api('gustav'))('POST', `/requests/${requestId}/revoke`, {})
  await tab.close()
})

async function weightOf(page: Page, path: string, heading: string | RegExp): Promise<number> {
  scripts.clear()
  await page.goto(portal + path)
  await page.getByRole('heading', { level: 1, name: heading }).waitFor()
  await page.waitForLoadState('networkidle')
  const weights = await Promise.all([...scripts].map(compressed))
  return weights.reduce((sum, bytes) => sum + bytes, 0)
}

async function compressed(address: string): Promise<number> {
  const script = await (await fetch(address)).arrayBuffer()
  return gzipSync(script, { level: 9 }).byteLength
}

const shiftsOf = (page: Page) =>
  page.evaluate(() => {
    const shifts: unknown = Reflect.get(window, 'shifts')
    return Array.isArray(shifts) ? shifts.reduce((sum, shift) => sum + Number(shift), 0) : 0
  })

describe('the weight of the page', () => {
  test('at first is at most 260 kB of compressed script, and of each other page 60 kB more', async () => {
    const first = await weightOf(tab.page, '/', 'My access')
    expect(first).toBeGreaterThan(50 * kilobyte)
    expect(first).toBeLessThanOrEqual(firstLoad)
    const shared = await weightOf(tab.page, '/help', 'Help')
    for (const [path, heading] of [
      ['/ask', 'Ask for access'],
      [`/requests/${requestId}`, /^Request for/],
    ] as const) {
      const whole = await weightOf(tab.page, path, heading)
      expect(whole - shared, path).toBeLessThanOrEqual(lazyRoute)
      expect(whole, path).toBeLessThanOrEqual(firstLoad + lazyRoute)
    }
  })
})

describe('nothing moves while a page comes', () => {
  test.each(['/', '/ask', '/help'])('at %s', async (path) => {
    await tab.page.goto(portal + path)
    await tab.page.getByRole('banner').waitFor()
    await tab.page.waitForLoadState('networkidle')
    await tab.page.waitForTimeout(2_000)

    expect(await shiftsOf(tab.page)).toBeLessThanOrEqual(0.02)
  })
})
