import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ben, flow, mia } from '../operations/broker-in-memory.ts'
import { type Api, type CallerName, pointersOf, startApi } from './start-api.ts'

let api: Api
let groups: readonly string[]
/** Requests by a name of this test. */
const ids: Record<string, string> = {}

const ask = async (name: string, as: CallerName, body: object) => {
  const { body: request } = await api.call(as, 'POST', '/requests', {
    body: { duration: 'PT1H', ...body },
  })
  ids[name] = request.id
  await api.pass(60_000)
}

const group = (index: number) => ({ resource: { type: 'group', id: groups[index] } })

beforeAll(async () => {
  const grantees = { operator: 'or', conditions: [{ type: 'user', values: [mia, ben] }] } as const
  const [target] = flow().targets
  api = await startApi({ flows: [flow({ grantees })] })
  await api.call('ada', 'PUT', '/integrations/Second', { body: { resourceTypes: ['group'] } })
  const second = flow({
    name: 'second',
    grantees,
    targets: [{ ...target, integration: 'Second' }] as never,
  })
  await api.call('ada', 'PUT', '/access-flows/second', { body: second })
  groups = [api.newGroup(), api.newGroup(), api.newGroup()]
  await ask('short', 'mia', { ...group(0), duration: 'PT1M' })
  await ask('own', 'mia', group(0))
  await ask('for ben', 'mia', { ...group(1), requestFor: ben })
  await ask("ben's", 'ben', { ...group(0), accessFlow: 'second' })
  await ask('later', 'mia', { ...group(2), startsAt: '2026-01-07T12:00:00Z' })
})
afterAll(() => api.stop())

const listed = async (as: CallerName, query = '', path = '/requests') => {
  const { body } = await api.call(as, 'GET', `${path}${query}`)
  return body.items.map(({ id }: { id: string }) =>
    Object.keys(ids).find((name) => ids[name] === id),
  )
}

describe('GET /requests', () => {
  test.each<[CallerName, readonly string[]]>([
    ['mia', ['later', 'for ben', 'own', 'short']],
    ['ben', ["ben's", 'for ben']],
    ['sam', []],
    ['bot', []],
    ['ada', ['later', "ben's", 'for ben', 'own', 'short']],
    ['audrey', ['later', "ben's", 'for ben', 'own', 'short']],
  ])('shows %s %j, newest first', async (as, expected) => {
    expect(await listed(as)).toEqual(expected)
  })

  test.each<[query: () => string, expected: readonly string[]]>([
    [() => 'status=active', ["ben's", 'for ben', 'own']],
    [() => 'status=ACTIVE', ["ben's", 'for ben', 'own']],
    [() => 'status=ended', ['short']],
    [() => 'status=scheduled', ['later']],
    [() => 'status=nonsense', []],
    [() => `requester=${mia}`, ['later', 'for ben', 'own', 'short']],
    [() => `requester=${ben}`, ["ben's"]],
    [() => `grantee=${ben}`, ["ben's", 'for ben']],
    [() => `grantee=${ben.toUpperCase()}`, ["ben's", 'for ben']],
    [() => `requester=${mia}&grantee=${ben}`, ['for ben']],
    [() => `resource=${groups[0]}`, ["ben's", 'own', 'short']],
    [() => 'integration=second', ["ben's"]],
    [() => 'from=2026-01-05T12:02:00Z', ['later', "ben's", 'for ben']],
    [() => 'to=2026-01-05T12:02:00Z', ['own', 'short']],
    [() => 'from=2026-01-06', []],
    [() => 'status=active&integration=ContosoEntra&to=2026-01-05T12:02:00Z', ['own']],
    [() => 'status=&requester=', ['later', "ben's", 'for ben', 'own', 'short']],
  ])('finds for an administrator by %s', async (query, expected) => {
    expect(await listed('ada', `?${query()}`)).toEqual(expected)
  })

  test("never shows by a filter what is not the caller's", async () => {
    expect(await listed('ben', `?requester=${mia}`)).toEqual(['for ben'])
    expect(await listed('sam', `?requester=${mia}`)).toEqual([])
    expect(await listed('mia', `?grantee=${ben}`)).toEqual(['for ben'])
  })

  test('shows a request at once, before anything else has happened to it', async () => {
    const { body } = await api.call('mia', 'POST', '/requests', {
      body: { duration: 'PT1H', ...group(2), startsAt: '2026-01-08T12:00:00Z' },
    })
    for (const as of ['mia', 'ada'] as const) {
      expect((await api.call(as, 'GET', '/requests')).body.items[0].id).toBe(body.id)
    }
    await api.call('mia', 'POST', `/requests/${body.id}/cancel`)
    expect((await api.call('mia', 'GET', '/requests?status=cancelled')).body.items).toHaveLength(1)
    ids['cancelled'] = body.id
  })
})

