import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { evaluate, type Policy, type Question, type Verdict } from '../../shared/access/evaluate.ts'
import { flowNamed, policy, question, worldFacts } from './arbitrary-flows.ts'
import { nobody } from './flow-builders.ts'

const numRuns = 1_000
const judge = (asked: Question, by: Policy) => evaluate(asked, by, worldFacts)
const isAllowed = (asked: Question, by: Policy) => judge(asked, by).kind === 'allowed'
const withFlow = ({ flows, ...rest }: Policy, flow: Policy['flows'][number]): Policy => ({
  ...rest,
  flows: [...flows, flow],
})

/** A verdict without what only says in which order the flows were looked at. */
const essence = ({ trace, ...verdict }: Verdict) => ({
  ...verdict,
  trace: trace.map((entry) => JSON.stringify(entry)).sort(),
})

/** The flow and nothing of how it wants to be asked. */
const whoAndWhatOnly = ({
  name,
  version,
  requesters,
  grantees,
  targets,
  active,
}: Policy['flows'][number]) => ({
  name,
  version,
  requesters,
  grantees,
  targets,
  active,
  intake: ['http', 'service-bus'] as const,
  duration: { maximum: 'P400D' },
})

describe('evaluate()', () => {
  test('takes no notice of the order of flows and integrations', () => {
    const shuffled = policy.chain((by) =>
      fc.record({
        by: fc.constant(by),
        other: fc.record({
          flows: fc.shuffledSubarray([...by.flows], { minLength: by.flows.length }),
          integrations: fc.shuffledSubarray([...by.integrations], { minLength: 2 }),
        }),
      }),
    )

    fc.assert(
      fc.property(question, shuffled, (asked, { by, other }) => {
        expect(essence(judge(asked, other))).toEqual(essence(judge(asked, by)))
      }),
      { numRuns },
    )
  })

  test('refuses nobody for an allowing flow that is added', () => {
    fc.assert(
      fc.property(question, policy, flowNamed('new'), (asked, by, flow) => {
        fc.pre(isAllowed(asked, by))

        expect(isAllowed(asked, withFlow(by, { ...flow, effect: 'allow' }))).toBe(true)
      }),
      { numRuns: numRuns / 4 },
    )
  })

  test('admits nobody for a denying flow that is added', () => {
    fc.assert(
      fc.property(question, policy, flowNamed('new'), (asked, by, flow) => {
        fc.pre(!isAllowed(asked, by))

        expect(isAllowed(asked, withFlow(by, { ...flow, effect: 'deny' }))).toBe(false)
      }),
      { numRuns },
    )
  })

  test('lets a denial win over everything, however it is asked', () => {
    fc.assert(
      fc.property(question, policy, flowNamed('new'), (asked, by, flow) => {
        const { integration: _, accessFlow: __, ...plain } = asked
        const matches = isAllowed(plain, { ...by, flows: [whoAndWhatOnly(flow)] })

        const verdict = judge(asked, withFlow(by, { ...flow, effect: 'deny' }))

        if (matches) expect(verdict).toMatchObject({ kind: 'refused', code: 'denied-by-flow' })
        else expect(verdict.kind).toBe(judge(asked, by).kind)
      }),
      { numRuns },
    )
  })

  test('loosens nothing for a stricter copy of a flow', () => {
    const stricter = fc.record(
      {
        active: fc.constant(false),
        requesters: fc.constant(nobody),
        duration: fc.constant({ maximum: 'PT1S' }),
        justification: fc.constant({ required: true, pattern: 'never' }),
        intake: fc.constant([]),
        targets: fc.constant([]),
      },
      { requiredKeys: [] },
    )

    fc.assert(
      fc.property(question, policy, fc.nat(), stricter, (asked, by, pick, over) => {
        const flow = by.flows[pick % Math.max(1, by.flows.length)]
        fc.pre(flow !== undefined && flow.effect !== 'deny' && !isAllowed(asked, by))

        expect(isAllowed(asked, withFlow(by, { ...flow, ...over, name: 'copy' }))).toBe(false)
      }),
      { numRuns: numRuns / 4 },
    )
  })

  test('admits nobody for asking longer', () => {
    fc.assert(
      fc.property(question, policy, fc.nat(), (asked, by, more) => {
        const longer = { ...asked, durationMilliseconds: asked.durationMilliseconds + more }
        fc.pre(!isAllowed(asked, by))

        expect(isAllowed(longer, by)).toBe(false)
      }),
      { numRuns },
    )
  })

  test('names the rule of each refusal in the trace', () => {
    fc.assert(
      fc.property(question, policy, (asked, by) => {
        const verdict = judge(asked, by)
        fc.pre(verdict.kind === 'refused')
        const failed = verdict.trace.filter((entry) => entry.verdict === 'fail')

        if (verdict.code === 'denied-by-flow') {
          const denying = verdict.refusals.map(({ flow }) => flow)
          expect(failed.filter(({ flow }) => denying.includes(flow))).toEqual([])
          expect(verdict.trace.some(({ flow }) => denying.includes(flow))).toBe(true)
          return
        }
        for (const { flow, rule, detail } of verdict.refusals) {
          expect(failed).toContainEqual({ flow, rule, detail, verdict: 'fail' })
        }
        const wanted = asked.accessFlow?.toLowerCase()
        const judged = by.flows.filter(({ name }) => wanted === undefined || name === wanted)
        const silent = judged.filter(({ name }) => !failed.some(({ flow }) => flow === name))
        expect(silent).toEqual([])
      }),
      { numRuns },
    )
  })

  test('allows by a flow and an integration of the policy, and by the one that is named', () => {
    fc.assert(
      fc.property(question, policy, (asked, by) => {
        const verdict = judge(asked, by)
        fc.pre(verdict.kind === 'allowed')

        expect(by.flows).toContain(verdict.flow)
        expect(by.integrations).toContain(verdict.integration)
        expect(verdict.flow.name).toBe(asked.accessFlow?.toLowerCase() ?? verdict.flow.name)
        expect(verdict.integration.name).toBe(asked.integration ?? verdict.integration.name)
      }),
      { numRuns: numRuns / 4 },
    )
  })
})
