/*
 * Over 300 lines on purpose: every command with what it sends and what it says is one list.
 */
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import {
  type Broker,
  openTerminal,
  type Ran,
  type Seen,
  startBroker,
  type Terminal,
  type TerminalOptions,
  type Told,
} from './terminal.ts'

type Answers = Readonly<Record<string, Told | ((call: Seen) => Told)>>

const readers = '30000000-0000-4000-8000-000000000001'
const mia = '20000000-0000-4000-8000-000000000001'
const id = 'aaaa-bbbb'

const aRequest = (over: object = {}) => ({
  id,
  status: 'active',
  integration: 'ContosoEntra',
  resource: { type: 'group', id: readers, name: 'Production Readers' },
  permission: 'member',
  requesterName: 'Mia',
  granteeName: 'Mia',
  accessFlow: { name: 'oncall', version: 1 },
  approval: { automatic: true, steps: [] },
  duration: 'PT1H30M',
  justification: 'errors in checkout',
  createdAt: '2026-01-05T11:59:00Z',
  grantedAt: '2026-01-05T11:59:01Z',
  endsAt: '2026-01-05T13:29:00Z',
  ...over,
})

const inCatalog = (name: string, over: object = {}) => ({
  integration: 'ContosoEntra',
  resource: { type: 'group', id: readers, name },
  permissions: ['member'],
  accessFlows: ['oncall'],
  maximumDuration: 'PT8H',
  approval: 'automatic',
  hasAccessDetails: false,
  ...over,
})

const catalog = { body: { items: [inCatalog('Production Readers')] } }

const opened: { broker: Broker; terminal: Terminal }[] = []

afterEach(async () => {
  for (const { broker, terminal } of opened.splice(0)) {
    await broker.stop()
    await terminal.remove()
  }
})

/** Answers by `METHOD /path`, without the query. */
async function shellWith(answers: Answers, options: TerminalOptions = {}) {
  const broker = await startBroker((call) => {
    const told = answers[`${call.method} ${call.path.split('?')[0]}`]
    return typeof told === 'function' ? told(call) : told
  })
  const env = { ENTRA_JIT_URL: broker.url, ENTRA_JIT_TOKEN: 'token', ...options.env }
  const terminal = await openTerminal({ ...options, env })
  opened.push({ broker, terminal })
  return { broker, type: terminal.type, home: terminal.home }
}

const linesOf = (text: string) => text.trimEnd().split('\n')

