import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { flow, integration } from '../operations/broker-in-memory.ts'
import { type Api, pointersOf, startApi } from './start-api.ts'

let api: Api

beforeAll(async () => {
  api = await startApi()
})
afterAll(() => api.stop())

const post = (more: object) =>
  api.call('mia', 'POST', '/requests', {
    body: { resource: { type: 'group', id: api.newGroup() }, duration: 'PT1H', ...more },
  })

/** Every text that somebody may write, sent and read back where it is shown. */
const fields: Readonly<Record<string, { most: number; keep(text: string): Promise<Kept> }>> = {
  justification: { most: 2_000, keep: (text) => keepInRequest('justification', text) },
  ticket: { most: 100, keep: (text) => keepInRequest('ticket', text) },
  'reason of a revocation': { most: 2_000, keep: keepReason },
  'reason of the emergency stop': { most: 2_000, keep: keepStopReason },
  'description of a flow': {
    most: 1_000,
    keep: (text) =>
      keepInDocument('access-flows/noted', 'description', text, flow({ name: 'noted' })),
  },
  'label of a flow': {
    most: 100,
    keep: (text) => keepInDocument('access-flows/noted', 'labels', [text], flow({ name: 'noted' })),
  },
  'access details': {
    most: 400,
    keep: (text) =>
      keepInDocument('integrations/ContosoEntra', 'customAccessDetails', text, integration),
  },
}

interface Kept {
  readonly status: number
  readonly pointers: readonly string[] | undefined
  readonly text: string | undefined
}

async function keepInRequest(name: string, text: string): Promise<Kept> {
  const sent = await post({ [name]: text })
  if (sent.status >= 400) return refusal(sent)
  const { body } = await api.call('mia', 'GET', `/requests/${sent.body.id}`)
  return { status: sent.status, pointers: undefined, text: body[name] }
}

async function keepReason(text: string): Promise<Kept> {
  const { body: request } = await post({})
  await api.pass(1_000)
  const sent = await api.call('mia', 'POST', `/requests/${request.id}/revoke`, {
    body: { reason: text },
  })
  if (sent.status >= 400) return refusal(sent)
  const { body } = await api.call('mia', 'GET', `/requests/${request.id}/events`)
  const ending = body.items.find(({ event }: { event: string }) => event === 'grant.ending')
  return { status: sent.status, pointers: undefined, text: ending.reason }
}

async function keepStopReason(text: string): Promise<Kept> {
  const sent = await api.call('ada', 'PUT', '/emergency-stop', {
    body: { active: true, reason: text },
  })
  if (sent.status >= 400) return refusal(sent)
  const { body } = await api.call('ada', 'GET', '/emergency-stop')
  await api.call('ada', 'PUT', '/emergency-stop', { body: { active: false, reason: 'over' } })
  return { status: sent.status, pointers: undefined, text: body.reason }
}

async function keepInDocument(
  path: string,
  name: string,
  value: unknown,
  document: object,
): Promise<Kept> {
  const sent = await api.call('ada', 'PUT', `/${path}`, { body: { ...document, [name]: value } })
  if (sent.status >= 400) return refusal(sent)
  const { body } = await api.call('ada', 'GET', `/${path}`)
  return { status: sent.status, pointers: undefined, text: [body[name]].flat()[0] }
}

function refusal({ status, body }: { status: number; body: object }): Kept {
  return { status, pointers: pointersOf(body), text: undefined }
}

const range = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, index) => String.fromCharCode(from + index))

const kept: Readonly<Record<string, string>> = {
  'characters that table keys forbid': 'a/b\\c#d?e',
  'controls that table keys forbid, U+007F to U+009F': `x${range(0x7f, 0x9f).join('')}y`,
  'tab and line feed': 'one\ttwo\nthree',
  'spaces at both ends, never trimmed': '  padded  ',
  quotes: `'single' "double" \`back\``,
  'what looks like a filter': "' or PartitionKey ne '",
  'what looks like HTML': '<script>alert(1)</script>',
  'what looks like a formula': '=HYPERLINK("https://elsewhere.example")',
  'what looks like a template': '{{7*7}} %SWEEP_SCHEDULE% #{1}',
  'a family as one emoji': '👨‍👩‍👧‍👦 and a flag 🇩🇪',
  'right-to-left marks': 'user\u202eexe.txt',
  'no-break and zero-width spaces': 'a\u00a0b\u200bc',
  'a byte order mark': '\ufeffstart',
  'what is no character at all': 'x\uffff',
}

const controls = [...range(0, 8), ...range(0x0b, 0x1f)]

const broken: Readonly<Record<string, string>> = {
  'the first half of a surrogate pair': 'a\ud83db',
  'the second half of a surrogate pair': 'a\ude00b',
  'a surrogate pair the wrong way round': '\ude00\ud83d',
}

