import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createMemoryTables } from '../../shared/ledger/memory-tables.ts'
import type { AuditFilter } from '../../shared/operations/audit-log.ts'
import { makeCheckpoint } from '../../shared/operations/checkpoint.ts'
import { exportAudit } from '../../shared/operations/export-audit.ts'
import { createTrail, user } from '../contract/ledger/audit-trail.ts'
import { openTerminal, type Terminal } from './terminal.ts'

const trail = createTrail(createMemoryTables())
let shell: Terminal
let checkpoint: string

beforeAll(async () => {
  // Nothing answers there: no broker is asked.
  shell = await openTerminal({ env: { ENTRA_JIT_URL: 'http://127.0.0.1:9' } })
  // Characters that some readers take for the end of a line.
  await trail.append(user('mia'), { reason: 'one\u2028two\u2029three\rfour\nfive\u0085six' })
  await trail.append(user('ben'))
  await makeCheckpoint(trail.needs, trail.archive)
  trail.advance(1_000)
  checkpoint = JSON.parse((await exported()).split('\n').at(-2) ?? '').checkpoint
})

afterAll(() => shell.remove())

const exported = async (filter: AuditFilter = {}): Promise<string> => {
  let text = ''
  const { tables, now } = trail.needs
  for await (const piece of exportAudit(tables, filter, now())) text += piece
  return text
}

const run = async (text: string | undefined, ...args: readonly string[]) => {
  const file = join(shell.home, 'audit.ndjson')
  await rm(file, { force: true })
  if (text !== undefined) await writeFile(file, text)
  return shell.type('audit', 'verify', file, ...args)
}

describe('audit verify with a file', () => {
  test('exits 0 for an intact export, and says how far it is covered', async () => {
    const { code, out } = await run(await exported(), '--anchor', checkpoint)

    expect(out).toContain('intact: 4 rows of 3 streams')
    expect(out).toContain('4 rows are covered by the anchor')
    expect(code).toBe(0)
  })

  test('does not mind an empty line behind the last one, as a shell adds it', async () => {
    expect(await run(`${await exported()}\n`)).toMatchObject({ code: 0 })
    expect(await run(`\n${await exported()}`)).toMatchObject({ code: 1 })
  })

  test('exits 1 for a broken one, and says where', async () => {
    const { code, out } = await run((await exported()).replace('"actor":"mia"', '"actor":"ada"'))

    expect(out).toBe('broken: content-changed in line 1 (user:ben, event 1)\n')
    expect(code).toBe(1)
  })

  test('exits 1 for one that does not hold the anchor', async () => {
    const { code, out } = await run(await exported(), '--anchor', '0'.repeat(64))

    expect(out).toBe('broken: anchor-missing\n')
    expect(code).toBe(1)
  })

  test('exits 2 for one that cannot be read', async () => {
    const { code, out, err } = await run(undefined)

    expect([code, out]).toEqual([2, ''])
    expect(err).toMatch(/^Cannot read .*audit\.ndjson: ENOENT/)
  })

  test('exits 3 for a selection', async () => {
    const { code, out } = await run(await exported({ actor: 'mia' }))

    expect(out).toContain('not verifiable')
    expect(code).toBe(3)
  })

  test('tells programs the verdict as JSON', async () => {
    const intact = await run(await exported(), '--output', 'json')
    const selection = await run(await exported({ actor: 'mia' }), '--output', 'json')

    expect(JSON.parse(intact.out)).toMatchObject({ verdict: 'intact', rows: 4, checkpoint })
    expect(selection).toMatchObject({ code: 3, out: '{\n  "verdict": "not-verifiable"\n}\n' })
  })

  test.each([
    ['--from 2026-01-01', 'a file is verified whole, without --from or --to'],
    ['--to 2026-01-01', 'a file is verified whole, without --from or --to'],
  ])('does not take %s', async (words, reason) => {
    const { code, err } = await run(await exported(), ...words.split(' '))

    expect([code, err]).toEqual([1, `Cannot verify: ${reason}\n`])
  })

  test('does not take an anchor without a file', async () => {
    const { code, err } = await shell.type('audit', 'verify', '--anchor', checkpoint)

    expect([code, err]).toEqual([1, 'Cannot verify: --anchor goes with a file\n'])
  })
})
