import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { bodyOf } from '../stack/start-local.ts'
import { api, openAs, type Tab } from './browser.ts'

/** Asks for the first thing of that name, the way a person does who knows what he wants. */
async function ask(page: Page, what: string, duration: string, why: string): Promise<void> {
  await page.getByRole('searchbox', { name: 'Search what you may ask for' }).fill(what)
  await page.getByRole('checkbox', { name: new RegExp(what) }).check()
  await page.getByRole('radio', { name: 'Other' }).check()
  await page.getByRole('textbox', { name: 'How long' }).fill(duration)
  await page.getByRole('textbox', { name: 'Justification' }).fill(why)
}

const send = (page: Page) => page.getByRole('button', { name: /^Send/ }).click()

let tab: Tab
let page: Page

beforeAll(async () => {
  tab = await openAs('mia', '/ask?q=readers')
  page = tab.page
})
afterAll(() => tab.close())

describe('a requester', () => {
  test('is brought back after signing in to the page that she wanted', async () => {
    await page.getByRole('heading', { level: 1, name: 'Ask for access' }).waitFor()

    expect(new URL(page.url()).searchParams.get('q')).toBe('readers')
    expect(await page.getByRole('searchbox').inputValue()).toBe('readers')
  })

  test('sees before sending that access comes at once, and why', async () => {
    await ask(page, 'Production Readers', '15 s', 'Errors in checkout')

    await page.getByText('comes at once').waitFor()
    await page.getByText('Why: the rules that were looked at').click()
    await page.getByText('Access flow oncall').waitFor()
  })

  test('gets access that counts down, and ends before her eyes without a reload', async () => {
    await send(page)

    const where = page.getByRole('region', { name: 'Where it stands' })
    await where.getByText('Active').waitFor({ timeout: 10_000 })
    await page.getByRole('timer').waitFor()
    await page.getByText('How to use it').waitFor()
    await page.getByText('Access is gone, and that is proven').waitFor({ timeout: 30_000 })
    await where.getByText(/its time was over/).waitFor()
  })

  test('asks for the same again with one press', async () => {
    await page.getByRole('link', { name: 'Ask again' }).click()

    await page.getByText('comes at once').waitFor()
    expect(await page.getByRole('textbox', { name: 'Justification' }).inputValue()).toBe(
      'Errors in checkout',
    )
    expect(await page.getByRole('textbox', { name: 'How long' }).inputValue()).toBe('15 seconds')
  })

  test('is told that a wish is too long, and takes what would work', async () => {
    await page.getByRole('textbox', { name: 'How long' }).fill('3 days')
    await page.getByText('would be refused').waitFor()
    await page.getByRole('button', { name: 'Ask for 8 hours instead' }).click()

    await page.getByText('comes at once').waitFor()
    await page.getByRole('radio', { name: '8 hours', checked: true }).waitFor()
  })

  test('extends what she holds, and gives it back', async () => {
    await page.getByRole('radio', { name: '15 minutes' }).check()
    await send(page)
    await page.getByRole('button', { name: 'Extend' }).click()
    await page.getByRole('dialog').getByRole('radio', { name: '1 hour' }).check()
    await page.getByRole('dialog').getByRole('button', { name: 'Extend' }).click()
    await page.getByRole('dialog').waitFor({ state: 'detached' })

    await page.getByRole('link', { name: 'My access', exact: true }).click()
    const held = page.getByRole('region', { name: 'Active now' })
    await held.getByText(/^(59 min|1 h) .*left$/).waitFor({ timeout: 10_000 })
    for (let left = 2; left > 0; left--) {
      await expect.poll(() => held.getByRole('button', { name: 'Give back' }).count()).toBe(left)
      await held.getByRole('button', { name: 'Give back' }).first().click()
      await page.getByRole('dialog').getByRole('button', { name: 'Give back' }).click()
      await page.getByRole('dialog').waitFor({ state: 'detached' })
    }
    await held.getByText('You hold no access for a while').waitFor({ timeout: 15_000 })
  })

  test('asks for several at once, sees with whom one waits, and cancels it', async () => {
    await page.getByRole('button', { name: 'Ask for access' }).click()
    await page.getByRole('checkbox', { name: /Production Readers/ }).check()
    await page.getByRole('checkbox', { name: /Production Writers/ }).check()
    await page.getByRole('textbox', { name: 'Justification' }).fill('Rollback of the release')
    await page.getByText('comes at once').waitFor()
    await page.getByText(/Asked first: Petra Novák/).waitFor()
    await send(page)
    await page.getByRole('heading', { name: 'Sent' }).waitFor()
    await page.getByRole('link', { name: 'Follow Production Writers' }).click()
    await page.getByText('Waits for').waitFor()
    await page.getByRole('button', { name: 'Cancel request' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Cancel request' }).click()

    await page
      .getByRole('region', { name: 'Where it stands' })
      .getByText(/^Cancelled/)
      .first()
      .waitFor()
  })

  test('sees within five seconds what was changed elsewhere', async () => {
    await page.getByRole('link', { name: 'My access', exact: true }).click()
    const held = page.getByRole('region', { name: 'Active now' })
    await held.getByRole('heading', { name: 'Production Readers' }).waitFor()
    const mia = await api('mia')
    const active = bodyOf(await mia('GET', '/requests?status=active')).items
    await mia('POST', `/requests/${active[0].id}/revoke`, {})

    await held.getByText('You hold no access for a while').waitFor({ timeout: 10_000 })
  })

  test('leaves no complaint in the console of the browser', () => {
    expect(tab.complaints).toEqual([])
  })
})

describe('from the start page to a sent request for a known group', () => {
  test('it takes at most six inputs', async () => {
    await page.goto(page.url().replace(/\/[^/]*$/, '/'))
    const inputs = [
      () => page.getByRole('button', { name: 'Ask for access' }).click(),
      () => page.getByRole('searchbox').fill('production r'),
      () => page.getByRole('searchbox').press('Enter'),
      () => page.getByRole('textbox', { name: 'Justification' }).fill('Pager'),
      () => send(page),
    ]
    for (const input of inputs) await input()
    await page.getByRole('heading', { name: 'Request for Production Readers' }).waitFor()

    expect(inputs.length).toBeLessThanOrEqual(6)
    await page.getByRole('button', { name: 'Give back' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Give back' }).click()
  })
})
