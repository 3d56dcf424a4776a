import { describe, expect, test } from 'vitest'
import { evaluate, type Question, type VersionedFlow } from '../../shared/access/evaluate.ts'
import { aFlow, anApproval, aPolicy, aQuestion, nobody, people } from './flow-builders.ts'

const chosen = (flows: readonly VersionedFlow[], over: Partial<Question> = {}) => {
  const verdict = evaluate(aQuestion(over), aPolicy(...flows), people())
  return verdict.kind === 'allowed' ? verdict.flow.name : verdict.code
}

describe('of several flows that allow a request', () => {
  test.each([
    {
      why: 'automatic before approval',
      flows: [
        aFlow({ name: 'asks', approval: anApproval('any-of', 1), duration: { maximum: 'P7D' } }),
        aFlow({ name: 'automatic', duration: { maximum: 'PT1H' } }),
      ],
      taken: 'automatic',
    },
    {
      why: 'fewer stages where any approver of each suffices',
      flows: [
        aFlow({
          name: 'a-two',
          approval: anApproval('any-of', 1, 1),
          duration: { maximum: 'P7D' },
        }),
        aFlow({ name: 'b-one', approval: anApproval('any-of', 3) }),
      ],
      taken: 'b-one',
    },
    {
      why: 'fewer approvers where all have to agree',
      flows: [
        aFlow({ name: 'a-three', approval: anApproval('all-of', 3) }),
        aFlow({ name: 'b-two', approval: anApproval('any-of', 3, 3) }),
      ],
      taken: 'b-two',
    },
    {
      why: 'the longer maximum of equal demands',
      flows: [
        aFlow({ name: 'a-short', approval: anApproval('any-of', 1) }),
        aFlow({ name: 'b-long', approval: anApproval('all-of', 1), duration: { maximum: 'P1D' } }),
      ],
      taken: 'b-long',
    },
    {
      why: 'the name of equals, also where one maximum is written differently',
      flows: [
        aFlow({ name: 'b', duration: { maximum: 'PT24H' } }),
        aFlow({ name: 'a', duration: { maximum: 'P1D' } }),
      ],
      taken: 'a',
    },
    {
      why: 'an approval over an automatic flow that allows too short a time',
      flows: [
        aFlow({ name: 'automatic', duration: { maximum: 'PT30M' } }),
        aFlow({ name: 'asks', approval: anApproval('any-of', 1) }),
      ],
      taken: 'asks',
    },
  ])('takes $why', ({ flows, taken }) => {
    expect(chosen(flows)).toBe(taken)
    expect(chosen(flows.toReversed())).toBe(taken)
  })

  test('takes the one that the caller names, however demanding it is', () => {
    const flows = [
      aFlow({ name: 'automatic' }),
      aFlow({ name: 'asks', approval: anApproval('all-of', 3) }),
    ]

    expect(chosen(flows, { accessFlow: 'ASKS' })).toBe('asks')
  })

  test('takes no other than the one that the caller names', () => {
    const flows = [aFlow({ name: 'automatic' }), aFlow({ name: 'asks', requesters: nobody })]

    const verdict = evaluate(aQuestion({ accessFlow: 'asks' }), aPolicy(...flows), people())

    expect(verdict).toMatchObject({
      kind: 'refused',
      code: 'not-eligible',
      nearest: { flow: 'automatic', rule: 'access-flow', change: { accessFlow: 'automatic' } },
    })
  })

  test('hands over the flow whole, with its approval', () => {
    const rule = anApproval('all-of', 2)

    const verdict = evaluate(aQuestion(), aPolicy(aFlow({ approval: rule, version: 7 })), people())

    expect(verdict).toMatchObject({ kind: 'allowed', flow: { version: 7, approval: rule } })
    expect(verdict).not.toHaveProperty('approval')
  })
})
