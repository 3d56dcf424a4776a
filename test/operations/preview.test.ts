import { beforeEach, describe, expect, test } from 'vitest'
import type { AccessFlow, ApprovalRule } from '../../shared/access/flow.ts'
import type { Arrival, RequestBody } from '../../shared/operations/arrival.ts'
import { setEmergencyStop } from '../../shared/operations/emergency-stop.ts'
import { createPreviewRequest, type Preview } from '../../shared/operations/preview-request.ts'
import {
  ben,
  brokerInMemory,
  flow,
  type InMemory,
  mia,
  petra,
  readers,
  tenantId,
} from './broker-in-memory.ts'

const unknown = '99999999-9999-4999-8999-999999999999'
const usual = flow({ duration: { maximum: 'PT8H', default: 'PT30M' } })

let broker: InMemory

const start = async (...flows: readonly AccessFlow[]) => {
  broker = await brokerInMemory(flows)
  const attributes = { department: 'Engineering' }
  broker.directory.addUser({ id: mia, displayName: 'Mia', attributes, managerId: ben })
}

const arrival = (over: Partial<RequestBody> = {}): Arrival => ({
  body: { resource: { type: 'group', id: readers }, duration: 'PT1H', ...over },
  intake: 'http',
  requester: mia,
  requesterIsApplication: false,
  actor: { id: mia, type: 'user' },
})

const ask = (over: Partial<RequestBody> = {}) =>
  createPreviewRequest(broker.needs, broker.readConfiguration)(arrival(over))

const preview = async (...asked: Parameters<typeof ask>): Promise<Preview> => {
  const outcome = await ask(...asked)
  if (outcome.kind === 'refused') throw new Error(`Cannot preview: ${outcome.code}`)
  return outcome.preview
}

const rows = () =>
  (['Ledger', 'Index', 'Claims', 'Audit'] as const).map((table) => broker.tables.all(table))

describe('a preview', () => {
  beforeEach(() => start(usual))

  test('says that a request would be granted, by which flow and for how long at most', async () => {
    const told = await preview()

    expect(told).toMatchObject({
      outcome: 'granted-automatically',
      flow: 'oncall',
      maximumDuration: 'PT8H',
      defaultDuration: 'PT30M',
      approvers: [],
    })
    expect(told.trace.map(({ verdict }) => verdict)).not.toContain('fail')
    expect(told).not.toHaveProperty('nearest')
  })

  test('says why a request would be refused, and what would change it', async () => {
    const told = await preview({ duration: 'P1D' })

    expect(told).toMatchObject({
      outcome: 'refused',
      code: 'too-long',
      flow: 'oncall',
      maximumDuration: 'PT8H',
      approvers: [],
      nearest: { flow: 'oncall', rule: 'duration', change: { duration: 'PT8H' } },
    })
    expect(told.trace).toContainEqual({
      flow: 'oncall',
      rule: 'duration',
      verdict: 'fail',
      detail: 'It is longer than the maximum of PT8H.',
    })
  })

  test('writes nothing, tells nobody and starts nothing, whatever comes out', async () => {
    const before = structuredClone(rows())

    await ask()
    await ask({ duration: 'P1D' })
    await ask({ resource: { type: 'group', id: unknown } })

    expect(rows()).toEqual(before)
    expect(broker.published).toEqual([])
    expect(broker.started).toEqual([])
    expect(broker.directory.writes).toEqual([])
  })

  test.each([
    { what: 'a request that is granted', over: {} },
    { what: 'a request for too long', over: { duration: 'P1D' } },
    { what: 'a request for somebody else', over: { requestFor: ben } },
    { what: 'a request by a flow that does not exist', over: { accessFlow: 'other' } },
  ])('tells of $what what becomes of it then', async ({ over }) => {
    const told = await preview(over)
    const outcome = await broker.submitRequest(arrival(over), broker.clockwork)

    expect(told.outcome).toBe(outcome.kind === 'accepted' ? 'granted-automatically' : 'refused')
    if (outcome.kind === 'accepted') return
    const { code, detail, trace, nearest } = outcome
    expect(told).toMatchObject({ code, detail, trace, nearest })
  })

  test('of a person who is disabled is a refusal without flows', async () => {
    broker.directory.addUser({ id: mia, displayName: 'Mia', enabled: false })

    expect(await preview()).toMatchObject({
      outcome: 'refused',
      code: 'requester-disabled',
      approvers: [],
      trace: [],
    })
  })

  test.each([
    {
      what: 'a resource that nobody knows',
      over: { resource: { type: 'group', id: unknown } },
      reason: 'not-found',
    },
    { what: 'a person whom nobody knows', over: { requestFor: unknown }, reason: 'not-found' },
    { what: 'a start in the past', over: { startsAt: '2026-01-05T11:00:00Z' }, reason: 'invalid' },
  ] as const)('of $what is refused as the request would be', async ({ over, reason }) => {
    expect(await ask(over)).toMatchObject({ kind: 'refused', reason })
  })

  test('of a resource that cannot be managed is refused as the request would be', async () => {
    broker.directory.addGroup({ id: readers, name: 'Production Readers', unmanageable: 'dynamic' })

    expect(await ask()).toMatchObject({ reason: 'cannot-be-managed', code: 'dynamic' })
  })

  test('while the emergency stop is on is refused as the request would be', async () => {
    const admin = { id: 'ada', tenantId, kind: 'user', roles: ['Access.Admin'] } as const
    await setEmergencyStop(broker.needs, admin, { active: true, reason: 'suspicious' })

    expect(await ask()).toMatchObject({ reason: 'conflict', code: 'emergency-stop' })
  })
})

