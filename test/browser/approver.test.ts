import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { bodyOf, eventually } from '../stack/start-local.ts'
import { violationsOf } from './axe.ts'
import { api, openAs, type Tab } from './browser.ts'

let writers: { readonly type: string; readonly id: string }
/** Owns the group; opens the portal where what waits for her is. */
let owner: Tab
let page: Page

beforeAll(async () => {
  const mia = await api('mia')
  const { type, id } = bodyOf(await mia('GET', '/catalog?q=writers')).items[0].resource
  writers = { type, id }
  owner = await openAs('petra', '/approvals')
  page = owner.page
})
afterAll(() => owner.close())

/** Asks for Production Writers, which waits for its owner. */
async function askAs(who: string, justification: string): Promise<string> {
  const call = await api(who)
  const body = { resource: writers, duration: 'PT30M', justification }
  const made = bodyOf(await call('POST', '/requests', body))
  expect(made.status).toBe('pending-approval')
  return made.id
}

const read = async (who: string, id: string) =>
  bodyOf(await (await api(who))('GET', `/requests/${id}`))

const cardOf = (why: string) => page.getByRole('listitem').filter({ hasText: why })

describe('an approver', () => {
  let id = ''

  test('is told that nothing waits, and sees what comes without a reload', async () => {
    await page.getByText('Nothing waits for you').waitFor()
    id = await askAs('mia', 'Rollback of the release')
    const card = cardOf('Rollback of the release')
    await card.waitFor({ timeout: 10_000 })

    for (const words of [
      'Mia Tanaka, asked',
      'becomes a member of the group Production Writers for 30 minutes: if approved now, until',
      'Nothing for a while.',
      'Lapses',
    ]) {
      await card.getByText(words).first().waitFor()
    }
    await expect.poll(() => page.title()).toContain('(1) Approvals')
  })

  test('approves for a shorter time, and the access ends after that time', async () => {
    await cardOf('Rollback of the release')
      .getByRole('button', { name: /^Approve/ })
      .click()
    const dialog = page.getByRole('dialog')
    await dialog.getByRole('radio', { name: 'Other' }).check()
    await dialog.getByRole('textbox', { name: 'How long' }).fill('31 min')
    expect(await dialog.getByRole('button', { name: 'Approve' }).isDisabled()).toBe(true)
    await dialog.getByRole('textbox', { name: 'How long' }).fill('15 s')
    await dialog.getByText('for 15 seconds: if approved now, until').waitFor()
    await dialog.getByRole('button', { name: 'Approve' }).click()
    await page.getByText('Nothing waits for you').waitFor()

    const held = await eventually(
      () => read('mia', id),
      ({ status }) => status === 'active',
    )
    expect(Date.parse(held.endsAt) - Date.parse(held.grantedAt)).toBeLessThanOrEqual(15_000)
    await page.getByRole('tab', { name: 'Decided by me' }).click()
    await page.getByText('You approved it for 15 seconds').waitFor()
    expect(new URL(page.url()).search).toBe('?decided=mine')
    await page.getByRole('link', { name: 'Production Writers' }).click()
    await page.getByText('Access is gone, and that is proven').waitFor({ timeout: 40_000 })
  })

  test('finds what she has decided under its own address', async () => {
    await page.goBack()

    await page.getByRole('tab', { name: 'Decided by me', selected: true }).waitFor()
    await page.getByText('You approved it for 15 seconds').waitFor()
  })

  test('is led to the one request by a link, which decides nothing, and denies with a reason', async () => {
    id = await askAs('mia', 'Curious about the tables')
    await page.goto(new URL(`/requests/${id}`, page.url()).href)
    await page.getByRole('region', { name: 'Your decision' }).waitFor()
    expect((await read('mia', id)).status).toBe('pending-approval')
    await page.getByRole('button', { name: /^Deny/ }).click()
    const dialog = page.getByRole('dialog')
    expect(await dialog.getByRole('button', { name: 'Deny' }).isDisabled()).toBe(true)
    await dialog.getByRole('textbox', { name: 'Reason' }).fill('Use the copy of the <b>data</b>')
    await dialog.getByRole('button', { name: 'Deny' }).click()
    await dialog.waitFor({ state: 'detached' })

    await page.getByText('Use the copy of the <b>data</b>').first().waitFor()
    expect((await read('mia', id)).status).toBe('denied')
    expect(await page.getByRole('region', { name: 'Your decision' }).count()).toBe(0)
  })

  test('is told what has changed where somebody was faster, and nothing is decided', async () => {
    id = await askAs('mia', 'A fix of the data')
    await page.goto(new URL('/approvals', page.url()).href)
    await cardOf('A fix of the data')
      .getByRole('button', { name: /^Approve/ })
      .click()
    await (await api('mia'))('POST', `/requests/${id}/cancel`, {})
    const dialog = page.getByRole('dialog')
    await dialog.getByRole('button', { name: 'Approve' }).click()

    await dialog.getByText('It is cancelled by now.').waitFor()
    expect(await dialog.getByRole('button', { name: 'Approve' }).isDisabled()).toBe(true)
    await dialog.getByRole('button', { name: 'Not now' }).click()
    expect((await read('mia', id)).status).toBe('cancelled')
  })

  test('approves with the keyboard alone, and goes on from the heading', async () => {
    id = await askAs('mia', 'With no mouse')
    await page.goto(new URL('/approvals', page.url()).href)
    await cardOf('With no mouse').waitFor()
    await tabTo(page, 'Approve')
    await page.keyboard.press('Enter')
    await page.getByRole('dialog').waitFor()
    await tabTo(page, 'Approve')
    await page.keyboard.press('Enter')
    await page.getByText('Nothing waits for you').waitFor()

    await expect
      .poll(() => page.evaluate(() => document.activeElement?.textContent))
      .toBe('Approvals')
    await eventually(
      () => read('mia', id),
      ({ status }) => status === 'active',
    )
    await (await api('mia'))('POST', `/requests/${id}/revoke`, {})
  })

  test('sees that her queue is being read, and what to do where it cannot be', async () => {
    await page.route('**/api/approvals', async (route) => {
      await page.locator('[aria-busy="true"]').waitFor()
      await route.fulfill({ status: 503, json: { title: 'Busy', detail: 'Storage is away.' } })
    })
    await page.goto(new URL('/approvals', page.url()).href)
    await page.getByRole('alert').getByText('Storage is away.').waitFor({ timeout: 20_000 })
    expect(await violationsOf(page)).toEqual([])
    await page.unrouteAll({ behavior: 'ignoreErrors' })
    await page.getByRole('button', { name: 'Try again' }).click()

    await page.getByText('Nothing waits for you').waitFor()
  })

  test('leaves no complaint in the console of the browser', () => {
    expect(owner.complaints).toEqual([])
  })
})

