import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { kinds, pairsOfCrashes, singleCrashes } from './crash-points.ts'
import { drawStory } from './draw-story.ts'
import { implants } from './implants.ts'
import { explain, runSeeds } from './many.ts'
import { peerBugs } from './peer-bugs.ts'
import { runStory } from './run-story.ts'
import { shrink } from './shrink.ts'
import type { Story } from './story.ts'

const messagesOf = (violations: readonly { readonly message: string }[]) =>
  violations.map(({ message }) => message)

describe('a drawn story', () => {
  test('keeps every invariant, whatever goes wrong in it', async () => {
    const seeds = Array.from({ length: 60 }, (_, index) => 20_000 + index)

    const tally = await runSeeds(seeds)

    expect(messagesOf(tally.violations)).toEqual([])
    expect(tally.grants).toBeGreaterThan(60)
    expect(Object.keys(tally.faults).length).toBeGreaterThan(10)
  })

  test('runs the same way each time', async () => {
    const [first, again] = [await runStory(drawStory(7)), await runStory(drawStory(7))]

    expect(again).toEqual(first)
    expect(drawStory(8)).not.toEqual(drawStory(7))
  })
})

describe.each(Object.keys(kinds))('a request that is %s', (kind) => {
  test('keeps every invariant with a crash at any single call', async () => {
    // A short form; the command goes through all of them.
    const tally = await singleCrashes(kind, kind === 'given by itself' ? 61 : 7)

    expect(messagesOf(tally.violations)).toEqual([])
    expect(tally.runs).toBeGreaterThan(5)
  })
})

test('two crashes at any two calls leave every invariant as it is', async () => {
  const tally = await pairsOfCrashes('revoked while granting', 0, 300)

  expect(messagesOf(tally.violations)).toEqual([])
  expect(tally.runs).toBeGreaterThan(5)
})

describe('a story that once broke an invariant', () => {
  const folder = new URL('stories/', import.meta.url)
  const files = readdirSync(folder)

  test.each(files)('%s', async (file) => {
    const story = JSON.parse(readFileSync(new URL(file, folder), 'utf8')) as Story

    const { violation } = await runStory(story)

    expect(violation).toBeUndefined()
  })
})

describe('a broker in which', () => {
  const seeds = Array.from({ length: 40 }, (_, seed) => seed)

  test('all safeties stand keeps every invariant in the stories that find the others out', async () => {
    const stories = implants.flatMap(({ story, storyOf }) => [
      ...(story === undefined ? [] : [{ seed: 1, ...story }]),
      ...(storyOf === undefined ? [] : seeds.map((seed) => ({ seed, ...storyOf(seed) }))),
    ])

    const violations = await Promise.all(
      stories.map(async (story) => (await runStory(story)).violation?.message),
    )

    expect(violations.filter((violation) => violation !== undefined)).toEqual([])
  })

  test.each(implants.map((implant) => ({ implant, name: implant.name })))(
    '$name is found out',
    async ({ implant }) => {
      const told = (seed: number) => implant.story ?? implant.storyOf?.(seed) ?? drawStory(seed)
      const stories = seeds.map((seed) => ({ ...told(seed), seed }))

      let found: string | undefined
      for (const story of stories) {
        if (found !== undefined) break
        found = (await runStory(story, implant)).violation?.message
      }

      expect(found).toBeDefined()
    },
  )
})

describe('a bug of a peer', () => {
  const names = new Set(implants.map(({ name }) => name))

  test.each(peerBugs)('$bug ($peer) is implanted, or is said not to be a story', (bug) => {
    const unknown = (bug.implants ?? []).filter((name) => !names.has(name))

    expect(unknown).toEqual([])
    expect((bug.implants ?? []).length > 0).toBe(bug.elsewhere === undefined)
  })

  test('stands behind every implant', () => {
    const told = new Set(peerBugs.flatMap((bug) => bug.implants ?? []))

    expect([...names].filter((name) => !told.has(name))).toEqual([])
  })
})

describe('shrink()', () => {
  test('leaves the shortest story that still fails', async () => {
    const story = drawStory(3)
    const [kept] = story.steps

    const shortest = await shrink(story, async ({ steps }) => steps.some((step) => step === kept))

    expect(shortest).toEqual({ ...story, steps: [kept], faults: [], spells: [] })
  })

  test('is told in plain words', async () => {
    const steps: Story['steps'] = [{ at: 90_000, do: 'stop', active: true }]

    const told = await explain({ seed: 1, steps, faults: [], spells: [] }, 'I1: nothing')

    expect(told).toContain('00:01:30.000  the emergency stop is switched on')
  })
})