describe('a preview without a text that the flow asks for', () => {
  const justification = { required: true, pattern: '.{10,}' }
  beforeEach(() => start(flow({ justification, ticket: { required: true } })))

  test('shows it as a rule that fails, and how it has to look', async () => {
    const told = await preview()

    expect(told).toMatchObject({
      outcome: 'refused',
      code: 'justification-missing',
      justification,
      ticket: { required: true },
      nearest: { change: { justification, ticket: { required: true } } },
    })
    const failed = told.trace.filter(({ verdict }) => verdict === 'fail')
    expect(failed.map(({ rule }) => rule)).toEqual(['justification', 'ticket'])
  })
})

describe('a preview of a flow with approval', () => {
  const approval: ApprovalRule = {
    mode: 'all-of',
    steps: [{ approvers: ['manager', { type: 'user', id: petra }] }],
  }
  beforeEach(() => start(flow({ approval })))

  test('says that people have to agree, how many, and who', async () => {
    expect(await preview()).toMatchObject({
      outcome: 'needs-approval',
      flow: 'oncall',
      approval: { mode: 'all-of', necessaryDecisions: 2 },
      approvers: [
        { type: 'user', id: ben, name: 'Ben', as: 'manager', stage: 0, tier: 0 },
        { type: 'user', id: petra, name: 'Petra', as: 'user', stage: 0, tier: 0 },
      ],
    })
  })

  test('says when nobody could approve it, and by which flow it would be', async () => {
    broker.directory.addUser({ id: petra, enabled: false })

    expect(await preview()).toMatchObject({
      outcome: 'refused',
      code: 'nobody-can-approve',
      flow: 'oncall',
      maximumDuration: 'PT8H',
      approval: { mode: 'all-of', necessaryDecisions: 2 },
      approvers: [],
    })
  })

  test('asks for nobody when it would be refused', async () => {
    expect(await preview({ duration: 'P1D' })).toMatchObject({
      outcome: 'refused',
      approval: { mode: 'all-of', necessaryDecisions: 2 },
      approvers: [],
    })
  })
})

describe('a decision', () => {
  const requesters = {
    operator: 'and',
    conditions: [
      { type: 'attribute', attribute: 'department', match: 'starts-with', values: ['eng'] },
      { type: 'manager', values: [ben] },
    ],
  } as const

  test('knows attributes and managers of people', async () => {
    await start(flow({ requesters }))

    expect(await preview()).toMatchObject({ outcome: 'granted-automatically' })
    broker.directory.addUser({ id: mia, displayName: 'Mia', attributes: { department: 'Sales' } })
    expect(await preview()).toMatchObject({ outcome: 'refused', code: 'not-eligible' })
  })

  test('lets a manager ask for direct reports and for nobody else', async () => {
    const grantees = {
      operator: 'or',
      conditions: [{ type: 'manager', values: ['requester'] }],
    } as const
    await start(flow({ grantees }))
    const byBen = (requestFor: string) =>
      broker.submitRequest({ ...arrival({ requestFor }), requester: ben }, broker.clockwork)

    expect(await byBen(mia)).toMatchObject({ kind: 'accepted' })
    expect(await byBen(ben)).toMatchObject({ kind: 'refused', code: 'grantee-not-eligible' })
  })

  test('holds a timeframe against the start that is asked for', async () => {
    const timeframe = { days: ['mon'], from: '12:00', to: '13:00', timeZone: 'UTC' }
    await start(flow({ timeframe }))

    expect(await preview()).toMatchObject({ outcome: 'granted-automatically' })
    expect(await preview({ startsAt: '2026-01-05T13:00:00Z' })).toMatchObject({
      outcome: 'refused',
      code: 'outside-timeframe',
      nearest: { change: { startsAt: '2026-01-12T12:00:00.000Z' } },
    })
    expect(await preview({ startsAt: '2026-01-12T12:59:00Z' })).toMatchObject({
      outcome: 'granted-automatically',
    })
  })
})
