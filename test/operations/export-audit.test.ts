import { createHash } from 'node:crypto'
import { beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type ExportedEvent, hashOfManifest } from '../../shared/ledger/export-manifest.ts'
import { createMemoryTables } from '../../shared/ledger/memory-tables.ts'
import { type KnownLines, verifyExport } from '../../shared/ledger/verify-export.ts'
import type { AuditFilter } from '../../shared/operations/audit-log.ts'
import { makeCheckpoint } from '../../shared/operations/checkpoint.ts'
import { exportAudit } from '../../shared/operations/export-audit.ts'
import { createTrail, type Trail, user } from '../contract/ledger/audit-trail.ts'

const people = ['mia', 'ben', 'zoe', 'ada', 'petra', 'omar', 'audrey']

/** A trail of so many events over three days, with a checkpoint after every tenth of them. */
const trailOf = async (events: number): Promise<Trail> => {
  const trail = createTrail(createMemoryTables())
  for (let event = 0; event < events; event++) {
    const person = people[(event * 5 + 3) % people.length] ?? 'mia'
    await trail.append(user(person), { detail: { code: 'no-flow', event } })
    if (event % Math.ceil(events / 10) === 3) await makeCheckpoint(trail.needs, trail.archive)
    if (event % Math.ceil(events / 3) === 5) trail.advance(86_400_000)
  }
  await makeCheckpoint(trail.needs, trail.archive)
  trail.advance(60_000)
  return trail
}

const exportOf = async ({ needs }: Trail, filter: AuditFilter = {}): Promise<string[]> => {
  let text = ''
  for await (const piece of exportAudit(needs.tables, filter, needs.now())) text += piece
  return text.trimEnd().split('\n')
}

const swapped = (lines: readonly string[], one: number, two: number) =>
  lines.map((line, index) => (index === one ? lines[two] : index === two ? lines[one] : line) ?? '')

/** The smallest edit of a line: one character of it is another one. */
const edited = (line: string, at: number) => {
  const character = line[at] === '0' ? '1' : '0'
  return `${line.slice(0, at)}${character}${line.slice(at + 1)}`
}

type Mutation = (lines: readonly string[], at: number) => readonly string[]

const mutations: Readonly<Record<string, Mutation>> = {
  'an edit of one character': (lines, at) =>
    lines.with(at, edited(lines[at] ?? '', (at * 31) % (lines[at]?.length ?? 1))),
  'a deletion': (lines, at) => lines.toSpliced(at, 1),
  'the insertion of a copy': (lines, at) => lines.toSpliced(at, 0, lines[at] ?? ''),
  'an insertion of something new': (lines, at) => lines.toSpliced(at, 0, '{"event":"x"}'),
  'a swap with the next line': (lines, at) => swapped(lines, at, at + 1),
  'a swap with a line far off': (lines, at) => swapped(lines, at, (at + 500) % lines.length),
  'a cut of all that follows': (lines, at) => lines.slice(0, at),
  'a cut of all that comes before': (lines, at) => lines.slice(at + 1),
}

describe('an export of a thousand rows', () => {
  let lines: readonly string[]

  beforeAll(async () => {
    const trail = await trailOf(988)
    lines = await exportOf(trail)
  })

  test('is intact as it was written', async () => {
    expect(lines).toHaveLength(1_001)
    expect(await verifyExport(lines)).toMatchObject({
      verdict: 'intact',
      rows: 1_000,
      streams: 8,
      covered: 1_000,
    })
  })

  test.each(Object.entries(mutations))(
    'shows %s, at each of its thousand rows',
    async (_, mutate) => {
      const known: KnownLines = new Map()
      const unnoticed: number[] = []
      for (let at = 0; at < 1_000; at++) {
        const { verdict } = await verifyExport(mutate(lines, at), undefined, known)
        if (verdict !== 'broken') unnoticed.push(at + 1)
      }
      expect(unnoticed).toEqual([])
    },
    60_000,
  )
})

/** What whoever wants to hide something would do: count and hash everything anew. */
const withManifestMadeToFit = (
  lines: readonly string[],
  over: (manifest: Record<string, unknown>) => object = () => ({}),
): string[] => {
  const rows = lines.slice(0, -1)
  const events = rows.map((line) => JSON.parse(line) as ExportedEvent)
  const streams = new Map<string, [string, number, string, number, string]>()
  for (const { stream, sequence, previousHash, hash } of events.toReversed()) {
    const known = streams.get(stream)
    streams.set(stream, [
      stream,
      known?.[1] ?? sequence,
      known?.[2] ?? previousHash,
      sequence,
      hash,
    ])
  }
  const manifest = JSON.parse(lines.at(-1) ?? '') as Record<string, unknown>
  const bytes = rows.map((line) => `${line}\n`).join('')
  const fitting = {
    ...manifest,
    rows: rows.length,
    sha256: createHash('sha256').update(bytes).digest('hex'),
    streams: [...streams.values()],
    checkpoint: streams.get('checkpoints')?.[4] ?? null,
    ...over(manifest),
  }
  return [...rows, JSON.stringify({ ...fitting, hash: hashOfManifest(fitting) })]
}

