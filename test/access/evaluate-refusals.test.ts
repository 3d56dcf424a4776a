import { describe, expect, test } from 'vitest'
import {
  evaluate,
  type Question,
  type Verdict,
  type VersionedFlow,
} from '../../shared/access/evaluate.ts'
import { rulesOf } from '../../shared/access/evaluate-rules.ts'
import type { Target } from '../../shared/access/flow.ts'
import {
  aFlow,
  anyOf,
  aPolicy,
  aQuestion,
  ben,
  contoso,
  friday,
  judge,
  nobody,
  officeHours,
  people,
  refusal,
} from './flow-builders.ts'

interface Row {
  readonly rule: string
  readonly code: string
  readonly flow: Partial<VersionedFlow>
  readonly question?: Partial<Question>
  readonly detail: string
}

/** Every rule by which a flow can stop a request, and what is said then. */
const rows: readonly Row[] = [
  {
    rule: 'active',
    code: 'no-flow',
    flow: { active: false },
    detail: 'The flow is switched off.',
  },
  {
    rule: 'target',
    code: 'no-flow',
    flow: { targets: [] },
    detail: 'No target covers the group "Production Readers" for "member".',
  },
  {
    rule: 'requesters',
    code: 'not-eligible',
    flow: { requesters: anyOf({ type: 'user', values: [ben] }) },
    detail: `The requester does not fit: user is "${ben}".`,
  },
  {
    rule: 'grantees',
    code: 'grantee-not-eligible',
    flow: { grantees: nobody },
    detail: 'The grantee does not fit: nobody.',
  },
  {
    rule: 'grantees',
    code: 'grantee-not-eligible',
    flow: {},
    question: { granteeId: ben },
    detail: 'The flow allows asking for oneself only.',
  },
  {
    rule: 'intake',
    code: 'intake-not-allowed',
    flow: {},
    question: { intake: 'service-bus' },
    detail: 'The flow takes no requests by service-bus.',
  },
  {
    rule: 'timeframe',
    code: 'outside-timeframe',
    flow: { timeframe: officeHours },
    question: { startsAt: friday },
    detail:
      'It starts fri 17:30, and the flow takes mon, tue, wed, thu, fri 09:00–17:00 in Europe/Berlin.',
  },
  {
    rule: 'extensions',
    code: 'too-many-extensions',
    flow: { extensions: { maximum: 2 } },
    question: { extends: true, extensionsBefore: 2 },
    detail: 'Extended 2 times already, and 2 are allowed.',
  },
  {
    rule: 'duration',
    code: 'too-long',
    flow: { duration: { maximum: 'PT30M' } },
    detail: 'It is longer than the maximum of PT30M.',
  },
  {
    rule: 'duration',
    code: 'too-long',
    flow: { duration: undefined },
    detail: 'The flow allows no time.',
  },
  {
    rule: 'justification',
    code: 'justification-missing',
    flow: { justification: { required: true } },
    detail: 'The flow asks for a justification.',
  },
  {
    rule: 'justification',
    code: 'justification-missing',
    flow: { justification: { pattern: '.{20,}' } },
    question: { justification: 'because' },
    detail: 'The justification does not match the pattern .{20,} of the flow.',
  },
  {
    rule: 'ticket',
    code: 'ticket-missing',
    flow: { ticket: { required: true } },
    detail: 'The flow asks for a ticket.',
  },
  {
    rule: 'ticket',
    code: 'ticket-missing',
    flow: { ticket: { pattern: 'INC-[0-9]+' } },
    question: { ticket: 'CHG-1' },
    detail: 'The ticket does not match the pattern INC-[0-9]+ of the flow.',
  },
]

const failed = ({ trace }: Verdict) => trace.filter(({ verdict }) => verdict === 'fail')