describe.each(Object.entries(fields))('the %s', (_field, { most, keep }) => {
  test.each(Object.entries(kept))('keeps %s as sent', async (_what, text) => {
    expect((await keep(text)).text).toBe(text)
  })

  test('is kept in the composed form of Unicode', async () => {
    expect((await keep('Zu\u0308rich')).text).toBe('Zürich')
  })

  test.each(Object.entries(broken))('refuses %s by its pointer', async (_what, text) => {
    const { status, pointers } = await keep(text)
    expect(status).toBe(400)
    expect(pointers).toHaveLength(1)
  })

  test('refuses every control character but tab and line feed', async () => {
    for (const control of controls) expect((await keep(`a${control}b`)).status).toBe(400)
  })

  test(`may have ${most} characters, and not one more`, async () => {
    expect((await keep('x'.repeat(most))).text).toHaveLength(most)
    expect((await keep('x'.repeat(most + 1))).status).toBe(400)
    expect((await keep('x'.repeat(10_000))).status).toBe(400)
  })
})

describe('a justification of 10,000 characters', () => {
  test('is refused by its pointer', async () => {
    const { status, body } = await post({ justification: 'x'.repeat(10_000) })
    expect(status).toBe(400)
    expect(body.errors).toEqual([
      { pointer: '/justification', detail: 'It may have 2000 characters.' },
    ])
  })
})

describe('access details', () => {
  const put = (customAccessDetails: string) =>
    api.call('ada', 'PUT', '/integrations/ContosoEntra', {
      body: { ...integration, customAccessDetails },
    })

  test.each([
    ['400 family emoji, counted as people count but over 4,000 bytes', '👨‍👩‍👧‍👦'.repeat(400), 400],
    ['159 family emoji, 3,975 bytes', '👨‍👩‍👧‍👦'.repeat(159), 200],
    ['160 family emoji, 4,000 bytes', '👨‍👩‍👧‍👦'.repeat(160), 200],
    ['161 family emoji, 4,025 bytes', '👨‍👩‍👧‍👦'.repeat(161), 400],
    ['400 letters of two code points', 'q\u0323'.repeat(400), 200],
    ['401 letters of two code points', 'q\u0323'.repeat(401), 400],
    ['400 flags, 3,200 bytes', '🇩🇪'.repeat(400), 200],
    ['401 flags', '🇩🇪'.repeat(401), 400],
  ])('of %s', async (_what, text, status) => {
    expect((await put(text)).status).toBe(status)
  })
})

describe('a person on the queue or named by an application', () => {
  test.each([
    ['a control character', 'mia\u0001@local'],
    ['a control character beyond ASCII', 'mia\u0085@local'],
    ['half a surrogate pair', 'mia\ud83d@local'],
    ['a slash', 'mia/../../groups@local'],
    ['a space', 'mia lee@local'],
    ['a query', 'mia@local?$select=id'],
    ['a direction mark', 'mia\u202e@local'],
  ])('with %s in the name is refused', async (_what, requester) => {
    const body = { resource: { type: 'group', id: api.newGroup() }, duration: 'PT1H', requester }
    const answer = await api.call('bot', 'POST', '/requests', { body })
    expect(answer.status).toBe(400)
    expect(pointersOf(answer.body)).toEqual(['/requester'])
  })

  test('may be a guest, whose principal name has #EXT# in it', async () => {
    const userPrincipalName = 'gina_fabrikam.example#EXT#@contoso.example'
    const id = '20000000-0000-4000-8000-0000000000e1'
    api.directory.addUser({ id, userPrincipalName })
    const body = {
      resource: { type: 'group', id: api.newGroup() },
      duration: 'PT1H',
      requester: userPrincipalName,
    }
    const answer = await api.call('bot', 'POST', '/requests', { body })
    expect(answer.body.type).toBe('/problems/not-eligible')
  })
})

describe('broken Unicode', () => {
  const half = 'x\ud83d'

  test.each([
    ['/labels/x\ud83d', { labels: { [half]: 'one' } }],
    ['/labels/a', { labels: { a: half } }],
    ['/justification/pattern', { justification: { pattern: half } }],
    ['/targets/0/include/0/values/0', { targets: [target({ by: 'name', values: [half] })] }],
    ['/targets/0/include/0/key', { targets: [target({ by: 'tag', key: half, values: ['x'] })] }],
    ['/x\ud83d', { [half]: 1 }],
  ])('is refused at %s of a flow', async (pointer, more) => {
    const answer = await api.call('ada', 'PUT', '/access-flows/oncall', {
      body: { ...flow(), ...more },
    })
    expect(answer.status).toBe(400)
    expect(pointersOf(answer.body)).toEqual([pointer])
  })
})

function target(selector: object) {
  return { ...flow().targets[0], include: [selector] }
}
