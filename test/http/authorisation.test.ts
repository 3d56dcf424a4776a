import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { answerSchemas } from '../../shared/config/answers-schema.ts'
import { routes } from '../../shared/config/routes.ts'
import { automatic } from '../operations/automatic-in-memory.ts'
import { ben, flow, integration, mia, readers } from '../operations/broker-in-memory.ts'
import { type Api, type CallerName, startApi } from './start-api.ts'

let api: Api

beforeAll(async () => {
  // Each cell has a request of its own, and some of them stay pending.
  api = await startApi({ rules: { maximumPending: 100 } })
})
afterAll(() => api.stop())

const stranger = '401 unauthenticated'
const forbidden = '403 forbidden'
const hidden = '404 not-found'

const columns = ['nobody', 'mia', 'ben', 'sam', 'ada', 'audrey', 'bot', 'tool', 'thing'] as const

/*
 * Who gets what, cell by cell. `mia` owns what is asked about, `ben` is another requester, `sam` a
 * user whom no flow knows, `ada` administrator, `audrey` auditor, `bot` an application that may ask
 * on behalf of others, `tool` one whose role means nothing here, `thing` one without any.
 */
// biome-ignore format: a table
const table: Readonly<Record<string, readonly string[]>> = {
  //                                  nobody     mia        ben        sam        ada        audrey     bot        tool       thing
  'GET /me':                          [stranger, '200',     '200',     '200',     '200',     '200',     '200',     '200',     stranger],
  'GET /catalog':                     [stranger, '200',     '200',     '200',     '200',     '200',     '200',     '200',     stranger],
  'GET /directory':                   [stranger, '403 not-admitted', '403 not-admitted', '403 not-admitted', '200', forbidden, '403 not-admitted', forbidden, stranger],
  'POST /requests':                   [stranger, '202',     '202',     '403 not-eligible', '403 not-eligible', forbidden, '202', forbidden, stranger],
  'POST /requests/preview':           [stranger, '200',     '200',     '200',     '200',     forbidden, '200',     forbidden, stranger],
  'GET /requests':                    [stranger, '200',     '200',     '200',     '200',     '200',     '200',     '200',     stranger],
  'GET /requests/{id}':               [stranger, '200',     hidden,    hidden,    '200',     '200',     hidden,    hidden,    stranger],
  'GET /requests/{id}/events':        [stranger, '200',     hidden,    hidden,    '200',     '200',     hidden,    hidden,    stranger],
  'GET /requests/{id}/evidence':      [stranger, forbidden, forbidden, forbidden, '200',     '200',     forbidden, forbidden, stranger],
  'POST /requests/{id}/approve':      [stranger, '403 own-request', '200', hidden, '403 not-an-approver', forbidden, hidden, forbidden, stranger],
  'POST /requests/{id}/deny':         [stranger, '403 own-request', '200', hidden, '403 not-an-approver', forbidden, hidden, forbidden, stranger],
  'POST /requests/{id}/remind':       [stranger, '200',     '403 not-yours', hidden, '403 not-yours', forbidden, hidden, forbidden, stranger],
  'GET /approvals':                   [stranger, '200',     '200',     '200',     '200',     '200',     '200',     '200',     stranger],
  'POST /requests/{id}/cancel':       [stranger, '200',     hidden,    hidden,    '200',     forbidden, hidden,    forbidden, stranger],
  'POST /requests/{id}/revoke':       [stranger, '202',     hidden,    hidden,    '202',     forbidden, hidden,    forbidden, stranger],
  'POST /requests/{id}/extend':       [stranger, '202',     hidden,    hidden,    '403 not-yours', forbidden, hidden, forbidden, stranger],
  'GET /integrations':                [stranger, forbidden, forbidden, forbidden, '200',     '200',     forbidden, forbidden, stranger],
  'GET /integrations/{name}':         [stranger, forbidden, forbidden, forbidden, '200',     '200',     forbidden, forbidden, stranger],
  'PUT /integrations/{name}':         [stranger, forbidden, forbidden, forbidden, '200',     forbidden, forbidden, forbidden, stranger],
  'DELETE /integrations/{name}':      [stranger, forbidden, forbidden, forbidden, '204',     forbidden, forbidden, forbidden, stranger],
  'POST /integrations/{name}/discover': [stranger, forbidden, forbidden, forbidden, '202',   forbidden, forbidden, forbidden, stranger],
  'GET /integrations/{name}/discover': [stranger, forbidden, forbidden, forbidden, '200',    '200',     forbidden, forbidden, stranger],
  'GET /connectors':                  [stranger, forbidden, forbidden, forbidden, '200',     '200',     forbidden, forbidden, stranger],
  'POST /integrations/{name}/test':   [stranger, forbidden, forbidden, forbidden, '200',     forbidden, forbidden, forbidden, stranger],
  'GET /resources':                   [stranger, forbidden, forbidden, forbidden, '200',     '200',     forbidden, forbidden, stranger],
  'PUT /resources/{type}/{id}/tags':  [stranger, forbidden, forbidden, forbidden, '200',     forbidden, forbidden, forbidden, stranger],
  'GET /access-flows':                [stranger, forbidden, forbidden, forbidden, '200',     '200',     forbidden, forbidden, stranger],
  'GET /access-flows/{name}':         [stranger, forbidden, forbidden, forbidden, '200',     '200',     forbidden, forbidden, stranger],
  'PUT /access-flows/{name}':         [stranger, forbidden, forbidden, forbidden, '200',     forbidden, forbidden, forbidden, stranger],
  'DELETE /access-flows/{name}':      [stranger, forbidden, forbidden, forbidden, '204',     forbidden, forbidden, forbidden, stranger],
  'GET /integrations/{name}/code':    [stranger, forbidden, forbidden, forbidden, '200',     '200',     forbidden, forbidden, stranger],
  'GET /access-flows/{name}/code':    [stranger, forbidden, forbidden, forbidden, '200',     '200',     forbidden, forbidden, stranger],
  'GET /bundles':                     [stranger, '200',     '200',     '200',     '200',     '200',     '200',     '200',     stranger],
  'GET /bundles/{name}':              [stranger, forbidden, forbidden, forbidden, '200',     '200',     forbidden, forbidden, stranger],
  'PUT /bundles/{name}':              [stranger, forbidden, forbidden, forbidden, '200',     forbidden, forbidden, forbidden, stranger],
  'DELETE /bundles/{name}':           [stranger, forbidden, forbidden, forbidden, '204',     forbidden, forbidden, forbidden, stranger],
  'GET /bundles/{name}/code':         [stranger, forbidden, forbidden, forbidden, '200',     '200',     forbidden, forbidden, stranger],
  'POST /config/plan':                [stranger, forbidden, forbidden, forbidden, '200',     forbidden, forbidden, forbidden, stranger],
  'PUT /config':                      [stranger, forbidden, forbidden, forbidden, '200',     forbidden, forbidden, forbidden, stranger],
  'GET /config':                      [stranger, forbidden, forbidden, forbidden, '200',     '200',     forbidden, forbidden, stranger],
  'POST /access-flows/{name}/confirm': [stranger, forbidden, forbidden, forbidden, '200',    forbidden, forbidden, forbidden, stranger],
  'GET /grants':                      [stranger, forbidden, forbidden, forbidden, '200',     '200',     forbidden, forbidden, stranger],
  'POST /grants/revoke':              [stranger, forbidden, forbidden, forbidden, '202',     forbidden, forbidden, forbidden, stranger],
  'GET /grants/revoke/{id}':          [stranger, forbidden, forbidden, forbidden, '200',     '200',     forbidden, forbidden, stranger],
  'GET /cleanup':                     [stranger, '200',     '200',     '200',     '200',     '200',     '200',     '200',     stranger],
  'POST /cleanup/{id}/keep':          [stranger, '200',     hidden,    hidden,    '200',     forbidden, hidden,    forbidden, stranger],
  'POST /cleanup/{id}/restore':       [stranger, forbidden, forbidden, forbidden, '202',     forbidden, forbidden, forbidden, stranger],
  'POST /cleanup/run':                [stranger, forbidden, forbidden, forbidden, '202',     forbidden, forbidden, forbidden, stranger],
  'GET /audit':                       [stranger, forbidden, forbidden, forbidden, '200',     '200',     forbidden, forbidden, stranger],
  'GET /audit/verify':                [stranger, forbidden, forbidden, forbidden, '200',     '200',     forbidden, forbidden, stranger],
  'POST /audit/checkpoint':           [stranger, forbidden, forbidden, forbidden, '200',     forbidden, forbidden, forbidden, stranger],
  'GET /reports':                     [stranger, forbidden, forbidden, forbidden, '200',     '200',     forbidden, forbidden, stranger],
  'GET /emergency-stop':              [stranger, forbidden, forbidden, forbidden, '200',     '200',     forbidden, forbidden, stranger],
  'PUT /emergency-stop':              [stranger, forbidden, forbidden, forbidden, '200',     forbidden, forbidden, forbidden, stranger],
  'POST /reconcile':                  [stranger, forbidden, forbidden, forbidden, '202',     forbidden, forbidden, forbidden, stranger],
  'GET /health':                      ['200',    '200',     '200',     '200',     '200',     '200',     '200',     '200',     '200'],
  'GET /sign-in':                     ['200',    '200',     '200',     '200',     '200',     '200',     '200',     '200',     '200'],
  'GET /openapi.json':                ['200',    '200',     '200',     '200',     '200',     '200',     '200',     '200',     '200'],
}

