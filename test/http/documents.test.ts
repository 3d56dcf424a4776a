/*
 * Over 300 lines on purpose: what a document may hold, and what is refused of it, is one list.
 */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { flow, integration, mia, readers } from '../operations/broker-in-memory.ts'
import { type Api, pointersOf, startApi } from './start-api.ts'

let api: Api

beforeEach(async () => {
  api = await startApi()
})
afterEach(() => api.stop())

const put = (path: string, body: unknown, headers: Readonly<Record<string, string>> = {}) =>
  api.call('ada', 'PUT', path, { body, headers })
const get = (path: string) => api.call('ada', 'GET', path)
const remove = (path: string, headers: Readonly<Record<string, string>> = {}) =>
  api.call('ada', 'DELETE', path, { headers })
const changes = (event: string) => api.published.filter((each) => each.event === event)

const putFlow = (more: object) => put('/access-flows/oncall', { ...flow(), ...more })
const putIntegration = (more: object) =>
  put('/integrations/ContosoEntra', { ...integration, ...more })

describe('a document', () => {
  test('is created, shown, changed and deleted, each with one event', async () => {
    const { name: _, ...unnamed } = flow()
    const created = await put('/access-flows/night', unnamed)
    expect(created.status).toBe(201)
    expect(created.body).toMatchObject({ name: 'night', version: 1 })

    const shown = await get('/access-flows/night')
    expect(shown.status).toBe(200)
    expect(shown.headers.get('etag')).toBe(created.headers.get('etag'))
    expect(shown.body).toEqual(created.body)

    const changed = await put('/access-flows/night', { ...unnamed, description: 'At night' })
    expect(changed.status).toBe(200)
    expect(changed.body.version).toBe(2)
    expect(changed.headers.get('etag')).not.toBe(created.headers.get('etag'))

    expect((await remove('/access-flows/night')).status).toBe(204)
    expect((await get('/access-flows/night')).status).toBe(404)
    expect((await remove('/access-flows/night')).status).toBe(404)
    expect(changes('access-flow.changed').map(({ detail }) => detail['change'])).toEqual([
      'created',
      'updated',
      'deleted',
    ])
  })

  test('put again as it is changes and records nothing', async () => {
    const before = await get('/access-flows/oncall')
    const again = await put('/access-flows/oncall', flow())
    expect(again.status).toBe(200)
    expect(again.headers.get('etag')).toBe(before.headers.get('etag'))
    expect(changes('access-flow.changed')).toEqual([])
  })

  test('may be put back as it was read', async () => {
    const read = await get('/access-flows/oncall')
    const written = await put('/access-flows/oncall', { ...read.body, description: 'On call' })
    expect(written.status).toBe(200)
    expect(written.body).toEqual({ ...read.body, description: 'On call', version: 2 })
  })

  test('never comes back with a lower version than its name once had', async () => {
    await put('/access-flows/night', flow({ name: 'night' }))
    await remove('/access-flows/night')
    const { status, body } = await put('/access-flows/night', flow({ name: 'night' }))
    expect(status).toBe(201)
    expect(body.version).toBe(2)
  })

  test('is one of a list', async () => {
    await put('/access-flows/night', flow({ name: 'night' }))
    const flows = (await get('/access-flows')).body.items
    expect(
      flows.map(({ name, version }: { name: string; version: number }) => [name, version]),
    ).toEqual([
      ['oncall', 1],
      ['night', 1],
    ])
    expect((await get('/integrations')).body.items).toMatchObject([{ name: 'ContosoEntra' }])
  })
})

describe('the name of a document', () => {
  test.each([
    ['begins with a digit', '1night'],
    ['has a space', 'at%20night'],
    ['has 64 characters', 'n'.repeat(64)],
    ['is not of the Latin alphabet', 'n%C3%A4chtlich'],
    ['reaches for a prototype', '__proto__'],
    ['has a dot', 'night.json'],
  ])('that %s is refused', async (_what, name) => {
    const { name: _, ...unnamed } = flow()
    const { status, body } = await put(`/access-flows/${name}`, unnamed)
    expect(status).toBe(400)
    expect(pointersOf(body)).toEqual(['/name'])
  })

  test('of a flow may have hyphens, that of an integration not', async () => {
    expect((await put('/access-flows/at-night', flow({ name: 'at-night' }))).status).toBe(201)
    const { status, body } = await put('/integrations/Contoso-Entra', { resourceTypes: ['group'] })
    expect(status).toBe(400)
    expect(pointersOf(body)).toEqual(['/name'])
  })

  test('may be a word that programs use', async () => {
    const { name: _, ...unnamed } = flow()
    for (const name of ['constructor', 'toString', 'hasOwnProperty']) {
      expect((await get(`/access-flows/${name}`)).status).toBe(404)
      expect((await put(`/access-flows/${name}`, unnamed)).status).toBe(201)
      expect((await get(`/access-flows/${name}`)).body.name).toBe(name)
    }
  })

  test('is unique without regard to case, and found in any', async () => {
    const { status, body } = await put('/access-flows/OnCall', flow({ name: 'OnCall' }))
    expect(status).toBe(409)
    expect(body.type).toBe('/problems/name-taken')
    expect((await get('/access-flows/ONCALL')).body.name).toBe('oncall')
  })

  test('in the body has to be that of the path', async () => {
    const { status, body } = await put('/access-flows/night', flow({ name: 'day' }))
    expect(status).toBe(400)
    expect(pointersOf(body)).toEqual(['/name'])
  })
})

