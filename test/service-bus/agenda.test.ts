import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createAgenda } from '../../local/service-bus/agenda.ts'

const steps = fc.array(
  fc.record({ key: fc.nat({ max: 20 }), at: fc.option(fc.nat({ max: 9 }), { nil: undefined }) }),
)

describe('createAgenda()', () => {
  test('names the key with the lowest number first, whatever was set, moved and deleted', () => {
    fc.assert(
      fc.property(steps, (given) => {
        const agenda = createAgenda()
        const plain = new Map<number, number>()
        for (const { key, at } of given) {
          if (at === undefined) {
            agenda.delete(key)
            plain.delete(key)
          } else {
            agenda.set(key, at)
            plain.set(key, at)
          }
          const [first] = [...plain].sort(([a, x], [b, y]) => x - y || a - b)
          expect(agenda.size).toBe(plain.size)
          expect(agenda.first()?.key).toBe(first?.[0])
        }
      }),
    )
  })
})
