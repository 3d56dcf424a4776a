/*
 * Over 300 lines on purpose: the contract of access flows, rule by rule, as tables.
 */
import { describe, expect, test } from 'vitest'
import {
  evaluate,
  factsAsked,
  type Question,
  type Verdict,
  type VersionedFlow,
} from '../../shared/access/evaluate.ts'
import type { Integration } from '../../shared/access/integration.ts'
import {
  aFlow,
  allOf,
  anyOf,
  aPolicy,
  aQuestion,
  ben,
  contoso,
  engineers,
  everybody,
  ines,
  mia,
  nobody,
  people,
} from './flow-builders.ts'

const facts = people({ [mia]: { groups: [engineers] } })
const hour = 3_600_000
const readers = aQuestion().resource.ref.id
const target = aFlow().targets[0] ?? expect.fail('a flow without a target')
const isIn = (group: string) => anyOf({ type: 'group', values: [group] })
const isUser = (...values: string[]) => anyOf({ type: 'user', values })

const judge = (
  flows: readonly VersionedFlow[],
  over: Partial<Question> = {},
  integrations: readonly Integration[] = [contoso],
) => evaluate(aQuestion(over), { ...aPolicy(...flows), integrations }, facts)

/** What came of it, as short as it can be said. */
const outcomeOf = (verdict: Verdict) =>
  verdict.kind === 'allowed' ? `by ${verdict.flow.name}` : verdict.code
const ruleOf = (verdict: Verdict) =>
  verdict.kind === 'allowed' ? undefined : verdict.refusals[0]?.rule
const told = ({ trace }: Verdict, flow: string) =>
  trace.filter((entry) => entry.flow === flow).map(({ rule, verdict }) => `${rule} ${verdict}`)