describe('request', () => {
  const submit = { 'POST /requests': { status: 202, body: aRequest({ status: 'granting' }) } }

  test('finds the resource by its name and sends what was said, with a key', async () => {
    const shell = await shellWith({ 'GET /catalog': catalog, ...submit })
    const ran = await shell.type(
      ...['request', 'production readers', '--duration', '1h30m', '--justification', 'errors'],
      ...['--ticket', 'INC-1', '--flow', 'oncall', '--permission', 'member', '--for', mia],
      ...['--start', '2026-01-05T18:00:00Z', '--integration', 'ContosoEntra'],
    )

    expect(ran).toMatchObject({ code: 0, err: '' })
    expect(shell.broker.seen[0]?.path).toBe(
      '/catalog?q=production+readers&integration=ContosoEntra',
    )
    expect(shell.broker.seen[1]?.json).toEqual({
      resource: { type: 'group', id: readers },
      duration: 'PT1H30M',
      justification: 'errors',
      ticket: 'INC-1',
      accessFlow: 'oncall',
      permission: 'member',
      requestFor: mia,
      startsAt: '2026-01-05T18:00:00Z',
      integration: 'ContosoEntra',
    })
    expect(shell.broker.seen[1]?.headers['idempotency-key']).toMatch(/^[0-9a-f-]{36}$/)
    expect(linesOf(ran.out)).toContain('Status    granting')
  })

  test('takes an object id as it is, and the key that is given', async () => {
    const shell = await shellWith(submit)
    await shell.type(
      ...['request', readers, '--type', 'directory-role', '--scope', '/', '--duration', 'PT1H'],
      ...['--key', 'INC-1'],
    )

    expect(shell.broker.seen).toHaveLength(1)
    expect(shell.broker.seen[0]?.json.resource).toEqual({
      type: 'directory-role',
      id: readers,
      scope: '/',
    })
    expect(shell.broker.seen[0]?.headers['idempotency-key']).toBe('INC-1')
  })

  test('asks for the usual time of the flow where none is said, and for none where there is none', async () => {
    const usual = { body: { items: [inCatalog('Readers', { defaultDuration: 'PT4H' })] } }
    const shell = await shellWith({ 'GET /catalog': usual, ...submit })
    await shell.type('request', 'Readers')
    const other = await shell.type('request', readers)

    expect(shell.broker.seen[1]?.json.duration).toBe('PT4H')
    expect(other).toMatchObject({
      code: 1,
      err: 'Cannot ask for access: say for how long, such as --duration 1h\n',
    })
  })

  test.each([
    ['nothing of that name', [], 'you may ask for nothing of that name'],
    ['part of a name', [inCatalog('Production Readers')], 'Perhaps: Production Readers'],
    [
      'a name that two have',
      [
        inCatalog('prod'),
        inCatalog('Prod', { resource: { type: 'group', id: mia, name: 'Prod' } }),
      ],
      `Perhaps: prod (${readers}), Prod (${mia})`,
    ],
  ])('is not sent for %s', async (_what, items, words) => {
    const shell = await shellWith({ 'GET /catalog': { body: { items } } })
    const ran = await shell.type('request', 'prod', '--duration', '1h')

    expect(ran.code).toBe(1)
    expect(ran.err).toContain(words)
    expect(shell.broker.seen).toHaveLength(1)
  })

  test('of several resources shows each outcome', async () => {
    const items = [
      { status: 202, request: aRequest() },
      { status: 403, problem: { title: 'Not allowed', detail: 'The flow denies it.' } },
    ]
    const shell = await shellWith({ 'POST /requests': { status: 202, body: { items } } })
    const ran = await shell.type('request', readers, mia, '--duration', '1h')

    expect(shell.broker.seen[0]?.json.resources).toHaveLength(2)
    expect(linesOf(ran.out)).toHaveLength(2)
    expect(linesOf(ran.err)).toEqual([
      `Not ${mia}: The flow denies it.`,
      'Cannot ask for 1 of them',
    ])
    expect(ran.code).toBe(1)
  })

  test('prints the answer as it is for programs', async () => {
    const shell = await shellWith(submit)
    const ran = await shell.type('request', readers, '--duration', '1h', '--output', 'json')

    expect(JSON.parse(ran.out)).toEqual(aRequest({ status: 'granting' }))
  })

  test('says a refusal of the broker in one line', async () => {
    const detail = 'The requester is not among those who may ask.'
    const shell = await shellWith({
      'POST /requests': { status: 403, body: { title: 'Not allowed', detail, trace: [] } },
    })
    const ran = await shell.type('request', readers, '--duration', '1h')

    expect(ran).toEqual({ code: 1, out: '', err: `Cannot ask for access: ${detail}\n` })
  })
})

