import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openAs, type Tab } from './browser.ts'

let tab: Tab
beforeAll(async () => {
  tab = await openAs('hana', '/')
})
afterAll(() => tab.close())

/** Presses Tab until what has the focus is named so; each press counts. */
async function tabTo(page: Page, name: string): Promise<number> {
  for (let presses = 1; presses < 40; presses++) {
    await page.keyboard.press('Tab')
    const focused = await page.evaluate(() => {
      const element = document.activeElement
      const labelled = element instanceof HTMLInputElement || element instanceof HTMLTextAreaElement
      const label = labelled ? element.labels?.[0]?.textContent : undefined
      return label ?? element?.getAttribute('aria-label') ?? element?.textContent ?? ''
    })
    if (focused.startsWith(name)) return presses
  }
  throw new Error(`Cannot reach ${name} by Tab`)
}

test('whoever has a keyboard only sends a request for a known group with few key presses', async () => {
  const { page } = tab
  await page.getByText('You hold no access').waitFor()
  let presses = await tabTo(page, 'Ask for access')
  await page.keyboard.press('Enter')
  await page.getByRole('searchbox').waitFor()
  presses += 1 + (await tabTo(page, 'Search what you may ask for'))
  await page.keyboard.type('production r')
  await page.keyboard.press('Enter')
  await page.getByRole('textbox', { name: 'Justification' }).waitFor()
  presses += 1 + (await tabTo(page, 'Justification'))
  await page.keyboard.type('Pager went off')
  await page.getByText('comes at once').waitFor()
  presses += await tabTo(page, 'Send request')
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: 'Request for Production Readers' }).waitFor()

  expect(presses + 1).toBeLessThanOrEqual(40)
})

test('a dialog takes the focus, keeps it, and gives it back', async () => {
  const { page } = tab
  await page.getByRole('button', { name: 'Give back' }).press('Enter')
  const dialog = page.getByRole('dialog')
  await dialog.waitFor()
  for (let presses = 0; presses < 5; presses++) {
    await page.keyboard.press('Tab')
    expect(await dialog.evaluate((element) => element.contains(document.activeElement))).toBe(true)
  }
  await page.keyboard.press('Escape')
  await dialog.waitFor({ state: 'detached' })

  await expect
    .poll(() => page.evaluate(() => document.activeElement?.textContent))
    .toBe('Give back')
})

test('the skip link leads past the navigation, and a new page has the focus on its heading', async () => {
  const { page } = tab
  await page.getByRole('link', { name: 'Help' }).press('Enter')
  await page.getByRole('heading', { level: 1, name: 'Help' }).waitFor()
  await expect.poll(() => page.evaluate(() => document.activeElement?.textContent)).toBe('Help')
  await page.getByRole('link', { name: 'Skip to the content' }).press('Enter')

  expect(await page.evaluate(() => document.activeElement?.id)).toBe('main')
})