describe('If-Match and If-None-Match', () => {
  const stale = '"1-0000000000000000"'

  test('let a change through whose author saw what is there', async () => {
    const etag = (await get('/access-flows/oncall')).headers.get('etag') ?? ''
    const change = flow({ description: 'On call' })
    expect((await put('/access-flows/oncall', change, { 'if-match': etag })).status).toBe(200)
    const { status, body } = await put('/access-flows/oncall', flow(), { 'if-match': etag })
    expect(status).toBe(412)
    expect(body.type).toBe('/problems/changed')
    expect((await get('/access-flows/oncall')).body.description).toBe('On call')
  })

  test.each([
    ['a stale change', 'PUT', '/access-flows/oncall', { 'if-match': stale }, 412],
    ['any change of what is there', 'PUT', '/access-flows/oncall', { 'if-match': '*' }, 200],
    ['a change of what is not there', 'PUT', '/access-flows/night', { 'if-match': '*' }, 412],
    ['a creation of what is there', 'PUT', '/access-flows/oncall', { 'if-none-match': '*' }, 412],
    [
      'a creation of what is not there',
      'PUT',
      '/access-flows/night',
      { 'if-none-match': '*' },
      201,
    ],
    ['a stale deletion', 'DELETE', '/access-flows/oncall', { 'if-match': stale }, 412],
    [
      'a stale deletion of an integration',
      'DELETE',
      '/integrations/ContosoEntra',
      { 'if-match': stale },
      412,
    ],
  ] as const)('answer %s (%s %s %j) with %i', async (_what, method, path, headers, status) => {
    const { name: _, ...body } = flow()
    const sent = method === 'PUT' ? { body } : {}
    expect((await api.call('ada', method, path, { ...sent, headers })).status).toBe(status)
  })

  test('may list several tags', async () => {
    const etag = (await get('/access-flows/oncall')).headers.get('etag') ?? ''
    const change = flow({ description: 'On call' })
    const headers = { 'if-match': `${stale}, ${etag}` }
    expect((await put('/access-flows/oncall', change, headers)).status).toBe(200)
  })
})

describe('the deletion of what is in use', () => {
  test('is refused with the number of open requests, and done when they are over', async () => {
    const resource = { type: 'group', id: readers }
    const later = { startsAt: '2026-01-05T14:00:00Z' }
    for (const more of [{}, later]) {
      await api.call('mia', 'POST', '/requests', { body: { resource, duration: 'PT1H', ...more } })
    }
    await api.pass(1_000)
    for (const path of ['/access-flows/oncall', '/integrations/ContosoEntra']) {
      const { status, body } = await remove(path)
      expect(status).toBe(409)
      expect(body).toMatchObject({ type: '/problems/in-use', count: 2 })
    }
    await api.pass(3 * 3_600_000 + 10_000)
    expect((await remove('/access-flows/oncall')).status).toBe(204)
    expect((await remove('/integrations/ContosoEntra')).status).toBe(204)
  })
})

const deep = (levels: number): object => {
  let node: object = { type: 'user', values: [mia] }
  for (let level = 0; level < levels; level++) node = { operator: 'and', conditions: [node] }
  return node
}

const [target] = flow().targets