describe('--wait', () => {
  const follow = (...statuses: readonly (string | Told)[]): Answers => {
    let look = 0
    return {
      'POST /requests': { status: 202, body: aRequest({ status: 'granting' }) },
      [`GET /requests/${id}`]: () => {
        const status = statuses[Math.min(look++, statuses.length - 1)]
        return typeof status === 'string' ? { body: aRequest({ status }) } : (status ?? {})
      },
    }
  }
  const ask = ['request', readers, '--duration', '1h', '--wait']

  test('follows a request until it is active, saying each change once', async () => {
    const shell = await shellWith(
      follow('pending-approval', 'pending-approval', 'granting', 'active'),
    )
    const ran = await shell.type(...ask)

    expect(ran.code).toBe(0)
    expect(linesOf(ran.err)).toEqual(['waiting for approval', 'granting'])
    expect(linesOf(ran.out)).toContain('Status    active')
  })

  test('rewrites one line on a terminal, and clears it at the end', async () => {
    const shell = await shellWith(follow('granting', 'granting', 'active'), {
      isTTY: true,
      columns: 80,
    })
    const { err } = await shell.type(...ask)

    expect(err).toBe('\r\u001b[K⠋ granting\r\u001b[K⠙ granting\r\u001b[K')
  })

  test('waits for a broker that is away for a moment', async () => {
    const shell = await shellWith(
      follow({ status: 503, body: { detail: 'later' } }, { status: 429, body: {} }, 'active'),
    )

    expect((await shell.type(...ask)).code).toBe(0)
  })

  test.each(['denied', 'failed', 'timed-out', 'cancelled'])(
    'ends in an error when the request is %s',
    async (status) => {
      const ran = await (await shellWith(follow(status))).type(...ask)

      expect(ran).toMatchObject({ code: 1, err: `Cannot use it: the request is ${status}\n` })
    },
  )

  test('gives up after its time', async () => {
    const ran = await (await shellWith(follow('pending-approval'))).type(...ask, '--timeout', '3s')

    expect(ran.code).toBe(1)
    expect(ran.err).toContain('Cannot wait longer than 3 s: it is pending-approval')
  })

  test('does not go on when it may not look any more', async () => {
    const ran = await (await shellWith(follow({ status: 404, body: { detail: 'No.' } }))).type(
      ...ask,
    )

    expect(ran).toMatchObject({ code: 1, err: 'Cannot look at the request: No.\n' })
  })

  test('of a revoke is over when the access has ended', async () => {
    const shell = await shellWith({
      ...follow('ending', 'ended'),
      [`POST /requests/${id}/revoke`]: { status: 202, body: aRequest({ status: 'ending' }) },
    })
    const ran = await shell.type('revoke', id, '--reason', 'done', '--wait')

    expect(ran).toMatchObject({ code: 0, err: 'ending\n' })
    expect(shell.broker.seen[0]?.json).toEqual({ reason: 'done' })
  })
})

describe('a command about a request', () => {
  // biome-ignore format: a table
  test.each<[string, readonly string[], string, unknown]>([
    ['show', ['show', id], `GET /requests/${id}`, undefined],
    ['remind', ['remind', id], `POST /requests/${id}/remind`, {}],
    ['cancel', ['cancel', id, '--reason', 'not needed'], `POST /requests/${id}/cancel`, { reason: 'not needed' }],
    ['revoke', ['revoke', id], `POST /requests/${id}/revoke`, {}],
    ['extend', ['extend', id, '--duration', '2h', '--justification', 'still at it'], `POST /requests/${id}/extend`, { duration: 'PT2H', justification: 'still at it' }],
    ['approve', ['approve', id, '--reason', 'go', '--duration', '30m'], `POST /requests/${id}/approve`, { reason: 'go', duration: 'PT30M' }],
    ['deny', ['deny', id], `POST /requests/${id}/deny`, {}],
  ])('%s makes its call and shows the request', async (_name, words, call, json) => {
    const shell = await shellWith({ [call]: { body: aRequest() } })
    const ran = await shell.type(...words)

    expect(ran).toMatchObject({ code: 0, err: '' })
    expect(shell.broker.seen.map(({ method, path }) => `${method} ${path}`)).toEqual([call])
    expect(shell.broker.seen[0]?.json).toEqual(json)
    expect(linesOf(ran.out)[0]).toBe(`Request   ${id}`)
  })

  test('shows who may decide, who has, and how to use what was given', async () => {
    const steps = [
      {
        stage: 0,
        state: 'open',
        approvers: [
          { as: 'group', people: [{ id: 'b', name: 'Ben' }], groups: [{ id: 'g', name: 'Leads' }] },
        ],
        decisions: [
          {
            approver: 'b',
            name: 'Ben',
            decision: 'approve',
            at: '2026-01-05T11:59:00Z',
            reason: 'on call',
          },
        ],
      },
      { stage: 1, state: 'waiting', approvers: [], opensAt: '2026-01-05T12:05:00Z' },
    ]
    const body = aRequest({
      approval: { automatic: false, mode: 'any-of', steps },
      accessDetails: 'Sign in again.\nThen look.',
      requesterName: 'Ben',
    })
    const ran = await (await shellWith({ [`GET /requests/${id}`]: { body } })).type('show', id)

    expect(linesOf(ran.out)).toEqual([
      `Request   ${id}`,
      'Status    active',
      'Resource  Production Readers (member)',
      `          group ${readers}`,
      'For       Mia',
      'Asked by  Ben',
      'Flow      oncall (ContosoEntra)',
      'Duration  1 h 30 min',
      'Reason    errors in checkout',
      'Asked     2026-01-05 11:59 (1 min ago)',
      'Granted   2026-01-05 11:59 (59 s ago)',
      'Ends      2026-01-05 13:29 (in 1 h 29 min)',
      'Step 1    open: Leads, Ben',
      '          Ben said approve, "on call"',
      'Step 2    waiting, opens in 5 min: nobody',
      '',
      'How to use it:',
      '  Sign in again.',
      '  Then look.',
    ])
  })

  test('keeps an id with other characters within its place in the path', async () => {
    const shell = await shellWith({})
    await shell.type('show', '../config?x')

    expect(shell.broker.seen[0]?.path).toBe('/requests/..%2Fconfig%3Fx')
  })
})

