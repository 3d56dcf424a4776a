import { evaluate } from '../shared/access/evaluate.ts'
import { type Figure, median } from './figure.ts'
import { manyFlows, policyOf, sampleFacts, sampleQuestion } from './many-flows.ts'

const flowCount = 1_000
const blocks = 9
const rounds = 33

/** What it takes to decide one request against many flows, beside reading the same flows from JSON. */
export function benchDecide(): readonly Figure[] {
  const text = JSON.stringify(manyFlows(flowCount))
  const policy = policyOf(JSON.parse(text))
  const verdict = evaluate(sampleQuestion, policy, sampleFacts)
  if (verdict.kind !== 'allowed') throw new Error('Cannot measure: no flow allows the request')
  // One after the other: what parsing leaves to collect would be collected while deciding.
  const decide = quietMedian(() => evaluate(sampleQuestion, policy, sampleFacts))
  const parse = quietMedian(() => JSON.parse(text))
  return [
    { name: `deciding against ${flowCount} flows`, value: decide, unit: 'ms' },
    { name: `parsing the same flows, ${text.length} characters`, value: parse, unit: 'ms' },
    {
      name: 'deciding by parsing',
      value: decide / parse,
      unit: 'ratio',
      limit: { at: 'most', value: 0.2 },
    },
  ]
}

/** The least of several medians: that of the block in which the machine did least besides. */
function quietMedian(run: () => unknown): number {
  const medianOfBlock = () =>
    median(
      Array.from({ length: rounds }, () => {
        const began = performance.now()
        run()
        return performance.now() - began
      }),
    )
  return Math.min(...Array.from({ length: blocks }, medianOfBlock))
}
