import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { AccessFlow } from '../../shared/access/flow.ts'
import { ben, flow } from '../operations/broker-in-memory.ts'
import { type Api, startApi } from './start-api.ts'

let api: Api

beforeAll(async () => {
  api = await startApi()
})
afterAll(() => api.stop())

const onSaturdays = { days: ['sat'], from: '09:00', to: '17:00', timeZone: 'Europe/Berlin' }
const onlyBen = { operator: 'or', conditions: [{ type: 'user', values: [ben] }] } as const

/** Every rule of a flow that can stop a new request over HTTP; extensions have tests of their own. */
const rows: readonly {
  rule: string
  code: string
  over: Partial<AccessFlow>
  more?: object
}[] = [
  { rule: 'active', code: 'no-flow', over: { active: false } },
  { rule: 'target', code: 'no-flow', over: {}, more: { permission: 'owner' } },
  { rule: 'requesters', code: 'not-eligible', over: { requesters: onlyBen } },
  { rule: 'grantees', code: 'grantee-not-eligible', over: {}, more: { requestFor: ben } },
  { rule: 'intake', code: 'intake-not-allowed', over: { intake: ['service-bus'] } },
  { rule: 'timeframe', code: 'outside-timeframe', over: { timeframe: onSaturdays } },
  { rule: 'duration', code: 'too-long', over: { duration: { maximum: 'PT30M' } } },
  {
    rule: 'justification',
    code: 'justification-missing',
    over: { justification: { required: true } },
  },
  { rule: 'ticket', code: 'ticket-missing', over: { ticket: { required: true } } },
]

describe('a request that policy refuses', () => {
  test.each(rows)('by $rule is answered 403 $code with the rule in its trace', async (row) => {
    await api.call('ada', 'PUT', '/access-flows/oncall', { body: flow(row.over) })

    const { status, body } = await api.call('mia', 'POST', '/requests', {
      body: { resource: { type: 'group', id: api.newGroup() }, duration: 'PT1H', ...row.more },
    })

    expect(status).toBe(403)
    expect(body.type).toBe(`/problems/${row.code}`)
    const failed = body.trace.filter(({ verdict }: { verdict: string }) => verdict === 'fail')
    expect(failed).toEqual([
      { flow: 'oncall', rule: row.rule, verdict: 'fail', detail: expect.stringMatching(/\.$/) },
    ])
  })

  test('by a flow that denies is answered 403 denied-by-flow with what it matched', async () => {
    const { duration: _, intake: __, ...denial } = flow({ name: 'never', effect: 'deny' })
    await api.call('ada', 'PUT', '/access-flows/oncall', { body: flow() })
    const put = await api.call('ada', 'PUT', '/access-flows/never', { body: denial })

    const { status, body } = await api.call('mia', 'POST', '/requests', {
      body: { resource: { type: 'group', id: api.newGroup() }, duration: 'PT1H' },
    })

    expect(put.status).toBe(201)
    expect(status).toBe(403)
    expect(body).toMatchObject({
      type: '/problems/denied-by-flow',
      nearest: { flow: 'never', rule: 'effect', detail: 'The flow "never" denies it.' },
    })
    expect(body.trace).toContainEqual({
      flow: 'never',
      rule: 'requesters',
      verdict: 'pass',
      detail: expect.any(String),
    })
  })
})