describe('a list', () => {
  test('is a table with its columns lined up, and says when there is nothing', async () => {
    const items = [
      aRequest(),
      aRequest({ status: 'ended', endedAt: '2026-01-04T12:00:00Z', id: 'cccc-dddd' }),
      aRequest({ status: 'pending-approval', endsAt: undefined, id: 'eeee-ffff' }),
    ]
    const shell = await shellWith({ 'GET /requests': { body: { items } } })
    const ran = await shell.type('list', '--status', 'active')
    const empty = await (await shellWith({ 'GET /approvals': { body: { items: [] } } })).type(
      'approvals',
    )

    expect(shell.broker.seen[0]?.path).toBe('/requests?status=active')
    expect(linesOf(ran.out)).toEqual([
      'STATUS            RESOURCE            AS      FOR  FLOW    TIME                ID',
      `active            Production Readers  member  Mia  oncall  ends in 1 h 29 min  ${id}`,
      'ended             Production Readers  member  Mia  oncall  ended 1 d ago       cccc-dddd',
      'pending-approval  Production Readers  member  Mia  oncall  for 1 h 30 min      eeee-ffff',
    ])
    expect(empty.out).toBe('Nothing waits for you.\n')
  })

  test('is read page by page up to its limit', async () => {
    const shell = await shellWith({
      'GET /requests': ({ path }) =>
        path.includes('next=two')
          ? { body: { items: [aRequest(), aRequest()], next: 'three' } }
          : { body: { items: [aRequest()], next: 'two' } },
    })
    const ran = await shell.type('list', '--limit', '3', '--output', 'json')

    expect(JSON.parse(ran.out)).toMatchObject({ items: { length: 3 }, next: 'three' })
    expect(ran.err).toBe('There are more; --limit shows them.\n')
    expect((await shell.type('list', '--limit', 'all')).code).toBe(1)
  })

  test('cannot be made to move the cursor or to turn text around', async () => {
    const name = '\u001b[2Jevil\u202egpj\nnext \u009b31m'
    const items = [aRequest({ resource: { type: 'group', id: readers, name } })]
    const ran = await (await shellWith({ 'GET /requests': { body: { items } } })).type('list')

    expect(linesOf(ran.out)).toHaveLength(2)
    expect(ran.out).toContain('\ufffd[2Jevil\ufffdgpj next \ufffd31m')
  })

  test('of what may be asked for, of approvals and of resources shows what matters of each', async () => {
    const shell = await shellWith({
      'GET /catalog': catalog,
      'GET /approvals': { body: { items: [aRequest({ status: 'pending-approval' })] } },
      'GET /resources': {
        body: {
          items: [
            { type: 'group', id: readers, name: 'Readers', kind: 'security', manageable: true },
            {
              type: 'group',
              id: mia,
              name: 'All',
              kind: 'dynamic',
              manageable: false,
              reason: { code: 'dynamic', detail: 'By a rule.' },
            },
          ],
        },
      },
    })

    expect(linesOf((await shell.type('catalog', 'prod', '--type', 'group')).out)[1]).toBe(
      'Production Readers  group  member  8 h      automatic  oncall',
    )
    expect(linesOf((await shell.type('approvals', '--decided')).out)[0]).toContain('STATUS')
    expect(linesOf((await shell.type('resources', 'r', '--integration', 'A')).out)).toEqual([
      'NAME     KIND      MANAGEABLE  ID',
      `Readers  security  yes         ${readers}`,
      `All      dynamic   By a rule.  ${mia}`,
    ])
    expect(shell.broker.seen.map(({ path }) => path)).toEqual([
      '/catalog?q=prod&type=group',
      '/approvals?decided=mine',
      '/resources?q=r&integration=A',
    ])
  })
})

