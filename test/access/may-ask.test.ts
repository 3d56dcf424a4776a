import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { holdsFor } from '../../shared/access/conditions.ts'
import { evaluate, mayAsk, type VersionedFlow } from '../../shared/access/evaluate.ts'
import { policy, worldFacts } from './arbitrary-flows.ts'
import {
  aFlow,
  anyOf,
  aPolicy,
  aQuestion,
  ben,
  everybody,
  mia,
  nobody,
  people,
} from './flow-builders.ts'

const { resource } = aQuestion()
const offered = (...flows: Partial<VersionedFlow>[]) =>
  mayAsk(mia, resource, 'member', aPolicy(...flows.map(aFlow)), people()).map(
    ({ flow }) => flow.name,
  )

describe('mayAsk()', () => {
  test.each<{ title: string; flows: Partial<VersionedFlow>[]; names: string[] }>([
    { title: 'what is for oneself', flows: [{}], names: ['oncall'] },
    {
      title: 'what is for others, whoever may be given it',
      flows: [{ grantees: anyOf({ type: 'user', values: [ben] }) }],
      names: ['oncall'],
    },
    { title: 'nothing that is switched off', flows: [{ active: false }], names: [] },
    { title: 'nothing for somebody else', flows: [{ requesters: nobody }], names: [] },
    { title: 'nothing elsewhere', flows: [{ targets: [] }], names: [] },
    {
      title: 'the least demanding first',
      flows: [{ name: 'c' }, { name: 'b' }, { name: 'a', duration: { maximum: 'P1D' } }],
      names: ['a', 'b', 'c'],
    },
    {
      title: 'nothing that is denied to oneself',
      flows: [{}, { name: 'freeze', effect: 'deny' }],
      names: [],
    },
    {
      title: 'what is denied to others only',
      flows: [
        {},
        { name: 'freeze', effect: 'deny', grantees: anyOf({ type: 'user', values: [ben] }) },
      ],
      names: ['oncall'],
    },
  ])('offers $title', ({ flows, names }) => {
    expect(offered(...flows)).toEqual(names)
  })

  test('offers exactly what evaluate() would allow somebody for himself, asked as the flow wants', () => {
    const person = fc.constantFrom(mia, ben)

    fc.assert(
      fc.property(policy, person, (by, me) => {
        const asked = aQuestion({ requesterId: me, granteeId: me, durationMilliseconds: 1 })
        const allowed = by.flows.filter(({ name, intake = ['http'] }) => {
          const text = { justification: 'INC-1', accessFlow: name }
          return intake.some(
            (door) =>
              evaluate({ ...asked, ...text, intake: door }, by, worldFacts).kind === 'allowed',
          )
        })

        const forMyself = mayAsk(me, asked.resource, 'member', by, worldFacts)
          .map(({ flow }) => flow)
          .filter(({ grantees = everybody }) => holdsFor(grantees, me, worldFacts))

        expect(new Set(forMyself)).toEqual(new Set(allowed))
      }),
      { numRuns: 1_000 },
    )
  })
})