const ask = (group: string, more: object = {}) => ({
  resource: { type: 'group', id: group },
  duration: 'PT1H',
  ...more,
})

/** A request of mia's, active or waiting for its start. */
const requestOfMia = async (more: object = {}): Promise<string> => {
  const { body } = await api.call('mia', 'POST', '/requests', { body: ask(api.newGroup(), more) })
  await api.pass(1_000)
  return body.id
}

/** A request of mia's that ben has to approve. */
const pendingOfMia = async (): Promise<string> => {
  const approval = { mode: 'any-of', steps: [{ approvers: [{ type: 'user', id: ben }] }] } as const
  const asked = flow({ name: 'asked', duration: { maximum: 'PT1H' }, approval })
  await api.call('ada', 'PUT', '/access-flows/asked', { body: asked })
  return requestOfMia({ accessFlow: 'asked' })
}

/** An integration whose discovery has finished. */
const discovered = async (): Promise<string> => {
  await api.call('ada', 'POST', '/integrations/ContosoEntra/discover')
  await api.pass(31_000)
  return 'ContosoEntra'
}

/** A guest's account for which mia answers, announced or already disabled. */
const cleanupOf = (state: 'planned' | 'done') => async (): Promise<string> => {
  const id = api.newGuest(mia)
  const caseId = `${id}-01kqyta7fg0000000000000096`
  await api.layCleanup(id, caseId, state)
  return caseId
}