describe('preview', () => {
  test('shows the outcome and every rule that was looked at', async () => {
    const trace = [
      { flow: 'oncall', rule: 'requesters', verdict: 'pass', detail: 'The requester fits.' },
      { flow: 'oncall', rule: 'duration', verdict: 'fail', detail: 'It is longer than PT8H.' },
      { flow: 'night', rule: 'active', verdict: 'pass', detail: 'The flow is active.' },
      { flow: 'night', rule: 'target', verdict: 'fail', detail: 'No target covers it.' },
    ]
    const nearest = { flow: 'oncall', rule: 'duration', detail: 'At most PT8H.' }
    const body = {
      outcome: 'refused',
      code: 'too-long',
      detail: 'Too long.',
      trace,
      nearest,
      approvers: [],
    }
    const shell = await shellWith({ 'POST /requests/preview': { body } })
    const ran = await shell.type('preview', readers, '--duration', '9h')

    expect(ran.code).toBe(0)
    expect(linesOf(ran.out)).toEqual([
      'Outcome  refused',
      'Why      Too long.',
      'Nearest  oncall: At most PT8H.',
      '',
      'FLOW    RULE        VERDICT  DETAIL',
      'oncall  requesters  pass     The requester fits.',
      'oncall  duration    fail     It is longer than PT8H.',
      '',
      'About something else: night',
    ])
  })
})

describe('test', () => {
  const tested = {
    connector: 'default',
    token: { ok: true },
    features: [
      { name: 'discover', state: 'ok', missing: [] },
      { name: 'group-members', state: 'missing', missing: ['GroupMember.ReadWrite.All'] },
    ],
    excess: [{ name: 'Mail.Send', why: 'Nothing asks for it.', tier0: false }],
    commands: [
      { shell: 'az', text: 'az rest …', effect: 'Gives it.' },
      { shell: 'powershell', text: 'New-Mg…', effect: 'Gives it.' },
    ],
  }

  test('shows what the connector can do, what is too much, and what would mend it', async () => {
    const shell = await shellWith({ 'POST /integrations/ContosoEntra/test': { body: tested } })
    const ran = await shell.type('test', 'ContosoEntra')

    expect(ran).toMatchObject({ code: 0, err: '' })
    expect(linesOf(ran.out).map((line) => line.replaceAll(/ +/g, ' ').trim())).toEqual([
      'FEATURE STATE MISSING',
      'discover ok',
      'group-members missing GroupMember.ReadWrite.All',
      'Too much: Mail.Send. Nothing asks for it.',
      'Gives it.',
      'az rest …',
    ])
  })

  test('fails where the connector gets no token', async () => {
    const token = { ok: false, problem: 'No token was given: AADSTS7000215.' }
    const body = { ...tested, token, excess: [], commands: [] }
    const shell = await shellWith({ 'POST /integrations/ContosoEntra/test': { body } })

    expect(await shell.type('test', 'ContosoEntra')).toMatchObject({
      code: 1,
      err: 'Cannot use the connector: No token was given: AADSTS7000215.\n',
    })
  })
})

