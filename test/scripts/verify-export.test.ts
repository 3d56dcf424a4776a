import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createMemoryTables } from '../../shared/ledger/memory-tables.ts'
import type { AuditFilter } from '../../shared/operations/audit-log.ts'
import { makeCheckpoint } from '../../shared/operations/checkpoint.ts'
import { exportAudit } from '../../shared/operations/export-audit.ts'
import { createTrail, user } from '../contract/ledger/audit-trail.ts'

const script = join(import.meta.dirname, '../../scripts/verify-export.ts')
const trail = createTrail(createMemoryTables())
let folder: string
let checkpoint: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'entra-jit-export-'))
  // Characters that some readers take for the end of a line.
  await trail.append(user('mia'), { reason: 'one\u2028two\u2029three\rfour\nfive\u0085six' })
  await trail.append(user('ben'))
  await makeCheckpoint(trail.needs, trail.archive)
  trail.advance(1_000)
  checkpoint = JSON.parse((await exported()).split('\n').at(-2) ?? '').checkpoint
})

afterAll(() => rm(folder, { recursive: true, force: true }))

const exported = async (filter: AuditFilter = {}): Promise<string> => {
  let text = ''
  const { tables, now } = trail.needs
  for await (const piece of exportAudit(tables, filter, now())) text += piece
  return text
}

const run = async (text: string | undefined, ...args: readonly string[]) => {
  const file = join(folder, 'audit.ndjson')
  await rm(file, { force: true })
  if (text !== undefined) await writeFile(file, text)
  const child = spawn(process.execPath, [script, file, ...args], { stdio: 'pipe' })
  let said = ''
  child.stdout.on('data', (chunk) => (said += chunk))
  child.stderr.on('data', (chunk) => (said += chunk))
  const [code] = await once(child, 'close')
  return { code, said }
}

describe('npm run verify-export', () => {
  test('exits 0 for an intact export, and says how far it is covered', async () => {
    const { code, said } = await run(await exported(), '--anchor', checkpoint)

    expect(said).toContain('intact: 4 rows of 3 streams')
    expect(said).toContain('4 rows are covered by the anchor')
    expect(code).toBe(0)
  })

  test('exits 1 for a broken one, and says where', async () => {
    const { code, said } = await run((await exported()).replace('"actor":"mia"', '"actor":"ada"'))

    expect(said).toBe('broken: content-changed in line 1 (user:ben, event 1)\n')
    expect(code).toBe(1)
  })

  test('exits 1 for one that does not hold the anchor', async () => {
    const { code, said } = await run(await exported(), '--anchor', '0'.repeat(64))

    expect(said).toBe('broken: anchor-missing\n')
    expect(code).toBe(1)
  })

  test('exits 2 for one that cannot be read', async () => {
    expect(await run(undefined)).toMatchObject({ code: 2, said: expect.stringContaining('ENOENT') })
  })

  test('exits 3 for a selection', async () => {
    const { code, said } = await run(await exported({ actor: 'mia' }))

    expect(said).toContain('not verifiable')
    expect(code).toBe(3)
  })
})
