import { readFile } from 'node:fs/promises'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { sampleRequests } from '../../local/sample/sample-people.ts'
import { bodyOf, eventually } from '../stack/start-local.ts'
import { api, openAs, portal, type Tab } from './browser.ts'
import { faultsOf } from './faults.ts'

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

const pagesOf = async (shown: Page) =>
  shown.getByRole('navigation', { name: 'Pages' }).getByRole('link').allInnerTexts()

beforeAll(async () => {
  requestId = await ask('PT1S')
  auditor = await openAs('audrey', '/audit')
  page = auditor.page
})
afterAll(async () => {
  await auditor.close()
  // What still waits would stand in the queue of the next stories.
  const ada = await api('ada')
  for (const status of ['pending-approval', 'scheduled']) {
    for (const { id } of bodyOf(await ada('GET', `/requests?status=${status}`)).items) {
      expect((await ada('POST', `/requests/${id}/cancel`)).status).toBe(200)
    }
  }
})

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

describe('an administrator', () => {
  let admin: Tab
  let shown: Page
  const dialog = () => shown.getByRole('dialog')
  const grants = () => shown.getByRole('list', { name: 'Grants' }).getByRole('listitem')

  beforeAll(async () => {
    await ask('PT20M')
    await ask('PT30M')
    admin = await openAs('ada', '/manage/grants')
    shown = admin.page
  })
  afterAll(() => admin.close())

  test('ends one grant, with a reason', async () => {
    await expect.poll(() => grants().count(), { timeout: 10_000 }).toBe(2)
    await shown
      .getByRole('button', { name: /^End Production Readers/ })
      .first()
      .click()
    const end = dialog().getByRole('button', { name: 'End grant' })
    expect(await end.isDisabled()).toBe(true)
    await dialog().getByLabel('Reason').fill('Not on call')
    await end.click()
    await dialog().waitFor({ state: 'detached' })

    await expect.poll(() => grants().count(), { timeout: 15_000 }).toBe(1)
  })

  test('ends many only by typing their number, and again when it has become another', async () => {
    await shown.getByRole('button', { name: /^End all/ }).click()
    await dialog().getByText('1 grant', { exact: true }).waitFor()
    expect(await dialog().getByText('One person').count()).toBe(1)
    await ask('PT25M')
    await dialog().getByLabel('Reason').fill('Drill')
    const end = dialog().getByRole('button', { name: 'End all of them' })
    await dialog().getByLabel('Type 1 to confirm').fill('2')
    expect(await end.isDisabled()).toBe(true)
    await dialog().getByLabel('Type 1 to confirm').fill('1')
    await end.click()

    await dialog()
      .getByText(/2 grants match, not 1; nothing was ended/)
      .waitFor()
    const typed = dialog().getByLabel('Type 2 to confirm')
    expect(await typed.inputValue()).toBe('')
    expect(await end.isDisabled()).toBe(true)
    expect(await faultsOf(shown, 'grants-mass-end')).toEqual([])
    await typed.fill('2')
    await end.click()
    await dialog().waitFor({ state: 'detached' })
    await shown.getByText('The mass end is done').waitFor({ timeout: 20_000 })
    await shown.getByText('2 of 2 have ended, each with its proof.').waitFor()
    await shown.getByText('Nobody holds anything').waitFor()
  })

  test('stops new grants knowing how many wait, and allows them again', async () => {
    const held = await ask('PT40M')
    const omar = await api('omar')
    const writers = bodyOf(await omar('GET', '/catalog?q=writers')).items[0].resource
    const { type, id } = writers
    const body = { resource: { type, id }, duration: 'PT30M', justification: 'A fix of the data' }
    expect((await omar('POST', '/requests', body)).status).toBe(202)
    await shown.getByRole('button', { name: 'Stop new grants' }).click()
    await dialog().getByText('1 waiting for approval').waitFor()
    await dialog().getByText('0 scheduled').waitFor()
    await dialog().getByText('Nothing that is active ends by it.').waitFor()
    await dialog().getByLabel('Reason').fill('Drill of the emergency')
    await dialog().getByRole('button', { name: 'Stop them' }).click()
    await shown.getByText('It is on: nothing new is granted.').waitFor()

    const again = { ...sampleRequests.http.body, justification: 'Looking at the logs' }
    expect((await omar('POST', '/requests', again)).status).toBeGreaterThanOrEqual(400)
    expect(bodyOf(await omar('GET', `/requests/${held}`)).status).toBe('active')
    await shown.getByRole('link', { name: 'Grants', exact: true }).click()
    await expect.poll(() => grants().count(), { timeout: 10_000 }).toBe(1)
    expect(await faultsOf(shown, 'grants')).toEqual([])
    await shown.getByRole('button', { name: 'Allow new grants again' }).click()
    await dialog().getByLabel('Reason').fill('The drill is over')
    await dialog().getByRole('button', { name: 'Allow them' }).click()
    await shown.getByText('It is off').waitFor()
    expect(admin.complaints).toEqual([])
  })
})