describe('discover', () => {
  test('orders a discovery and follows it', async () => {
    let looks = 0
    const counts = { pages: 2, found: 40, changed: 1, gone: 0, seconds: 1.5 }
    const shell = await shellWith({
      'POST /integrations/ContosoEntra/discover': { status: 202, body: { state: 'waiting' } },
      'GET /integrations/ContosoEntra/discover': () => ({
        body: { ...counts, state: looks++ === 0 ? 'running' : 'finished' },
      }),
    })
    const ordered = await shell.type('discover', 'ContosoEntra')
    const followed = await shell.type('discover', 'ContosoEntra', '--wait')

    expect(ordered.out).toBe('State  waiting\n')
    expect(followed.err).toBe('running: 40 resources on 2 pages\n')
    expect(linesOf(followed.out)).toContain('Found    40')
  })

  test('fails with the discovery, and says when there is no such thing yet', async () => {
    const failed = await shellWith({
      'POST /integrations/A/discover': { body: { state: 'failed', problem: '403' } },
    })

    expect(await failed.type('discover', 'A')).toMatchObject({ code: 1 })
    expect((await failed.type('discover', 'B')).err).toBe(
      'Cannot discover B: this broker does not offer it\n',
    )
  })
})

describe('config', () => {
  const change = (action: string, fields: readonly object[] = []) => ({
    kind: 'access-flow',
    name: 'oncall',
    action,
    fields,
  })
  const aPlan = (over: object = {}) => ({
    planId: 'plan-1',
    changes: [change('none')],
    people: {
      mayNewly: [],
      mayNoLonger: [],
      skipApproval: [],
      longer: [],
      counts: { mayNewly: 0, mayNoLonger: 0, skipApproval: 0, longer: 0 },
      complete: true,
      gaps: [],
    },
    lint: [],
    ...over,
  })
  const longer = change('update', [
    { pointer: '/duration/maximum', before: 'PT8H', after: 'P1D' },
    { pointer: '/labels', after: { team: 'x'.repeat(80) } },
  ])

  async function configShell(plan: object, options: TerminalOptions = {}) {
    const shell = await shellWith(
      {
        'POST /config/plan': { body: plan },
        'PUT /config': { body: { changes: [longer] } },
        'GET /config': { body: 'integrations: []\n', type: 'application/yaml' },
        'GET /integrations/A/code': { body: 'locals {}\n', type: 'text/plain' },
        'GET /access-flows/b/code': { body: '{}\n', type: 'application/json' },
      },
      options,
    )
    const file = join(shell.home, 'access.yaml')
    await writeFile(file, 'accessFlows: []\n')
    return { ...shell, file }
  }

  test('plan shows what changes, for whom, and what is odd, and ends with 2', async () => {
    const shell = await configShell(
      aPlan({
        changes: [longer, { ...change('create'), name: 'night' }, change('delete')],
        people: {
          ...aPlan().people,
          longer: [mia],
          counts: { mayNewly: 0, mayNoLonger: 0, skipApproval: 0, longer: 7 },
          complete: false,
          gaps: ['The directory did not answer.'],
        },
        lint: [
          {
            code: 'inactive-flow',
            severity: 'info',
            pointer: '/accessFlows/1/active',
            detail: 'Off.',
          },
          { code: 'in-use', severity: 'error', pointer: '', detail: '1 request.' },
        ],
      }),
    )
    const ran = await shell.type('config', 'plan', shell.file)

    expect(ran).toMatchObject({ code: 2, err: '' })
    expect(linesOf(ran.out)).toEqual([
      '~ access flow oncall',
      '    /duration/maximum: "PT8H" → "P1D"',
      `    /labels: (nothing) → {"team":"${'x'.repeat(51)}…`,
      '+ access flow night',
      '- access flow oncall',
      '',
      'People',
      `  7 may have it longer: ${mia}, …`,
      '  Perhaps more: The directory did not answer.',
      '',
      'LINT   CODE           WHERE          WHAT',
      'info   inactive-flow  night /active  Off.',
      'error  in-use                        1 request.',
      '',
      'Plan: 1 to create, 1 to change, 1 to delete.',
    ])
    expect(shell.broker.seen[0]).toMatchObject({ text: 'accessFlows: []\n' })
    expect(shell.broker.seen[0]?.headers['content-type']).toBe('application/yaml')
  })

  test('plan of no change ends with 0, and one that is refused with 1', async () => {
    const shell = await configShell(aPlan())
    const same = await shell.type('config', 'plan', shell.file)
    const gone = await shell.type('config', 'plan', join(shell.home, 'nothing.yaml'))

    expect(same).toMatchObject({ code: 0, out: 'Nothing changes.\n' })
    expect(gone.code).toBe(1)
    expect(gone.err).toMatch(/^Cannot read .*nothing\.yaml: it is not there/)
  })

  test.each([
    ['JSON by its name', 'set.json', '{"accessFlows":[]}', [], 'application/json'],
    ['YAML by its name', 'set.yml', 'accessFlows: []', [], 'application/yaml'],
    [
      'a wish to prune as data',
      'set.yaml',
      'accessFlows: [] # all',
      ['--prune'],
      'application/json',
    ],
  ])('sends %s', async (_what, name, text, more, type) => {
    const shell = await configShell(aPlan())
    const file = join(shell.home, name)
    await writeFile(file, text)
    await shell.type('config', 'plan', file, ...more)

    expect(shell.broker.seen[0]?.headers['content-type']).toBe(type)
    if (more.length > 0) {
      expect(shell.broker.seen[0]?.json).toEqual({ accessFlows: [], prune: true })
    } else {
      expect(shell.broker.seen[0]?.text).toBe(text)
    }
  })

  test('reads a set from standard input', async () => {
    const shell = await configShell(aPlan(), { input: '{"accessFlows":[]}' })
    await shell.type('config', 'plan', '-')

    expect(shell.broker.seen[0]?.json).toEqual({ accessFlows: [] })
  })

  const puts = (seen: readonly Seen[]) => seen.filter(({ method }) => method === 'PUT')

  // biome-ignore format: a table
  test.each<[string, object, TerminalOptions, readonly string[], number, string, boolean]>([
    ['says yes', { changes: [longer] }, {}, ['--yes'], 0, 'Applied: 0 created, 1 changed, 0 deleted.', true],
    ['is asked and agrees', { changes: [longer] }, { answer: 'y' }, [], 0, 'Apply these changes? [y/N]', true],
    ['is asked and does not', { changes: [longer] }, { answer: '' }, [], 1, 'Nothing was applied', false],
    ['cannot be asked', { changes: [longer] }, {}, [], 1, 'say --yes', false],
    ['plans what is refused', { changes: [longer], lint: [{ code: 'in-use', severity: 'error', pointer: '', detail: 'x' }] }, {}, ['--yes'], 1, 'see the errors above', false],
    ['plans no change', {}, {}, [], 0, 'Nothing changes.', false],
  ])('apply, by somebody who %s', async (_who, plan, options, more, code, words, isApplied) => {
    const shell = await configShell(aPlan(plan), options)
    const ran = await shell.type('config', 'apply', shell.file, ...more)

    expect(ran.code).toBe(code)
    expect(ran.out + ran.err).toContain(words)
    expect(puts(shell.broker.seen).map(({ headers }) => headers['if-match'])).toEqual(
      isApplied ? ['plan-1'] : [],
    )
  })

  test.each([
    [['config', 'export'], '/config?format=yaml', 'integrations: []\n'],
    [['config', 'export', '--format', 'bicep'], '/config?format=bicep', 'integrations: []\n'],
    [
      ['config', 'export', '--integration', 'A', '--format', 'terraform'],
      '/integrations/A/code?format=terraform',
      'locals {}\n',
    ],
    [
      ['config', 'export', '--flow', 'b', '--format', 'json'],
      '/access-flows/b/code?format=json',
      '{}\n',
    ],
  ])('%j prints the code alone', async (words, path, out) => {
    const shell = await configShell(aPlan())

    expect(await shell.type(...words)).toEqual({ code: 0, out, err: '' })
    expect(shell.broker.seen[0]?.path).toBe(path)
  })

  test('export writes to a file where one is named', async () => {
    const shell = await configShell(aPlan())
    const file = join(shell.home, 'out.yaml')
    const ran = await shell.type('config', 'export', '--out', file)

    expect(ran).toEqual({ code: 0, out: '', err: `Written to ${file}.\n` })
    expect(await readFile(file, 'utf8')).toBe('integrations: []\n')
  })
})