describe('whoever may not decide', () => {
  test.each([
    ['who asked', 'mia', 403],
    ['a stranger', 'kofi', 404],
  ])('has no button, and the API refuses %s', async (_what, who, status) => {
    const id = await askAs('mia', 'Not for everybody')
    const tab = await openAs(who, `/requests/${id}`)
    await tab.page
      .getByText(/Not found|What happened/)
      .first()
      .waitFor()
    await tab.page.waitForLoadState('networkidle')

    expect(await tab.page.getByRole('button', { name: /^(Approve|Deny)/ }).count()).toBe(0)
    await tab.close()
    const call = await api(who)
    for (const word of ['approve', 'deny']) {
      expect((await call('POST', `/requests/${id}/${word}`, {})).status).toBe(status)
    }
    await (await api('mia'))('POST', `/requests/${id}/cancel`, {})
  })
})

describe('a requester whose request waits', () => {
  test('reminds the approvers, and is told in words that once an hour is enough', async () => {
    const id = await askAs('mia', 'It is urgent')
    const tab = await openAs('mia', `/requests/${id}`)
    const remind = tab.page.getByRole('button', { name: /^Remind the approvers/ })
    await remind.click()
    await tab.page.getByText(/^Reminded just now/).waitFor()
    await remind.click()

    await tab.page.getByText('They are reminded already').waitFor()
    await tab.page.getByText(/It can be tried again in (1 hour|59 minutes)/).waitFor()
    await tab.close()
    await (await api('mia'))('POST', `/requests/${id}/cancel`, {})
  })
})

/** Presses Tab until what has the focus is named so. */
async function tabTo(on: Page, name: string): Promise<void> {
  for (let presses = 1; presses < 40; presses++) {
    await on.keyboard.press('Tab')
    const focused = await on.evaluate(() => document.activeElement?.textContent ?? '')
    if (focused.startsWith(name) && focused !== 'Approvals') return
  }
  throw new Error(`Cannot reach ${name} by Tab`)
}