describe('an access flow', () => {
  test.each<[what: string, more: object, pointers: readonly string[]]>([
    ['with a field that nobody knows', { colour: 'red' }, ['/colour']],
    ['without targets', { targets: [] }, ['/targets']],
    ['without a maximum duration', { duration: undefined }, ['/duration/maximum']],
    ['with a maximum in months', { duration: { maximum: 'P1M' } }, ['/duration/maximum']],
    [
      'whose default is longer than its maximum',
      { duration: { maximum: 'PT1H', default: 'PT2H' } },
      ['/duration/default'],
    ],
    ['without requesters', { requesters: undefined }, ['/requesters']],
    [
      'with an empty tree',
      { requesters: { operator: 'and', conditions: [] } },
      ['/requesters/conditions'],
    ],
    [
      'with an operator that there is none of',
      { requesters: { operator: 'xor', conditions: [{ type: 'user', values: [mia] }] } },
      ['/requesters/operator'],
    ],
    [
      'with a person who is no object id',
      { requesters: { operator: 'or', conditions: [{ type: 'user', values: ['mia'] }] } },
      ['/requesters/conditions/0/values/0'],
    ],
    ['with an intake that there is none of', { intake: ['smtp'] }, ['/intake/0']],
    [
      'for a permission that groups lack',
      { targets: [{ ...target, permissions: ['active'] }] },
      ['/targets/0/permissions/0'],
    ],
    [
      'with a selector without values',
      { targets: [{ ...target, include: [{ by: 'name', values: [] }] }] },
      ['/targets/0/include/0/values'],
    ],
    ['with a number where truth belongs', { active: 1 }, ['/active']],
    ['with conditions nested 12 deep', { requesters: deep(12) }, ['/requesters']],
    [
      'with conditions nested 1,000 deep',
      { requesters: deep(1_000) },
      ['/requesters/conditions/0'],
    ],
    ['with grantees nested 1,000 deep', { grantees: deep(1_000) }, ['/grantees/conditions/0']],
  ])('%s is refused by its pointer', async (_what, more, pointers) => {
    const { status, body } = await putFlow(more)
    expect(status).toBe(400)
    expect(pointersOf(body)).toEqual(pointers)
  })

  test('that names an integration nobody knows is refused, and nothing of it is kept', async () => {
    const [target] = flow().targets
    const targets = [target, { ...target, integration: 'Nowhere' }]
    const { status, body } = await put('/access-flows/night', {
      ...flow({ name: 'night' }),
      targets,
    })
    expect(status).toBe(400)
    expect(body.errors).toEqual([
      {
        pointer: '/targets/1/integration',
        detail: 'There is no integration "Nowhere".',
      },
    ])
    expect((await get('/access-flows/night')).status).toBe(404)
  })

  test('may nest conditions 10 deep', async () => {
    expect((await putFlow({ requesters: deep(10) })).status).toBe(200)
  })

  test.each([
    ['looks ahead', '(?=INC)'],
    ['looks behind', '(?<!x)INC'],
    ['refers back', '(a)\\1'],
    ['is cut off', 'INC-('],
    ['repeats beyond reason', '((a{1000}){1000}){1000}'],
    ['has 201 characters', 'x'.repeat(201)],
  ])('with a pattern that %s is refused', async (_what, pattern) => {
    for (const field of ['ticket', 'justification']) {
      const { status, body } = await putFlow({ [field]: { pattern } })
      expect(status).toBe(400)
      expect(pointersOf(body)).toEqual([`/${field}/pattern`])
    }
  })

  test('matches patterns as a whole, and none of them makes it slow', async () => {
    await putFlow({ ticket: { required: true, pattern: '(a+)+b' } })
    const ask = (ticket?: string) =>
      api.call('mia', 'POST', '/requests', {
        body: { resource: { type: 'group', id: readers }, duration: 'PT1H', ticket },
      })
    expect((await ask('aab')).status).toBe(202)
    for (const ticket of ['aabc', `${'a'.repeat(99)}c`, undefined]) {
      const { status, body } = await ask(ticket)
      expect(status).toBe(403)
      expect(body.type).toBe('/problems/ticket-missing')
    }
  })
})

describe('what is not offered yet', () => {
  test.each([
    ['rotation of credentials', { credentialRotationDays: 30 }, '/credentialRotationDays'],
    ['notifications', { notifications: [{ channel: 'mail' }] }, '/notifications'],
  ])('is refused by its pointer in an integration: %s', async (_what, more, pointer) => {
    const { status, body } = await putIntegration(more)
    expect(status).toBe(400)
    expect(body.errors).toEqual([{ pointer, detail: 'It is not offered yet.' }])
  })

  test('is taken where it says what holds anyway', async () => {
    expect((await putFlow({ trigger: 'self-serve' })).status).toBe(200)
    const more = {
      mechanism: { group: 'direct', 'directory-role': 'direct' },
      endBy: 'broker',
      drift: 'report',
    }
    expect((await putIntegration(more)).status).toBe(200)
  })
})

describe('an integration', () => {
  test.each<[what: string, more: object, pointers: readonly string[]]>([
    ['without resource types', { resourceTypes: [] }, ['/resourceTypes']],
    [
      'with a resource type that there is none of',
      { resourceTypes: ['team'] },
      ['/resourceTypes/0'],
    ],
    ['with a field that nobody knows', { colour: 'red' }, ['/colour']],
    ['with half a day of cleanup', { userCleanupAfterDays: 0.5 }, ['/userCleanupAfterDays']],
    [
      'with a cleanup that nobody knows',
      { userCleanup: { action: 'destroy', maxShare: 2, announceDays: 91, userTypes: [] } },
      [
        '/userCleanup/action',
        '/userCleanup/userTypes',
        '/userCleanup/announceDays',
        '/userCleanup/maxShare',
      ],
    ],
    [
      'with a selector by colour',
      { include: [{ by: 'colour', values: ['red'] }] },
      ['/include/0/by'],
    ],
  ])('%s is refused by its pointer', async (_what, more, pointers) => {
    const { status, body } = await putIntegration(more)
    expect(status).toBe(400)
    expect(pointersOf(body)).toEqual(pointers)
  })

  test('as large as a body may be is kept whole', async () => {
    const values = Array.from({ length: 500 }, (_, index) => `${'ü'.repeat(50)}${index}`)
    const include = [{ by: 'name', values }]
    expect((await putIntegration({ include })).status).toBe(200)
    expect((await get('/integrations/ContosoEntra')).body.include).toEqual(include)
  })
})