describe('audit', () => {
  test('export streams what the broker sends, with its filter', async () => {
    const shell = await shellWith({
      'GET /audit': ({ headers }) => ({ body: `${headers.accept}\n`, type: 'text/csv' }),
    })
    const words = [
      'audit',
      'export',
      '--format',
      'csv',
      '--event',
      'grant.ended',
      '--from',
      '2026-01-01',
    ]

    expect(await shell.type(...words)).toEqual({ code: 0, out: 'text/csv\n', err: '' })
    expect(shell.broker.seen[0]?.path).toBe('/audit?from=2026-01-01&event=grant.ended')
  })

  test('export that breaks off leaves no half of a file', async () => {
    const shell = await shellWith({
      'GET /audit': { body: '{}\n', type: 'application/x-ndjson', breaksOff: true },
    })
    const file = join(shell.home, 'audit.ndjson')
    const ran = await shell.type('audit', 'export', '--out', file)

    expect(ran.code).toBe(1)
    expect(ran.err).toBe('Cannot export the audit: it broke off\n')
    await expect(readFile(file)).rejects.toThrow()
  })

  const verdict = (body: object): Answers => ({ 'GET /audit/verify': { body } })
  const broken = {
    verdict: 'broken',
    rows: 9,
    firstBroken: { stream: 'system', sequence: 3, problem: 'hash' },
  }

  // biome-ignore format: a table
  test.each<[string, Answers, number, string]>([
    ['intact', verdict({ verdict: 'intact', rows: 9, streams: 2, coveredUntil: null, uncovered: 0 }), 0, 'Verdict    intact\nRows       9\nStreams    2\nUncovered  0\n'],
    ['broken', verdict(broken), 1, 'First broken  hash (system 3)'],
    ['not offered', {}, 1, 'Cannot verify the audit: this broker does not offer it'],
  ])('verify says when it is %s', async (_what, answers, code, words) => {
    const ran: Ran = await (await shellWith(answers)).type('audit', 'verify')

    expect(ran.code).toBe(code)
    expect(ran.out + ran.err).toContain(words)
  })
})

