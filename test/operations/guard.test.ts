/*
 * Over 300 lines on purpose: what is guarded, and on which terms it is given, is one list.
 */
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { AccessFlow, ApprovalRule } from '../../shared/access/flow.ts'
import type { Integration } from '../../shared/access/integration.ts'
import { readRequest } from '../../shared/ledger/pair-ledger.ts'
import type { RequestBody } from '../../shared/operations/arrival.ts'
import { putDocument } from '../../shared/operations/documents.ts'
import { brokerInMemory, flow, type InMemory, mia, petra, zoe } from './broker-in-memory.ts'
import { ada, discoverRegularly, readersOf } from './discovery-in-memory.ts'

const idOf = (number: number) => `32000000-0000-4000-8000-${String(number).padStart(12, '0')}`
const [low, middle, top, admins, approvers] = [1, 2, 3, 4, 5].map(idOf) as [
  string,
  string,
  string,
  string,
  string,
]
const users = 'fe930be7-5e62-47db-91af-98c3a49a38b1'
const helpdesk = '729827e3-9c14-49f7-bb1b-9608f156bbb8'
const reports = '4a5d8f65-41da-4de4-8968-e035b65339cf'
const global = '62e90394-69f5-4237-9190-012177145e10'
const own = idOf(90)
const paris = idOf(91)

const both: AccessFlow['targets'] = [
  { integration: 'ContosoEntra', resourceType: 'group', permissions: ['member', 'owner'] },
  { integration: 'ContosoEntra', resourceType: 'directory-role', permissions: ['active'] },
]
const byTwo: ApprovalRule = {
  mode: 'all-of',
  steps: [
    {
      approvers: [
        { type: 'user', id: petra },
        { type: 'user', id: zoe },
      ],
    },
  ],
}

/** A tenant with groups within groups, and roles; the flow covers everything. */
async function company(
  over: Partial<Integration> = {},
  flowOver: Partial<AccessFlow> = {},
): Promise<InMemory> {
  const broker = await brokerInMemory([flow({ targets: both, ...flowOver })])
  const resourceTypes = ['group', 'directory-role'] as const
  const integration = { name: 'ContosoEntra', resourceTypes, ...over }
  await putDocument(broker.needs, ada, 'integration', integration, {})
  const { directory } = broker
  directory.addGroup({ id: low, name: 'Low', members: [] })
  directory.addGroup({ id: middle, name: 'Middle', members: [low] })
  directory.addGroup({ id: admins, name: 'Admins' })
  directory.addGroup({ id: approvers, name: 'Approvers' })
  for (const [id, name] of [
    [users, 'User Administrator'],
    [helpdesk, 'Helpdesk Administrator'],
    [reports, 'Reports Reader'],
    [global, 'Global Administrator'],
  ] as const) {
    directory.addRole({ id, name })
  }
  directory.addRole({ id: own, name: 'Our Own', isBuiltIn: false })
  directory.addUnit({ id: paris, name: 'Paris' })
  directory.addAppRoleHolder(admins)
  return broker
}

const addTop = ({ directory }: InMemory) =>
  directory.addGroup({ id: top, name: 'Top', members: [middle], unmanageable: 'role-assignable' })

const group = (id: string) => ({ type: 'group', id }) as const
const role = (id: string, scope = '/') => ({ type: 'directory-role', id, scope }) as const

async function ask(
  broker: InMemory,
  resource: RequestBody['resource'],
  more: Partial<RequestBody> = {},
) {
  const outcome = await broker.submitRequest(
    {
      intake: 'http',
      requester: mia,
      requesterIsApplication: false,
      body: { resource, duration: 'PT1H', justification: 'incident', ...more },
    },
    broker.clockwork,
  )
  return outcome.kind === 'accepted'
    ? { id: outcome.request.reason.id, status: outcome.request.reason.status }
    : { code: outcome.code, reason: outcome.reason, detail: outcome.detail }
}

const decide = async (broker: InMemory, requestId: string, who: string) => {
  const request = await readRequest(broker.needs.tables, requestId)
  if (request === undefined) throw new Error('Cannot decide: there is no such request')
  const caller = { id: who, tenantId: 'here', kind: 'user', roles: [] } as const
  const outcome = await broker.decideApproval(
    request,
    caller,
    { verdict: 'approve' },
    broker.clockwork,
  )
  return outcome.kind === 'decided' ? outcome.request.reason.status : outcome.code
}