describe('a refusal', () => {
  test.each(rows)('by $rule ($code) carries a trace that names the rule: $detail', (row) => {
    const { rule, code, flow, question, detail } = row

    const verdict = refusal([aFlow(flow)], question)

    expect(verdict.code).toBe(code)
    expect(failed(verdict)).toEqual([{ flow: 'oncall', rule, verdict: 'fail', detail }])
  })

  test.each(rows.filter(({ code }) => code !== 'no-flow'))(
    'by $rule names the flow and the rule as the nearest miss too: $detail',
    ({ rule, flow, question, detail }) => {
      const verdict = refusal([aFlow(flow)], question)

      expect(verdict.refusals).toEqual([{ flow: 'oncall', rule, detail }])
      expect(verdict.nearest).toMatchObject({ flow: 'oncall', rule, detail })
      expect(verdict.detail).toBe(detail)
    },
  )

  test('is known for every rule that a flow has', () => {
    const known = new Set(rows.map(({ rule }) => rule))

    expect([...known]).toEqual(rulesOf(aFlow()).map(({ name }) => name))
  })

  test('by a flow that denies carries the trace of that flow, every rule of which matched', () => {
    const verdict = refusal([aFlow(), aFlow({ name: 'never', effect: 'deny' })])

    expect(verdict).toMatchObject({
      code: 'denied-by-flow',
      detail: 'The flow "never" denies it.',
      refusals: [{ flow: 'never', rule: 'effect', detail: 'The flow "never" denies it.' }],
      nearest: { flow: 'never', rule: 'effect' },
    })
    expect(verdict.nearest).not.toHaveProperty('change')
    const ofDenial = verdict.trace.filter(({ flow }) => flow === 'never')
    expect(ofDenial.map(({ rule, verdict }) => `${rule} ${verdict}`)).toEqual([
      ...['active pass', 'target pass', 'requesters pass', 'grantees pass', 'timeframe pass'],
    ])
  })

  test('by all of several flows says of each which rule stopped it', () => {
    const flows = rows.map(({ flow }, index) => aFlow({ ...flow, name: `flow-${index}` }))

    const verdict = refusal(flows, {
      granteeId: ben,
      durationMilliseconds: 864_000_000,
      ticket: 'CHG-1',
    })

    expect(new Set(failed(verdict).map(({ flow }) => flow))).toEqual(
      new Set(flows.map(({ name }) => name)),
    )
  })

  test('says all that is wrong in one text of whole sentences', () => {
    const flow = aFlow({ duration: { maximum: 'PT30M' }, ticket: { required: true } })

    expect(refusal([flow]).detail).toBe(
      'It is longer than the maximum of PT30M. The flow asks for a ticket.',
    )
  })

  test('suggests no other time where the flow never opens', () => {
    const verdict = refusal([aFlow({ timeframe: { ...officeHours, days: [] } })])

    expect(verdict.code).toBe('outside-timeframe')
    expect(verdict.nearest).not.toHaveProperty('change')
  })

  test('has the flow nearest that wants the fewest changes, also where an earlier rule stops it', () => {
    const flows = [
      aFlow({ name: 'a-two', duration: { maximum: 'PT1S' }, ticket: { required: true } }),
      aFlow({ name: 'b-one', timeframe: officeHours }),
    ]

    expect(refusal(flows, { startsAt: friday }).nearest?.flow).toBe('b-one')
  })
})

describe('a request by itself or by hand', () => {
  test.each<{ trigger: VersionedFlow['trigger']; by: Question['intake']; code: string }>([
    { trigger: 'automatic', by: 'automatic', code: 'allowed' },
    { trigger: 'automatic', by: 'http', code: 'intake-not-allowed' },
    { trigger: 'automatic', by: 'service-bus', code: 'intake-not-allowed' },
    { trigger: 'self-serve', by: 'automatic', code: 'intake-not-allowed' },
    { trigger: 'self-serve', by: 'http', code: 'allowed' },
    { trigger: undefined, by: 'automatic', code: 'intake-not-allowed' },
  ])('$by meets a flow whose trigger is $trigger: $code', ({ trigger, by, code }) => {
    const verdict = judge([aFlow({ trigger, intake: ['http'] })], { intake: by })

    expect(verdict.kind === 'allowed' ? 'allowed' : verdict.code).toBe(code)
  })
})

describe('the targets of a flow', () => {
  const covering: Target = aFlow().targets[0] ?? expect.fail('a flow without a target')
  const lost: Target = { ...covering, integration: 'Gone' }
  const elsewhere: Target = { ...covering, include: [{ by: 'name', values: ['Sales *'] }] }

  test.each([[[covering, lost]], [[lost, covering]], [[elsewhere, covering, elsewhere]]])(
    'cover what any of them covers, whatever the others are about (%#)',
    (targets) => {
      expect(judge([aFlow({ targets })])).toMatchObject({
        kind: 'allowed',
        integration: { name: 'ContosoEntra' },
      })
    },
  )

  test.each([[[lost, elsewhere]], [[elsewhere, lost]]])(
    'tell of an integration that is gone before they tell of what they are not about (%#)',
    (targets) => {
      expect(failed(refusal([aFlow({ targets })]))).toMatchObject([
        { rule: 'target', detail: 'There is no integration "Gone".' },
      ])
    },
  )

  test('cover no resource of another type, also where the integration manages both', () => {
    const targets: readonly Target[] = [{ ...covering, resourceType: 'directory-role' }]
    const both = { ...contoso, resourceTypes: ['group', 'directory-role'] as const }

    const verdict = evaluate(
      aQuestion(),
      { ...aPolicy(aFlow({ targets })), integrations: [both] },
      people(),
    )

    expect(verdict).toMatchObject({ kind: 'refused', code: 'no-flow' })
  })
})