describe('a flow', () => {
  test.each<{ title: string; flow: Partial<VersionedFlow>; question?: Partial<Question> }>([
    { title: 'everybody who asks for himself', flow: {} },
    { title: 'whoever fits its conditions', flow: { requesters: isIn(engineers) } },
    {
      title: 'for another who fits',
      flow: { grantees: isUser(ben) },
      question: { granteeId: ben },
    },
    { title: 'for himself by its grantees', flow: { grantees: isUser(mia) } },
    { title: 'exactly its maximum', flow: {}, question: { durationMilliseconds: 8 * hour } },
    { title: 'by HTTP unless it says otherwise', flow: {}, question: { intake: 'http' } },
    {
      title: 'from the queue where it says so',
      flow: { intake: ['service-bus'] },
      question: { intake: 'service-bus' },
    },
    {
      title: 'by HTTP where it takes both',
      flow: { intake: ['service-bus', 'http'] },
      question: { intake: 'http' },
    },
    {
      title: 'with what it asks for',
      flow: { justification: { required: true }, ticket: { required: true } },
      question: { justification: 'because', ticket: 'INC-1' },
    },
    {
      title: 'with a text as its pattern has it',
      flow: { ticket: { required: true, pattern: 'INC-[0-9]+' } },
      question: { ticket: 'INC-4711' },
    },
    {
      title: 'without a text that it does not ask for',
      flow: { ticket: { pattern: 'INC-[0-9]+' }, justification: { required: false } },
      question: { ticket: '' },
    },
    { title: 'with a text of which it says nothing', flow: {}, question: { ticket: 'whatever' } },
    {
      title: 'an extension of what extensions may have',
      flow: { extensions: { duration: 'PT2H' } },
      question: { extends: true, durationMilliseconds: 2 * hour },
    },
    {
      title: 'a first request of more than an extension may have',
      flow: { extensions: { duration: 'PT2H' } },
      question: { durationMilliseconds: 3 * hour },
    },
    {
      title: 'an extension up to its maximum where extensions have none',
      flow: { extensions: { maximum: 3 } },
      question: { extends: true, durationMilliseconds: 8 * hour },
    },
    {
      title: 'with its integration named in any case',
      flow: {},
      question: { integration: 'CONTOSOENTRA' },
    },
    { title: 'with itself named in any case', flow: {}, question: { accessFlow: 'OnCall' } },
    { title: 'when it is switched on', flow: { active: true, effect: 'allow' } },
  ])('allows $title', ({ flow, question }) => {
    const verdict = judge([aFlow(flow)], question)

    expect(outcomeOf(verdict)).toBe('by oncall')
    expect(verdict).toMatchObject({ integration: contoso })
    expect(verdict.trace.every((entry) => entry.verdict === 'pass')).toBe(true)
  })

  test.each<{
    title: string
    flow: Partial<VersionedFlow>
    question?: Partial<Question>
    code: string
    rule: string
  }>([
    {
      title: 'somebody outside its conditions',
      flow: { requesters: isUser(ben) },
      code: 'not-eligible',
      rule: 'requesters',
    },
    {
      title: 'somebody whom it leaves out',
      flow: { requesters: allOf({ type: 'group', match: 'is-not', values: [engineers] }) },
      code: 'not-eligible',
      rule: 'requesters',
    },
    {
      title: 'for another when it names nobody',
      flow: {},
      question: { granteeId: ben },
      code: 'grantee-not-eligible',
      rule: 'grantees',
    },
    {
      title: 'for another who does not fit',
      flow: { grantees: isUser(ben) },
      question: { granteeId: ines },
      code: 'grantee-not-eligible',
      rule: 'grantees',
    },
    {
      title: 'for himself when it is for others',
      flow: { grantees: isUser(ben) },
      code: 'grantee-not-eligible',
      rule: 'grantees',
    },
    {
      title: 'from the queue unless it says so',
      flow: {},
      question: { intake: 'service-bus' },
      code: 'intake-not-allowed',
      rule: 'intake',
    },
    {
      title: 'by HTTP when it is for the queue',
      flow: { intake: ['service-bus'] },
      code: 'intake-not-allowed',
      rule: 'intake',
    },
    {
      title: 'a moment more than its maximum',
      flow: {},
      question: { durationMilliseconds: 8 * hour + 1 },
      code: 'too-long',
      rule: 'duration',
    },
    {
      title: 'any time at all without a maximum',
      flow: { duration: undefined },
      question: { durationMilliseconds: 1 },
      code: 'too-long',
      rule: 'duration',
    },
    {
      title: 'any time by a maximum that nobody can read',
      flow: { duration: { maximum: 'P1M' } },
      question: { durationMilliseconds: 1 },
      code: 'too-long',
      rule: 'duration',
    },
    {
      title: 'a moment more than an extension may have',
      flow: { extensions: { duration: 'PT2H' } },
      question: { extends: true, durationMilliseconds: 2 * hour + 1 },
      code: 'too-long',
      rule: 'duration',
    },
    {
      title: 'an extension of more than its maximum, whatever extensions may have',
      flow: { extensions: { duration: 'P7D' } },
      question: { extends: true, durationMilliseconds: 8 * hour + 1 },
      code: 'too-long',
      rule: 'duration',
    },
    {
      title: 'an extension by a limit that nobody can read',
      flow: { extensions: { duration: 'P1M' } },
      question: { extends: true, durationMilliseconds: 1 },
      code: 'too-long',
      rule: 'duration',
    },
    {
      title: 'no justification where it asks for one',
      flow: { justification: { required: true } },
      code: 'justification-missing',
      rule: 'justification',
    },
    {
      title: 'an empty justification',
      flow: { justification: { required: true } },
      question: { justification: '' },
      code: 'justification-missing',
      rule: 'justification',
    },
    {
      title: 'no ticket where it asks for one',
      flow: { ticket: { required: true } },
      code: 'ticket-missing',
      rule: 'ticket',
    },
    {
      title: 'a ticket that only contains its pattern',
      flow: { ticket: { required: true, pattern: 'INC-[0-9]+' } },
      question: { ticket: 'see INC-4711' },
      code: 'ticket-missing',
      rule: 'ticket',
    },
    {
      title: 'a ticket against its pattern, also where it asks for none',
      flow: { ticket: { pattern: 'INC-[0-9]+' } },
      question: { ticket: 'CHG-1' },
      code: 'ticket-missing',
      rule: 'ticket',
    },
    {
      title: 'any text by a pattern that nobody can read',
      flow: { ticket: { pattern: '(' } },
      question: { ticket: '(' },
      code: 'ticket-missing',
      rule: 'ticket',
    },
  ])('refuses $title', ({ flow, question, code, rule }) => {
    const verdict = judge([aFlow(flow)], question)

    expect(outcomeOf(verdict)).toBe(code)
    expect(ruleOf(verdict)).toBe(rule)
    const failed = verdict.trace.find((entry) => entry.verdict === 'fail')
    expect(failed).toMatchObject({ flow: 'oncall', rule })
    expect(verdict).toMatchObject({ refusals: [{ flow: 'oncall', rule, detail: failed?.detail }] })
  })

  test.each<{
    title: string
    flow?: Partial<VersionedFlow>
    question?: Partial<Question>
    integration?: Partial<Integration>
  }>([
    {
      title: 'another type of resource',
      question: {
        resource: { ref: { type: 'directory-role', id: readers, scope: '/' }, name: 'Readers' },
      },
    },
    { title: 'another permission', question: { permission: 'owner' } },
    {
      title: 'another integration than the one that was named',
      question: { integration: 'Fabrikam' },
    },
    { title: 'an integration that is gone', integration: { name: 'Fabrikam' } },
    {
      title: 'a type that its integration does not manage',
      integration: { resourceTypes: ['directory-role'] },
    },
    {
      title: 'what its integration does not include',
      integration: { include: [{ by: 'name', values: ['Staging*'] }] },
    },
    {
      title: 'what its integration excludes',
      integration: { exclude: [{ by: 'name', values: ['Production*'] }] },
    },
    {
      title: 'what its integration includes and excludes',
      integration: {
        include: [{ by: 'id', values: [readers] }],
        exclude: [{ by: 'name', values: ['*Readers'] }],
      },
    },
    {
      title: 'what its target does not include',
      flow: { targets: [{ ...target, include: [{ by: 'id', values: ['other'] }] }] },
    },
    {
      title: 'what its target excludes, whatever it includes',
      flow: {
        targets: [
          {
            ...target,
            include: [{ by: 'name', values: ['*'] }],
            exclude: [{ by: 'id', values: [readers.toUpperCase()] }],
          },
        ],
      },
    },
  ])('has no say about $title', ({ flow, question, integration }) => {
    const verdict = judge([aFlow(flow)], question, [{ ...contoso, ...integration }])

    expect(verdict).toMatchObject({ kind: 'refused', code: 'no-flow', refusals: [] })
    expect(told(verdict, 'oncall').slice(0, 2)).toEqual(['active pass', 'target fail'])
  })

  test('has no say when it is switched off', () => {
    const verdict = judge([aFlow({ active: false })])

    expect(verdict).toMatchObject({ kind: 'refused', code: 'no-flow', refusals: [] })
    expect(told(verdict, 'oncall')[0]).toBe('active fail')
  })

  test('covers by any of its targets, through the integration of that one', () => {
    const fabrikam: Integration = { name: 'Fabrikam', resourceTypes: ['group'] }
    const elsewhere = { ...target, include: [{ by: 'id' as const, values: ['other'] }] }
    const flow = aFlow({ targets: [elsewhere, { ...target, integration: 'fabrikam' }] })

    expect(judge([flow], {}, [contoso, fabrikam])).toMatchObject({
      kind: 'allowed',
      integration: fabrikam,
    })
  })
})