const way = (path: string) => `It gives power over this product: ${path}.`

describe('a request is refused as guarded', () => {
  test('for a group within a group that carries roles, and says by which way', async () => {
    const broker = await company()
    addTop(broker)

    expect(await ask(broker, group(low))).toEqual({
      code: 'guarded',
      reason: 'cannot-be-managed',
      detail: way('Low → Top → directory roles that can be assigned to it'),
    })
    expect(broker.directory.writes).toEqual([])
  })

  test.each([
    ['whose members are administrators here', admins, 'Admins → a role of this product'],
    ['that approves', approvers, 'Approvers → a say in who gets access'],
  ])('for a group %s', async (_what, id, path) => {
    const rule: ApprovalRule = {
      mode: 'any-of',
      steps: [{ approvers: [{ type: 'group', id: approvers }] }],
    }
    const broker = await company()
    const other = flow({
      name: 'asked',
      targets: both,
      approval: rule,
      duration: { maximum: 'PT9H' },
    })
    await putDocument(broker.needs, ada, 'access-flow', other, {})

    expect(await ask(broker, group(id))).toMatchObject({ code: 'guarded', detail: way(path) })
  })

  test('for its owners like for its members', async () => {
    const broker = await company()

    expect(await ask(broker, group(admins), { permission: 'owner' })).toMatchObject({
      code: 'guarded',
    })
  })

  test.each([
    ['a privileged role', role(users), 'guarded'],
    ['a privileged role that may be given in a unit, everywhere', role(helpdesk), 'guarded'],
    ['the same in a unit', role(helpdesk, `/administrativeUnits/${paris}`), undefined],
    ['an own role that does not show what it allows', role(own), 'guarded'],
    ['a plain role', role(reports), undefined],
    ['a plain group', group(low), undefined],
  ])('for %s as it should', async (_what, resource, code) => {
    const answer = await ask(await company(), resource)

    expect('code' in answer ? answer.code : undefined).toBe(code)
  })

  test('when the way comes between the request and its start', async () => {
    const broker = await company()
    const asked = await ask(broker, group(low), { startsAt: '2026-01-05T13:00:00Z' })
    addTop(broker)
    broker.advance(3_601_000)
    await broker.sweep()
    const request = await readRequest(broker.needs.tables, asked.id ?? '')

    expect(request?.reason.status).toBe('failed')
    expect(broker.directory.writes).toEqual([])
  })

  test('when the way comes between the request and its approval', async () => {
    const broker = await company({}, { approval: byTwo })
    const { id = '' } = await ask(broker, group(low))
    addTop(broker)

    expect(await decide(broker, id, petra)).toBe('no-longer-eligible')
    expect(broker.directory.writes).toEqual([])
  })

  test('for nothing more or less than what nested groups lead to', async () => {
    const ids = Array.from({ length: 6 }, (_, number) => idOf(100 + number))
    const pair = fc.tuple(fc.constantFrom(...ids), fc.constantFrom(...ids))
    await fc.assert(
      fc.asyncProperty(
        fc.array(pair, { maxLength: 12 }),
        fc.subarray(ids, { maxLength: 1 }),
        fc.subarray(ids, { maxLength: 1 }),
        async (nesting, carriers, holders) => {
          const broker = await company()
          const { directory } = broker
          for (const id of ids) {
            const members = nesting.flatMap(([inner, outer]) => (outer === id ? [inner] : []))
            const unmanageable = carriers.includes(id) ? ('role-assignable' as const) : undefined
            directory.addGroup({
              ...{ id, name: id, members },
              ...(unmanageable === undefined ? {} : { unmanageable }),
            })
          }
          for (const id of holders) directory.addAppRoleHolder(id)
          let reached = new Set([ids[0]])
          for (const _ of ids) {
            const outer = nesting.filter(([inner]) => reached.has(inner)).map(([, each]) => each)
            reached = new Set([...reached, ...outer])
          }
          const isGuarded = [...carriers, ...holders].some((id) => reached.has(id))

          const answer = await ask(broker, group(ids[0] ?? ''))

          expect('code' in answer).toBe(isGuarded)
        },
      ),
      { numRuns: 60 },
    )
  })
})