describe('an export', () => {
  let trail: Trail
  let lines: readonly string[]
  let checkpoint: string

  beforeEach(async () => {
    trail = await trailOf(40)
    lines = await exportOf(trail)
    checkpoint = JSON.parse(lines.at(-1) ?? '').checkpoint
  })

  test('shows an edit of any member of any of its lines', async () => {
    for (const [at, line] of lines.entries()) {
      for (const [name, value] of Object.entries(JSON.parse(line) as Record<string, unknown>)) {
        const other = typeof value === 'number' ? value + 1 : [value, 'x']
        const changed = JSON.stringify({ ...JSON.parse(line), [name]: other })
        const { verdict } = await verifyExport(lines.with(at, changed))
        expect(verdict, `line ${at + 1}, ${name}`).toBe('broken')
      }
    }
  })

  test.each(Object.entries(mutations))('shows %s at each of its lines', async (_, mutate) => {
    for (const at of lines.keys()) {
      const { verdict } = await verifyExport(mutate(lines, at))
      expect(verdict, `at line ${at + 1}`).toBe('broken')
    }
  })

  test('says where it is broken', async () => {
    const third = JSON.parse(lines[2] ?? '') as ExportedEvent
    const { stream, sequence } = third

    expect(
      await verifyExport(lines.with(2, JSON.stringify({ ...third, actor: 'nobody' }))),
    ).toEqual({ verdict: 'broken', problem: 'content-changed', line: 3, stream, sequence })
    expect(await verifyExport(lines.toSpliced(2, 1))).toMatchObject({ verdict: 'broken', stream })
    expect(await verifyExport(lines.slice(0, -1))).toEqual({
      verdict: 'broken',
      problem: 'manifest-missing',
      line: lines.length - 1,
    })
  })

  test.each(['checkpoint', 'hash'])(
    'is intact with the %s of its manifest as anchor',
    async (name) => {
      const anchor = JSON.parse(lines.at(-1) ?? '')[name]

      expect(await verifyExport(lines, anchor)).toMatchObject({ verdict: 'intact', checkpoint })
      expect(await verifyExport(lines, String(anchor).toUpperCase())).toMatchObject({
        verdict: 'intact',
      })
      expect(await verifyExport(lines, edited(anchor, 5))).toEqual({
        verdict: 'broken',
        problem: 'anchor-missing',
      })
    },
  )

  test('does not need the manifest to be genuine where it has an anchor', async () => {
    expect(await verifyExport(withManifestMadeToFit(lines), checkpoint)).toMatchObject({
      verdict: 'intact',
      covered: lines.length - 1,
    })
  })

  test('shows by its anchor each cut of its newest rows, whatever was done to the manifest', async () => {
    for (let cut = 1; cut < lines.length - 1; cut++) {
      const fitting = withManifestMadeToFit(lines.slice(cut))
      expect((await verifyExport(fitting, checkpoint)).verdict, `${cut} rows cut`).toBe('broken')
    }
  })

  test('shows by its anchor each stream that was left out, whatever was done to the manifest', async () => {
    for (const person of people) {
      const without = lines.filter((line) => !line.includes(`"stream":"user:${person}"`))
      expect(without.length).toBeLessThan(lines.length)
      const fitting = withManifestMadeToFit(without)
      expect(await verifyExport(fitting, checkpoint), person).toMatchObject({
        verdict: 'broken',
        problem: 'event-missing',
        stream: `user:${person}`,
      })
    }
  })

  test('shows leaves of a checkpoint that were left out, whatever was done to the manifest', async () => {
    const fitting = withManifestMadeToFit(lines, () => ({ checkpoints: [] }))

    expect(await verifyExport(fitting)).toMatchObject({ problem: 'checkpoint-broken' })
  })

  test('of one day is verified by itself', async () => {
    const day = await exportOf(trail, {
      from: new Date('2026-01-06'),
      to: new Date('2026-01-07'),
    })

    expect(await verifyExport(day)).toMatchObject({ verdict: 'intact' })
    expect(day.length).toBeLessThan(lines.length)
    const anchor = JSON.parse(day.at(-1) ?? '').checkpoint
    const anchored = day.findIndex((line) => line.includes(`"hash":"${anchor}"`))
    for (let cut = anchored + 1; cut < day.length - 1; cut++) {
      const fitting = withManifestMadeToFit(day.slice(cut))
      expect((await verifyExport(fitting, anchor)).verdict, `${cut} rows cut`).toBe('broken')
    }
  })

  test('says how many of its rows the anchor vouches for; newer ones can be cut', async () => {
    await trail.append(user('mia'))
    await trail.append(user('ben'))
    const newer = await exportOf(trail)

    const whole = await verifyExport(newer, checkpoint)
    const cut = await verifyExport(withManifestMadeToFit(newer.slice(1)), checkpoint)

    expect(whole).toMatchObject({ rows: lines.length + 1, covered: lines.length - 1 })
    expect(cut).toMatchObject({ rows: lines.length, covered: lines.length - 1 })
  })

  test('of a time without events is empty and intact', async () => {
    const nothing = await exportOf(trail, { to: new Date('2025-01-01') })

    expect(nothing).toHaveLength(1)
    expect(await verifyExport(nothing)).toMatchObject({ verdict: 'intact', rows: 0 })
  })

  test('of a selection says that it cannot be verified', async () => {
    const some = await exportOf(trail, { actor: 'mia' })

    expect(JSON.parse(some.at(-1) ?? '')).toEqual({
      manifest: 1,
      kind: 'filtered',
      rows: some.length - 1,
      verifiable: false,
    })
    expect(await verifyExport(some)).toEqual({ verdict: 'not-verifiable' })
  })

  test('leaves what happens while it is written to the next one', async () => {
    const { needs } = trail
    let text = ''
    for await (const piece of exportAudit(needs.tables, {}, needs.now())) {
      text += piece
      if (text.length < 50_000) await trail.append(user('mia'))
    }

    expect(await verifyExport(text.trimEnd().split('\n'))).toMatchObject({
      verdict: 'intact',
      rows: lines.length - 1,
    })
  })
})