const unusedDocument = async (kind: string, document: object): Promise<string> => {
  await api.call('ada', 'PUT', `/${kind}/Spare`, { body: { ...document, name: 'Spare' } })
  return 'Spare'
}

const bundle = { name: 'start', resources: [{ resource: { type: 'group', id: readers } }] }

/** What a path's placeholder stands for, made anew for each call that may change it. */
const targets: Readonly<Record<string, () => Promise<string>>> = {
  'GET /requests/{id}': requestOfMia,
  'GET /requests/{id}/events': requestOfMia,
  'GET /requests/{id}/evidence': requestOfMia,
  'POST /requests/{id}/approve': pendingOfMia,
  'POST /requests/{id}/deny': pendingOfMia,
  'POST /requests/{id}/remind': pendingOfMia,
  'POST /requests/{id}/cancel': () => requestOfMia({ startsAt: '2026-02-01T08:00:00Z' }),
  'POST /requests/{id}/revoke': requestOfMia,
  'POST /requests/{id}/extend': requestOfMia,
  'GET /integrations/{name}': async () => 'ContosoEntra',
  'GET /integrations/{name}/code': async () => 'ContosoEntra',
  'PUT /integrations/{name}': async () => 'ContosoEntra',
  'DELETE /integrations/{name}': () => unusedDocument('integrations', integration),
  'POST /integrations/{name}/discover': async () => 'ContosoEntra',
  'GET /integrations/{name}/discover': discovered,
  'POST /integrations/{name}/test': async () => 'ContosoEntra',
  'GET /resources': discovered,
  'PUT /resources/{type}/{id}/tags': async () => {
    await discovered()
    return `group/${readers}`
  },
  'POST /access-flows/{name}/confirm': async () => {
    await discovered()
    await api.call('ada', 'PUT', '/access-flows/automatic', {
      body: automatic({ name: 'automatic' }),
    })
    await api.pass(31_000)
    return 'automatic'
  },
  'GET /access-flows/{name}': async () => 'oncall',
  'GET /access-flows/{name}/code': async () => 'oncall',
  'PUT /access-flows/{name}': async () => 'oncall',
  'DELETE /access-flows/{name}': () => unusedDocument('access-flows', flow()),
  'POST /cleanup/{id}/keep': cleanupOf('planned'),
  'POST /cleanup/{id}/restore': cleanupOf('done'),
  'GET /bundles': () => unusedDocument('bundles', bundle),
  'GET /bundles/{name}': () => unusedDocument('bundles', bundle),
  'GET /bundles/{name}/code': () => unusedDocument('bundles', bundle),
  'PUT /bundles/{name}': () => unusedDocument('bundles', bundle),
  'DELETE /bundles/{name}': () => unusedDocument('bundles', bundle),
  'GET /grants/revoke/{id}': async () => {
    const sent = await api.call('ada', 'POST', '/grants/revoke', { body: nothingToRevoke })
    return sent.body.id
  },
}

