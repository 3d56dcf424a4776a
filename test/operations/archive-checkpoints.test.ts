import { beforeEach, describe, expect, test } from 'vitest'
import { readCheckpoint } from '../../shared/ledger/checkpoints.ts'
import { createMemoryTables } from '../../shared/ledger/memory-tables.ts'
import { makeCheckpoint } from '../../shared/operations/checkpoint.ts'
import { verifyAudit } from '../../shared/operations/verify-audit.ts'
import { createTrail, type Trail, user } from '../contract/ledger/audit-trail.ts'

let trail: Trail

beforeEach(() => {
  trail = createTrail(createMemoryTables())
})

const tick = async () => {
  trail.advance(300_000)
  return makeCheckpoint(trail.needs, trail.archive)
}

describe('the archive', () => {
  test('keeps every checkpoint with its leaves under its number', async () => {
    await trail.append(user('mia'))
    await tick()

    const first = await readCheckpoint(trail.needs.tables, 1)
    const kept = JSON.parse(trail.archive.kept.get(1) ?? '')
    expect([...trail.archive.kept.keys()]).toEqual([1, 2])
    expect(kept).toMatchObject({ event: 'checkpoint.written', sequence: 1, hash: first?.hash })
    expect(kept.leaves).toEqual([
      ['user:mia', 1, expect.stringMatching(/^[0-9a-f]{64}$/), '2026-01-05T12:00:01.000Z'],
    ])
  })

  test('gets what it missed as soon as it is there again, also from an idle broker', async () => {
    trail.archive.isDown = true
    await trail.append(user('mia'))
    await tick()
    expect(trail.archive.kept.size).toBe(0)
    expect(trail.logged).toContain('warning: Cannot archive a checkpoint now: the next run does')

    trail.archive.isDown = false
    await tick()

    expect([...trail.archive.kept.keys()]).toEqual([1, 2])
    expect(await verifyAudit(trail.needs, trail.archive)).toMatchObject({
      verdict: 'intact',
      checkpoints: 2,
    })
  })

  test('that keeps another checkpoint under the same number is told to the operator', async () => {
    trail.archive.kept.set(1, '{"hash":"of another history"}')
    await trail.append(user('mia'))
    await tick()

    expect(trail.logged).toEqual([
      'error: The archive keeps another checkpoint: the tables were rewritten',
    ])
  })
})
