import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { necessaryDecisions } from '../../shared/access/approval-stages.ts'
import { durationOf } from '../../shared/access/duration.ts'
import {
  evaluate,
  type Question,
  type Verdict,
  type VersionedFlow,
} from '../../shared/access/evaluate.ts'
import {
  aFlow,
  allOf,
  anApproval,
  anyOf,
  aPolicy,
  aQuestion,
  attribute,
  ben,
  engineers,
  everybody,
  ines,
  mia,
  nobody,
  people,
} from './flow-builders.ts'

/** Flows of every kind over a small world, so that many of them meet. */
const facts = people({
  [mia]: { groups: [engineers], manager: ben, attributes: { department: 'Engineering' } },
  [ben]: { manager: ines },
})
const target = {
  integration: 'ContosoEntra',
  resourceType: 'group',
  permissions: ['member'],
} as const
const elsewhere = { ...target, include: [{ by: 'name', values: ['Sales *'] }] } as const
const onDay = (day: string) => ({ days: [day], from: '00:00', to: '24:00', timeZone: 'UTC' })
const trees = fc.constantFrom(
  everybody,
  everybody,
  everybody,
  everybody,
  nobody,
  anyOf({ type: 'group', values: [engineers] }),
  anyOf(attribute('department', 'starts-with', 'eng')),
  allOf({ type: 'user', match: 'is-not', values: [ben] }),
)
const rules = fc.record({
  mode: fc.constantFrom('any-of' as const, 'all-of' as const),
  steps: fc.array(
    fc.record(
      {
        approvers: fc.array(fc.constantFrom('manager' as const, 'resource-owner' as const), {
          minLength: 1,
          maxLength: 3,
        }),
        escalateAfter: fc.constant('PT1H'),
      },
      { requiredKeys: ['approvers'] },
    ),
    { minLength: 1, maxLength: 4 },
  ),
})
const mostly = <Value>(usual: Value, ...others: readonly Value[]) =>
  fc.oneof({ arbitrary: fc.constant(usual), weight: 6 }, fc.constantFrom(...others))
const anyFlow: fc.Arbitrary<VersionedFlow> = fc.record(
  {
    name: fc.string({ unit: fc.constantFrom(...'abcdefgh'), minLength: 1, maxLength: 2 }),
    version: fc.constant(1),
    active: mostly(true, false),
    effect: mostly<'allow' | 'deny'>('allow', 'deny'),
    intake: mostly<NonNullable<VersionedFlow['intake']>>(
      ['http', 'service-bus'],
      ['http'],
      ['service-bus'],
    ),
    requesters: trees,
    grantees: fc.oneof(trees, fc.constant(anyOf({ type: 'manager', values: ['requester'] }))),
    targets: mostly([target], [elsewhere, target], [elsewhere]),
    approval: rules,
    timeframe: mostly(onDay('mon'), onDay('sat')),
    duration: fc.constantFrom({ maximum: 'PT8H' }, { maximum: 'P7D' }, { maximum: 'PT168H' }),
    justification: fc.constant({ required: true }),
  },
  { requiredKeys: ['name', 'version', 'requesters', 'targets', 'duration'] },
)
const policies = fc.uniqueArray(anyFlow, {
  maxLength: 8,
  selector: ({ name }) => name,
})
const questions = fc.record(
  {
    requesterId: fc.constantFrom(mia, ben),
    granteeId: fc.constantFrom(mia, mia, ben),
    durationMilliseconds: fc.constantFrom(60_000, 3_600_000, 86_400_000, 604_800_000),
    intake: fc.constantFrom('http' as const, 'http' as const, 'service-bus' as const),
    justification: fc.constant('errors in the checkout'),
    accessFlow: fc.constantFrom('a', 'b', 'c', 'none'),
  },
  { requiredKeys: ['requesterId', 'granteeId', 'durationMilliseconds', 'intake'] },
)

const judge = (over: Partial<Question>, flows: readonly VersionedFlow[]): Verdict =>
  evaluate(aQuestion(over), aPolicy(...flows), facts)
const outcomeOf = (verdict: Verdict) => (verdict.kind === 'allowed' ? verdict.flow : verdict.code)
const demandOf = (verdict: Verdict) =>
  verdict.kind === 'allowed' ? necessaryDecisions(verdict.flow.approval) : Number.POSITIVE_INFINITY
const runs = { numRuns: 400 }