const nothingToRevoke = {
  filter: { integration: 'Nowhere' },
  reason: 'incident over',
  expectedCount: 0,
}

const bodies: Readonly<Record<string, (as: string) => unknown>> = {
  'POST /requests': (as) => ask(api.newGroup(), as === 'bot' ? { requester: mia } : {}),
  'POST /requests/preview': (as) => ask(readers, as === 'bot' ? { requester: mia } : {}),
  'POST /requests/{id}/approve': () => ({ reason: 'go ahead' }),
  'POST /requests/{id}/deny': () => ({ reason: 'not today' }),
  'POST /requests/{id}/remind': () => ({}),
  'POST /requests/{id}/cancel': () => ({}),
  'POST /requests/{id}/revoke': () => ({ reason: 'done' }),
  'POST /requests/{id}/extend': () => ({ duration: 'PT1H', justification: 'still at it' }),
  'PUT /integrations/{name}': () => integration,
  'PUT /resources/{type}/{id}/tags': () => ({ tags: { env: 'prod' } }),
  'PUT /access-flows/{name}': () => flow(),
  'PUT /bundles/{name}': () => ({ ...bundle, name: 'Spare' }),
  'POST /config/plan': () => ({ integrations: [integration], accessFlows: [flow()] }),
  'PUT /config': () => ({ integrations: [integration] }),
  'POST /cleanup/{id}/keep': () => ({ reason: 'still needed' }),
  'POST /cleanup/{id}/restore': () => ({ reason: 'a mistake' }),
  'POST /cleanup/run': () => ({ dryRun: true }),
  'POST /grants/revoke': () => nothingToRevoke,
  'POST /access-flows/{name}/confirm': () => ({ expectedCount: 0 }),
  'PUT /emergency-stop': () => ({ active: false, reason: 'all is well' }),
}

/** What a call needs; code is asked for as JSON: only that says itself what it is. */
const queryOf = (route: string) => {
  if (route === 'GET /directory') return '?q=mia&type=user'
  return /(config|code)$/.test(route) && route.startsWith('GET') ? '?format=json' : ''
}

/** Nothing is answered that the API's description does not know. */
function expectAsDescribed(name: string, status: number, body: unknown): void {
  const route = routes.find(({ method, path }) => `${method} ${path}` === name)
  const what = route?.answers.find((answer) => answer.status === status)?.what
  expect(what, `status ${status} of ${name}`).toBeDefined()
  const schema = what === undefined ? undefined : answerSchemas[what]
  expect(schema?.parse(body)).toEqual(body)
}

const cells = Object.entries(table).flatMap(([route, row]) =>
  row.map((expected, index) => ({ route, as: columns[index] ?? 'nobody', expected })),
)

describe('the route table', () => {
  test('has the routes that the table of this test has, and no other', () => {
    const known = routes.map(({ method, path }) => `${method} ${path}`)
    expect(known.sort()).toEqual(Object.keys(table).sort())
  })

  test.each(cells)('$route answers $as $expected', async ({ route, as, expected }) => {
    const target = await targets[route]?.()
    const [method = '', template = ''] = route.split(' ')
    const body = bodies[route]?.(as)
    const { status, body: said } = await api.call(
      as === 'nobody' ? undefined : (as satisfies CallerName),
      method,
      `${template.replace(/\{.+\}/, target ?? '')}${queryOf(route)}`,
      body === undefined ? {} : { body },
    )
    const code = status < 400 ? '' : ` ${said.type.replace('/problems/', '')}`
    expect(`${status}${code}`).toBe(expected)
    if (status < 400) expectAsDescribed(route, status, said)
  })
})

describe('a call that roles do not allow', () => {
  test('is written to the audit with who tried what', async () => {
    await api.pass(1_000)
    await api.call('sam', 'GET', '/grants')
    const { body } = await api.call('audrey', 'GET', '/audit?event=authorization.refused')
    expect(body.items[0]).toMatchObject({
      actor: '20000000-0000-4000-8000-00000000000c',
      actorType: 'user',
      detail: { operation: 'listGrants', roles: [] },
    })
  })
})
