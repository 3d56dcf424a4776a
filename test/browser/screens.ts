import { mkdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Page } from 'playwright-core'

const folder = join(dirname(dirname(import.meta.dirname)), 'artifacts/screens')

/** Keeps what a page looks like, for people to look at. */
export async function keepScreen(page: Page, name: string): Promise<void> {
  await mkdir(folder, { recursive: true })
  await page.evaluate(() => window.scrollTo(0, 0))
  // What lies behind a dialog ends with the window.
  const fullPage = (await page.getByRole('dialog').count()) === 0
  await page.screenshot({ path: join(folder, `${name}.png`), fullPage })
}

/** Themes as the browser announces them, or as somebody asks for them. */
export const looks = [
  ['light', { colorScheme: 'light' }],
  ['dark', { colorScheme: 'dark' }],
  ['forced-colors', { colorScheme: 'dark', forcedColors: 'active' }],
] as const

export const widths = [1280, 320] as const