describe('a command line', () => {
  test.each([
    [['lst'], "error: unknown command 'lst'\n(Did you mean list?)\n"],
    [['list', '--colour'], "error: unknown option '--colour'\n"],
    [['show'], "error: missing required argument 'request'\n"],
    [['extend', 'x'], "error: required option '--duration <time>' not specified\n"],
  ])('%j that makes no sense is told so and ends with 1', async (words, err) => {
    expect(await (await shellWith({})).type(...words)).toEqual({ code: 1, out: '', err })
  })

  test('is explained with examples', async () => {
    const ran = await (await shellWith({})).type('--help')

    expect(ran.code).toBe(0)
    expect(ran.out).toContain('Examples:')
  })

  test('shows the calls it makes when asked to', async () => {
    const shell = await shellWith({ 'GET /requests': { body: { items: [] } } })
    const ran = await shell.type('list', '--debug')

    expect(ran.err).toBe(`GET ${shell.broker.url}/api/requests → 200\n`)
  })

  test.each([
    [401, {}, 'the broker answered 401', 'Sign in with: entra-jit login'],
    [
      500,
      { detail: 'Gone wrong.', instance: 'urn:uuid:1' },
      'Gone wrong.',
      'For whoever runs the broker: urn:uuid:1',
    ],
  ])('answered %s gives the reason and what to do', async (status, body, reason, hint) => {
    const ran = await (await shellWith({ 'GET /me': { status, body } })).type('whoami')

    expect(ran).toEqual({ code: 1, out: '', err: `Cannot say who you are: ${reason}\n${hint}\n` })
  })

  test('answered in words of another time says so', async () => {
    const ran = await (await shellWith({ 'GET /me': { body: { name: 1 } } })).type('whoami')

    expect(ran.err).toBe('Cannot read what the broker answers: is it of the same version?\n')
  })
})