describe('a privileged integration gives what is guarded', () => {
  const privileged = { privileged: true }

  test('for an hour, when two people approve', async () => {
    const broker = await company(privileged, { approval: byTwo })
    addTop(broker)
    const { id = '' } = await ask(broker, group(top))

    expect(await decide(broker, id, petra)).toBe('pending-approval')
    expect(await decide(broker, id, zoe)).toBe('granting')
  })

  test.each([
    ['without approval', {}, {}, 'Two people have to approve it.'],
    [
      'by one person',
      { approval: { ...byTwo, mode: 'any-of' as const } },
      {},
      'Two people have to approve it.',
    ],
    ['for longer', { approval: byTwo }, { duration: 'PT61M' }, 'It is given for an hour at most.'],
  ])('but not %s', async (_what, flowOver, more, sentence) => {
    const broker = await company(privileged, flowOver)
    addTop(broker)

    expect(await ask(broker, group(top), more)).toMatchObject({
      code: 'guarded',
      detail: `${way('Top → directory roles that can be assigned to it')} ${sentence}`,
    })
  })

  test('but not by one person in two stages', async () => {
    const step = {
      approvers: [{ type: 'user', id: petra } as const, { type: 'user', id: zoe } as const],
    }
    const broker = await company(privileged, {
      approval: { mode: 'any-of', steps: [step, step] },
    })
    addTop(broker)
    const { id = '' } = await ask(broker, group(top))
    const words = []
    for (const who of [petra, petra, zoe]) words.push(await decide(broker, id, who))

    expect(words).toEqual(['pending-approval', 'second-approver-needed', 'granting'])
  })

  test('but not by whoever made it privileged', async () => {
    const broker = await company({}, { approval: byTwo })
    addTop(broker)
    const integration = {
      name: 'ContosoEntra',
      resourceTypes: ['group'],
      privileged: true,
    } as const
    const caller = { ...ada, id: petra }
    await putDocument(broker.needs, caller, 'integration', integration, {})
    await putDocument(broker.needs, ada, 'integration', { ...integration, endBy: 'broker' }, {})
    const told = broker.published.filter(({ event }) => event === 'integration.changed')
    const { id = '' } = await ask(broker, group(top))

    expect(told.map(({ actor, detail }) => [actor.id, detail['unlocked']])).toEqual([
      [ada.id, undefined],
      [petra, true],
      [ada.id, undefined],
    ])
    expect(await decide(broker, id, petra)).toBe('own-unlocking')
    expect(await decide(broker, id, zoe)).toBe('pending-approval')
  })

  test('but not in windows that follow one another', async () => {
    const broker = await company(privileged, { approval: byTwo })
    addTop(broker)
    await ask(broker, group(top))

    expect(await ask(broker, group(top), { startsAt: '2026-01-05T13:00:00Z' })).toMatchObject({
      code: 'guarded-open',
    })
  })

  test.each([
    ['not by privilege alone', privileged, 'guarded'],
    ['by its id', { ...privileged, include: [{ by: 'id' as const, values: [global] }] }, undefined],
  ])('and Global Administrator %s', async (_what, over, code) => {
    const answer = await ask(await company(over, { approval: byTwo }), role(global))

    expect('code' in answer ? answer.code : undefined).toBe(code)
  })
})

describe('discovery shows what is guarded', () => {
  const reasonsOf = async (over: Partial<Integration>) => {
    const broker = await company(over)
    await discoverRegularly(broker)
    const shown = await readersOf(broker).list({ type: 'directory-role' })
    return Object.fromEntries(shown.map(({ name, reason }) => [name, reason?.code]))
  }

  test('as not manageable, where no integration is privileged', async () => {
    expect(await reasonsOf({})).toEqual({
      'Global Administrator': 'guarded',
      // It may be given in a unit, where it is not guarded.
      'Helpdesk Administrator': undefined,
      'Our Own': undefined,
      'Reports Reader': undefined,
      'User Administrator': undefined,
    })
  })

  test('and as manageable where one is', async () => {
    expect(await reasonsOf({ privileged: true })).toMatchObject({
      'Global Administrator': undefined,
    })
  })

  test('and the catalogue does not offer it', async () => {
    const broker = await company()
    await discoverRegularly(broker)
    const offered = (await readersOf(broker).catalog({ type: 'directory-role' })).map(
      ({ resource }) => resource.name,
    )

    expect(offered).toEqual(['Reports Reader'])
  })
})