describe('no flow', () => {
  test('allows nothing', () => {
    expect(judge([])).toMatchObject({ kind: 'refused', code: 'no-flow', refusals: [], trace: [] })
  })
})

describe('several flows', () => {
  test.each<{
    title: string
    flows: Partial<VersionedFlow>[]
    question?: Partial<Question>
    by: string
  }>([
    {
      title: 'the longer maximum',
      flows: [
        { name: 'a', duration: { maximum: 'PT2H' } },
        { name: 'b', duration: { maximum: 'P1D' } },
      ],
      by: 'b',
    },
    {
      title: 'the name, where their maximum is the same',
      flows: [{ name: 'b' }, { name: 'a' }],
      by: 'a',
    },
    {
      title: 'the one that allows it',
      flows: [
        { name: 'a', duration: { maximum: 'P7D' }, requesters: nobody },
        { name: 'b', duration: { maximum: 'P1D' }, justification: { required: true } },
        { name: 'c' },
      ],
      by: 'c',
    },
    {
      title: 'the one that the caller names, in any case',
      flows: [{ name: 'long', duration: { maximum: 'P1D' } }, { name: 'short' }],
      question: { accessFlow: 'SHORT' },
      by: 'short',
    },
  ])('are taken by $title', ({ flows, question, by }) => {
    expect(outcomeOf(judge(flows.map(aFlow), question))).toBe(`by ${by}`)
  })

  test('are refused by the one that came nearest, the others behind it', () => {
    const verdict = judge(
      [
        aFlow({ name: 'a-far', requesters: nobody }),
        aFlow({ name: 'c-near', ticket: { required: true } }),
        aFlow({ name: 'b-near', ticket: { required: true } }),
        aFlow({ name: 'd-middle', duration: { maximum: 'PT1M' } }),
        aFlow({ name: 'e-elsewhere', targets: [] }),
        aFlow({ name: 'f-off', active: false }),
      ],
      {},
    )

    expect(verdict).toMatchObject({
      code: 'ticket-missing',
      refusals: [
        { flow: 'b-near', rule: 'ticket' },
        { flow: 'c-near', rule: 'ticket' },
        { flow: 'd-middle', rule: 'duration' },
        { flow: 'a-far', rule: 'requesters' },
      ],
    })
  })

  test.each([
    { wanted: 'strict', code: 'not-eligible', refused: ['strict'] },
    { wanted: 'unknown', code: 'no-flow', refused: [] },
  ])('do not stand in for the one that the caller names: $wanted', ({ wanted, code, refused }) => {
    const verdict = judge(
      [aFlow({ name: 'open' }), aFlow({ name: 'strict', requesters: nobody })],
      { accessFlow: wanted },
    )

    expect(outcomeOf(verdict)).toBe(code)
    expect(verdict.kind === 'refused' && verdict.refusals.map(({ flow }) => flow)).toEqual(refused)
  })
})