describe('the law by which flows combine', () => {
  test('is that of the contract: each judged alone, denial first, then the least demanding', () => {
    fc.assert(
      fc.property(questions, policies, (question, flows) => {
        const { accessFlow, ...unnamed } = question
        const allowedAlone = (flow: VersionedFlow) =>
          judge(unnamed, [{ ...flow, effect: 'allow' }]).kind === 'allowed'
        const denies = flows.some((flow) => {
          // Only who, what and when count for a denial: everything else is asked as it should be.
          const { justification: _, intake: __, ...core } = flow
          const asAllow = { ...core, effect: 'allow' as const, duration: { maximum: 'P400D' } }
          return (
            flow.effect === 'deny' &&
            judge({ ...unnamed, intake: 'http' }, [asAllow]).kind === 'allowed'
          )
        })
        const candidates = flows
          .filter(({ effect }) => effect !== 'deny')
          .filter(allowedAlone)
          .filter(({ name }) => accessFlow === undefined || accessFlow === name)
          .map((flow) => ({
            flow,
            demand: necessaryDecisions(flow.approval),
            maximum: durationOf(flow.duration?.maximum ?? '') ?? 0,
          }))
        const best = candidates.reduce<(typeof candidates)[number] | undefined>((least, each) => {
          if (least === undefined) return each
          if (each.demand !== least.demand) return each.demand < least.demand ? each : least
          if (each.maximum !== least.maximum) return each.maximum > least.maximum ? each : least
          return each.flow.name < least.flow.name ? each : least
        }, undefined)

        const verdict = judge(question, flows)

        if (denies) expect(verdict).toMatchObject({ kind: 'refused', code: 'denied-by-flow' })
        else if (best === undefined) expect(verdict.kind).toBe('refused')
        else expect(outcomeOf(verdict)).toBe(best.flow)
      }),
      runs,
    )
  })

  test('does not care in which order the flows stand', () => {
    fc.assert(
      fc.property(
        questions,
        policies.chain((flows) =>
          fc.tuple(fc.constant(flows), fc.shuffledSubarray(flows, { minLength: flows.length })),
        ),
        (question, [flows, shuffled]) => {
          const { trace: _, ...one } = judge(question, flows)
          const { trace: __, ...other } = judge(question, shuffled)

          expect(other).toEqual(one)
        },
      ),
      runs,
    )
  })

  test('lets a denial win, whatever else allows', () => {
    const denial = aFlow({ name: 'never', effect: 'deny', grantees: everybody })
    fc.assert(
      fc.property(questions, policies, (question, flows) => {
        expect(judge(question, [...flows, denial])).toMatchObject({ code: 'denied-by-flow' })
      }),
      runs,
    )
  })

  test('refuses nobody because a flow that allows was added', () => {
    fc.assert(
      fc.property(questions, policies, anyFlow, (question, flows, added) => {
        const more = { ...added, name: 'added', effect: 'allow' as const }
        const before = judge(question, flows)
        const after = judge(question, [...flows, more])

        if (before.kind === 'allowed') expect(after.kind).toBe('allowed')
        expect(demandOf(after)).toBeLessThanOrEqual(demandOf(before))
      }),
      runs,
    )
  })

  test('admits nobody because a flow that denies was added', () => {
    fc.assert(
      fc.property(questions, policies, anyFlow, (question, flows, added) => {
        const before = judge(question, flows)
        const after = judge(question, [...flows, { ...added, name: 'added', effect: 'deny' }])

        if (before.kind === 'refused') expect(after.kind).toBe('refused')
        if (after.kind === 'allowed') expect(outcomeOf(after)).toBe(outcomeOf(before))
      }),
      runs,
    )
  })

  test('loosens nothing because a stricter copy of a flow was added', () => {
    const stricter = fc.constantFrom<Partial<VersionedFlow>>(
      { requesters: nobody },
      { duration: { maximum: 'PT1S' } },
      { approval: anApproval('all-of', 3, 3, 3, 3, 3) },
      { timeframe: onDay('sun') },
      { active: false },
    )
    fc.assert(
      fc.property(questions, policies, stricter, (question, flows, over) => {
        const copies = flows.map((flow) => ({ ...flow, ...over, name: `${flow.name}-strict` }))
        const withCopies = [...flows, ...copies.filter(({ effect }) => effect !== 'deny')]

        expect(outcomeOf(judge(question, withCopies))).toEqual(outcomeOf(judge(question, flows)))
      }),
      runs,
    )
  })

  test('gives by a named flow nothing that this flow would not give alone', () => {
    fc.assert(
      fc.property(questions, policies, (question, flows) => {
        const verdict = judge({ ...question, accessFlow: 'a' }, flows)
        if (verdict.kind !== 'allowed') return

        const { accessFlow: _, ...unnamed } = question
        expect(outcomeOf(judge(unnamed, [verdict.flow]))).toBe(verdict.flow)
        expect(verdict.flow.name).toBe('a')
      }),
      runs,
    )
  })
})
