import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { differences } from './differences.ts'
import { firstDifference } from './first-difference.ts'
import { createNormaliser } from './normalise.ts'
import { lineOf, runConformance } from './run-conformance.ts'

const root = dirname(dirname(import.meta.dirname))
const recordings = join(root, '../shared/golden')
const isThere = existsSync(recordings)

describe('the embedded host', () => {
  // Where the repository was cloned alone, there is nothing to compare with.
  test.skipIf(!isThere)(
    `answers as the recorded one, but for what is listed${isThere ? '' : ' (no recordings at ../shared/golden)'}`,
    async () => {
      const results = await runConformance(recordings)
      const accidents = results.filter(({ verdict }) => verdict === 'different').map(lineOf)
      expect(accidents).toEqual([])
      expect(results.filter(({ verdict }) => verdict === 'match').length).toBeGreaterThan(25)
      const used = new Set(
        results.flatMap(({ findings }) => findings.map(({ listed }) => listed?.id)),
      )
      expect(differences.map(({ id }) => id).filter((id) => !used.has(id))).toEqual([])
    },
    300_000,
  )

  test('has every deliberate difference in its documentation, with the reason', async () => {
    const page = await readFile(join(root, 'docs/embedded-host.md'), 'utf8')
    const listed = [...page.matchAll(/^\| `([\w-]+)` +\|/gm)].map(([, id]) => id)
    expect(listed.toSorted()).toEqual(differences.map(({ id }) => id).toSorted())
  })
})

describe('the comparison', () => {
  const recorded = {
    status: 202,
    body: { id: '99c77d4e5d194523a0b8c32f384bb5f4', events: [{ type: 4 }, { type: 5 }] },
  }

  test('takes other ids, times and addresses for equal', () => {
    const one = createNormaliser(['key-1']).normalise({
      url: 'http://localhost:7071/a/99c77d4e5d194523a0b8c32f384bb5f4?code=key-1',
      at: '2026-11-23T18:05:02.3720453Z',
    })
    const other = createNormaliser(['key-2']).normalise({
      url: 'http://localhost:40123/a/11111111111111111111111111111111?code=key-2',
      at: '2026-01-01T00:00:00Z',
    })
    expect(firstDifference(one, other)).toBeUndefined()
  })

  test('keeps two ids apart that were one in the recording', () => {
    const [a, b] = ['1', '2'].map((digit) => digit.repeat(32))
    const one = createNormaliser([]).normalise([a, a])
    const other = createNormaliser([]).normalise([a, b])
    expect(firstDifference(one, other)).toBe('/1: recorded "<id 1>", seen "<id 2>"')
  })

  test.each([
    ['another status', { ...recorded, status: 200 }, '/status: recorded 202, seen 200'],
    [
      'an event that is missing',
      { ...recorded, body: { ...recorded.body, events: [{ type: 4 }] } },
      '/body/events/1: recorded {"type":5}, seen nothing',
    ],
    [
      'an event too many',
      { ...recorded, body: { ...recorded.body, events: [{ type: 4 }, { type: 5 }, { type: 5 }] } },
      '/body/events/2: recorded nothing, seen {"type":5}',
    ],
    ['a property too many', { ...recorded, more: true }, '/more: recorded nothing, seen true'],
  ])('finds %s', (_what, seen, difference) => {
    expect(firstDifference(recorded, seen)).toBe(difference)
  })
})
