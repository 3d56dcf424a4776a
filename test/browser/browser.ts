import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core'
import { afterAll, inject } from 'vitest'
import { apiAs, type CallApi } from '../../local/stack/api-client.ts'

const ready = inject('ready')

/** Where the page is. */
export const portal = ready.addresses.functions.replace('127.0.0.1', 'localhost')

let browser: Promise<Browser> | undefined

function launch(): Promise<Browser> {
  browser ??= chromium.launch({
    executablePath: process.env['CHROMIUM_PATH'] ?? '',
    args: [
      '--disable-gpu',
      '--disable-dev-shm-usage',
      // Only root needs it, and only root gets it.
      ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
    ],
  })
  return browser
}

afterAll(async () => {
  await (await browser)?.close()
  browser = undefined
})

type ContextOptions = Parameters<Browser['newContext']>[0]

/** A tab in a browser of its own, with everything that went wrong in it. */
export interface Tab {
  readonly page: Page
  readonly context: BrowserContext
  /** What the console complained about, refused calls of the API aside. */
  readonly complaints: string[]
  close(): Promise<void>
}

export async function openTab(options: ContextOptions = {}): Promise<Tab> {
  const context = await (await launch()).newContext({
    timezoneId: 'Europe/Lisbon',
    locale: 'en-GB',
    viewport: { width: 1280, height: 900 },
    reducedMotion: 'reduce',
    ...options,
  })
  const page = await context.newPage()
  const complaints: string[] = []
  page.on('console', (message) => {
    const text = message.text()
    if (['error', 'warning'].includes(message.type()) && !/status of (4|5)\d\d/.test(text)) {
      complaints.push(text)
    }
  })
  page.on('pageerror', (error) => complaints.push(error.message))
  return { page, context, complaints, close: () => context.close() }
}

/** Opens a page as one of the sample people, by the authority's own page of names. */
export async function openAs(
  who: string,
  path: string,
  options: ContextOptions = {},
): Promise<Tab> {
  const tab = await openTab(options)
  await tab.page.goto(portal + path)
  await tab.page.getByRole('link', { name: `${who}@contoso.example` }).click()
  await tab.page.getByRole('navigation').waitFor({ state: 'attached' })
  return tab
}

/** One of the sample people at the API itself. */
export const api = (who: string): Promise<CallApi> => apiAs(ready, `${who}@contoso.example`)