describe('GET /grants', () => {
  test.each<[query: () => string, expected: readonly string[]]>([
    [() => '', ["ben's", 'for ben', 'own']],
    [() => `?grantee=${mia}`, ['own']],
    [() => `?resource=${groups[1]}`, ['for ben']],
    [() => '?integration=SECOND', ["ben's"]],
    [() => '?accessFlow=oncall', ['for ben', 'own']],
    [() => `?accessFlow=oncall&grantee=${mia.toUpperCase()}`, ['own']],
    [() => `?requester=${mia}`, ['for ben', 'own']],
    [() => `?requester=${mia}&grantee=${ben}`, ['for ben']],
    [() => `?grantee=${ben}&integration=second&resource=${groups[0]}`, ["ben's"]],
    [() => '?status=Active', ["ben's", 'for ben', 'own']],
    [() => '?status=overdue', []],
    [() => '?status=ended', []],
    [() => `?status=ended&grantee=${mia}`, []],
  ])('shows what is active now by %s', async (query, expected) => {
    expect((await listed('audrey', query(), '/grants')).sort()).toEqual(expected)
  })
})

describe('a long list', () => {
  const pagesOf = async (as: CallerName, path: string): Promise<readonly string[][]> => {
    const pages: string[][] = []
    let next: string | undefined
    do {
      const { body } = await api.call(
        as,
        'GET',
        `${path}${next === undefined ? '' : `&next=${next}`}`,
      )
      pages.push(body.items.map(({ id }: { id: string }) => id))
      next = body.next
    } while (next !== undefined)
    return pages
  }

  beforeAll(async () => {
    for (let each = 0; each < 120; each++) {
      const id = api.newGroup()
      const body = { resource: { type: 'group', id }, duration: 'PT10M', ticket: 'many' }
      await api.call('mia', 'POST', '/requests', { body })
    }
    await api.pass(60_000)
  })

  test.each<[CallerName, string, string]>([
    ['mia', 'a requester', '/requests?status=active'],
    ['ada', 'an administrator', '/requests?status=active'],
    ['ada', 'an administrator who names a person', `/requests?requester=${mia}`],
    ['ada', 'an administrator who looks at grants', '/grants?accessFlow=oncall'],
    ['ada', 'an administrator who looks at grants of a person', `/grants?grantee=${mia}`],
  ])('is read page by page by %s, %s, without gap or repetition (%s)', async (as, _who, path) => {
    const pages = await pagesOf(as, path)
    const all = pages.flat()
    expect(pages[0]).toHaveLength(100)
    expect(pages.length).toBe(2)
    expect(new Set(all).size).toBe(all.length)
    expect(all.length).toBeGreaterThanOrEqual(121)
  })

  test('stays where it is when something new comes between two pages', async () => {
    const first = await api.call('mia', 'GET', '/requests')
    await ask('new', 'mia', group(1))
    const second = await api.call('mia', 'GET', `/requests?next=${first.body.next}`)
    const seen = [...first.body.items, ...second.body.items].map(({ id }: { id: string }) => id)
    expect(new Set(seen).size).toBe(seen.length)
    expect(seen).not.toContain(ids['new'])
    expect(seen).toContain(ids['short'])
  })

  test.each<[CallerName, string]>([
    ['mia', '/requests'],
    ['ada', '/requests'],
    ['ada', `/requests?requester=${mia}`],
    ['ada', '/grants'],
    ['ada', `/grants?grantee=${mia}`],
  ])('takes from %s no token of another list (%s)', async (as, path) => {
    const tokens = ['nonsense', '2026-99-99T', '0000000000000', "' or '1' eq '1", '\u0000']
    for (const text of tokens) {
      const next = Buffer.from(text).toString('base64url')
      const sent = `${path}${path.includes('?') ? '&' : '?'}next=${next}`
      const { status, body } = await api.call(as, 'GET', sent)
      expect(status, text).toBe(400)
      expect(pointersOf(body)).toEqual(['/query/next'])
    }
  })
})