describe('a flow that denies', () => {
  const deny = (over: Partial<VersionedFlow> = {}) =>
    aFlow({ name: 'freeze', effect: 'deny', duration: undefined, ...over })
  const open = aFlow({ name: 'open', intake: ['http', 'service-bus'], grantees: everybody })

  test.each<{ title: string; flow: Partial<VersionedFlow>; question?: Partial<Question> }>([
    { title: 'whatever else allows', flow: {} },
    { title: 'whom it names', flow: { requesters: isIn(engineers) } },
    {
      title: 'what is asked for another whom it names',
      flow: { grantees: isUser(ben) },
      question: { granteeId: ben },
    },
    { title: 'by whatever door', flow: { intake: ['http'] }, question: { intake: 'service-bus' } },
    {
      title: 'for however short',
      flow: { duration: { maximum: 'PT1M' } },
      question: { durationMilliseconds: 8 * hour },
    },
    { title: 'without the texts it asks for', flow: { ticket: { required: true, pattern: 'x' } } },
    { title: 'whatever flow the caller names', flow: {}, question: { accessFlow: 'open' } },
  ])('refuses $title', ({ flow, question }) => {
    const verdict = judge([open, deny(flow)], question)

    expect(verdict).toMatchObject({
      kind: 'refused',
      code: 'denied-by-flow',
      refusals: [{ flow: 'freeze', rule: 'effect' }],
    })
    expect(told(verdict, 'freeze').filter((entry) => entry.endsWith('fail'))).toEqual([])
  })

  test.each<{ title: string; flow: Partial<VersionedFlow>; question?: Partial<Question> }>([
    { title: 'when it is switched off', flow: { active: false } },
    { title: 'whom it does not name', flow: { requesters: isUser(ben) } },
    { title: 'another resource', flow: { targets: [{ ...target, permissions: ['owner'] }] } },
    { title: 'for another when it is about oneself', flow: {}, question: { granteeId: ben } },
    { title: 'for oneself when it is about others', flow: { grantees: isUser(ben) } },
  ])('does not refuse $title', ({ flow, question }) => {
    expect(outcomeOf(judge([deny(flow), open], question))).toBe('by open')
  })

  test('is not got around by naming another integration that covers the resource', () => {
    const fabrikam: Integration = { name: 'Fabrikam', resourceTypes: ['group'] }
    const byFabrikam = aFlow({ name: 'open', targets: [{ ...target, integration: 'Fabrikam' }] })

    const verdict = judge([byFabrikam, deny()], { integration: 'Fabrikam' }, [contoso, fabrikam])

    expect(outcomeOf(verdict)).toBe('denied-by-flow')
  })

  test('is named first by its name where several deny', () => {
    const both = [deny({ name: 'b' }), deny({ name: 'a' })]

    expect(judge([...both, open])).toMatchObject({ refusals: [{ flow: 'a', rule: 'effect' }] })
    expect(judge([open, ...both.reverse()])).toMatchObject({
      refusals: [{ flow: 'a', rule: 'effect' }],
    })
  })

  test('is no reason to name when it did not match', () => {
    const verdict = judge([deny({ requesters: nobody }), aFlow({ requesters: nobody })])

    expect(verdict).toMatchObject({ code: 'not-eligible', refusals: [{ flow: 'oncall' }] })
    expect(told(verdict, 'freeze')).toContain('requesters fail')
  })
})

describe('factsAsked()', () => {
  test('names the groups of requesters and grantees at any depth, each once, in lower case', () => {
    const flows = [
      aFlow({ requesters: allOf(isIn('A'), anyOf(isIn('b'), isUser(mia))), grantees: isIn('c') }),
      aFlow({ name: 'other', requesters: isIn('B') }),
    ]

    expect(factsAsked(flows).groups).toEqual(['a', 'b', 'c'])
  })

  test('names none of a flow that is switched off', () => {
    expect(factsAsked([aFlow({ active: false, requesters: isIn('a') })]).groups).toEqual([])
  })
})