describe('the pages of integrations', () => {
  let admin: Tab
  let shown: Page
  beforeAll(async () => {
    admin = await openAs('ada', '/manage/integrations')
    shown = admin.page
    await admin.context.grantPermissions(['clipboard-read', 'clipboard-write'])
  })
  afterAll(() => admin.close())

  test('lead to one with its fields and its code, which can be copied', async () => {
    await shown.getByRole('heading', { level: 1, name: 'Integrations' }).waitFor()
    expect(await faultsOf(shown, 'integrations')).toEqual([])
    await shown.getByRole('link', { name: 'ContosoEntra', exact: true }).click()
    await shown.getByText('resourceTypes').first().waitFor()
    for (const [label, sign] of [
      ['Terraform', /ContosoEntra/],
      ['Bicep', /'ContosoEntra'/],
      ['YAML', /"ContosoEntra"/],
    ] as const) {
      await shown.getByRole('radio', { name: label }).check()
      await shown.locator(`[data-code="${label.toLowerCase()}"]`).getByText(sign).waitFor()
    }
    await shown.getByRole('button', { name: 'Copy' }).click()
    const copied = await shown.evaluate(() => navigator.clipboard.readText())
    const ada = await api('ada')
    expect(new URL(shown.url()).searchParams.get('code')).toBe('yaml')
    expect(copied).toContain('"ContosoEntra"')
    expect((await ada('GET', '/integrations/ContosoEntra/code?format=yaml')).status).toBe(200)
  })

  test('say what the connector can do, and discover anew', async () => {
    await shown.getByRole('button', { name: 'Test', exact: true }).click()
    await shown.getByText(/The connector default gets a token/).waitFor()
    await shown.getByRole('button', { name: 'Discover now' }).click()
    await shown.getByText(/It is finished\..* resources found/).waitFor({ timeout: 30_000 })
    await expect
      .poll(() => shown.getByRole('button', { name: 'Discover now' }).isEnabled(), {
        timeout: 30_000,
      })
      .toBe(true)
    expect(await faultsOf(shown, 'integration')).toEqual([])
  })

  test('show what was discovered, with the reason where it cannot be managed', async () => {
    await shown.getByRole('link', { name: 'Resources', exact: true }).click()
    await shown.getByText('Can be managed', { exact: true }).first().waitFor()
    await shown.getByText('Cannot be managed', { exact: true }).first().waitFor()
    expect(await faultsOf(shown, 'resources')).toEqual([])
    await shown.getByLabel('Name, description or id').fill('Production Readers')
    await shown.getByRole('button', { name: 'Apply' }).click()
    const list = shown.getByRole('list', { name: 'Resources' })
    await expect.poll(() => list.getByRole('listitem').count(), { timeout: 10_000 }).toBe(1)
    expect(admin.complaints).toEqual([])
  })
})

describe('an auditor among the grants', () => {
  test('sees them and ends none, which the API refuses as well', async () => {
    await page.getByRole('link', { name: 'Grants', exact: true }).click()
    await page.getByRole('list', { name: 'Grants' }).getByRole('listitem').first().waitFor()
    expect(await page.getByRole('button', { name: /^(End|Stop|Allow)/ }).count()).toBe(0)

    const audrey = await api('audrey')
    for (const [method, path, body] of changesOfPages) {
      expect([path, (await audrey(method, path, body)).status]).toEqual([path, 403])
    }
  })
})

describe('somebody who is neither auditor nor administrator', () => {
  test('finds none of these pages, and the API refuses what they would show', async () => {
    const { page: shown, close } = await openAs('mia', '/')
    await shown.getByRole('heading', { level: 1, name: 'My access' }).waitFor()
    expect(await pagesOf(shown)).toEqual(['My access', 'Ask for access', 'Approvals', 'Help'])
    await shown.goto(`${portal}/audit`)
    await shown.getByText(/no such page/).waitFor()
    await close()

    const mia = await api('mia')
    for (const [method, path, body] of [...callsOfPages, ...changesOfPages]) {
      expect([path, (await mia(method, path, body)).status]).toEqual([path, 403])
    }
  })
})

/** What the pages of auditors and administrators call. */
const callsOfPages: readonly (readonly [method: string, path: string, body?: object])[] = [
  ['GET', '/audit'],
  ['GET', '/audit/verify'],
  ['GET', '/grants/revoke/none'],
  ['GET', '/emergency-stop'],
  ['GET', '/integrations'],
  ['GET', '/integrations/ContosoEntra/code'],
  ['GET', '/integrations/ContosoEntra/discover'],
  ['GET', '/resources'],
]

/** What they change, which is for administrators alone. */
const changesOfPages: readonly (readonly [method: string, path: string, body?: object])[] = [
  ['POST', '/grants/revoke', { filter: { all: true }, reason: 'Mine', expectedCount: 0 }],
  ['PUT', '/emergency-stop', { active: true, reason: 'Mine' }],
  ['POST', '/integrations/ContosoEntra/test'],
  ['POST', '/integrations/ContosoEntra/discover'],
]
