import { describe, expect, test } from 'vitest'
import { afterRemove } from '../../shared/access/directory-answers.ts'
import { afterLateAddition, afterWatch, outlast } from '../../shared/access/drift.ts'
import type { Attempt, Giving, Pair } from '../../shared/access/pair.ts'
import { aHeldPair, anActiveReason, aPair, aReason, at, iso } from '../builders.ts'
import { aSighting, limits, now, weigh } from './sightings.ts'

const giving: Giving = { mechanism: 'pim' }
const own = { id: 'ours', startedAt: iso('12:00:00'), endsAt: iso('13:10:00') }
const theirs = { id: 'another', by: 'assigned', endsAt: iso('15:00:00') } as const
const shown = { ...own, by: 'assigned' } as const
const waiting = aReason({ giving, attemptedAt: iso('12:29:00'), endsAt: iso('13:00:00') })
const active = anActiveReason({ giving, mechanism: 'pim' })
const held = aHeldPair({ schedule: own, reasons: [active] })
const ending = aHeldPair({ schedule: own, reasons: [{ ...active, status: 'ending' }] })
const attempt: Attempt = {
  id: 'try',
  kind: 'add',
  startedAt: iso('12:29:55'),
  deadline: iso('12:30:15'),
}

describe('standing access that has an end of its own', () => {
  const standing = aPair({
    held: 'standing',
    standingUntil: iso('12:30:00'),
    reasons: [active],
  })

  test('is ours to give from then on', () => {
    const { pair, events } = outlast(standing, now)

    expect(pair).toMatchObject({ held: 'none', drift: { repairing: true, repairs: 1 } })
    expect(pair).not.toHaveProperty('standingUntil')
    expect(events).toMatchObject([
      { event: 'drift.found', detail: { kind: 'standing-ended', follows: 'repair' } },
    ])
  })

  const { standingUntil: _, ...forGood } = standing
  test.each<[what: string, pair: Pair]>([
    ['while it lasts', { ...standing, standingUntil: iso('12:30:01') }],
    ['where it has no end', forGood],
    ['where it is ours', { ...standing, held: 'ours' }],
    ['while a write is under way', { ...standing, attempt }],
    [
      'where all windows end with it',
      { ...standing, reasons: [{ ...active, endsAt: iso('12:30:00') }] },
    ],
    ['where nobody has it yet', { ...standing, reasons: [{ ...active, status: 'scheduled' }] }],
  ])('stays as it is %s', (_, pair) => {
    expect(outlast(pair, now)).toMatchObject({ pair, events: [] })
  })

  test('is given for one whose window goes on, whatever ends beside it', () => {
    const over = { ...active, id: 'over', endsAt: iso('12:30:00') }

    expect(outlast({ ...standing, reasons: [over, active] }, now).pair.held).toBe('none')
  })
})

describe('a look at a schedule', () => {
  test.each<[what: string, schedule: object, expected: Pair['held']]>([
    ['leaves ours', { schedule: shown }, 'ours'],
    ['leaves ours where none is shown', {}, 'ours'],
    ['finds that of others in its place', { schedule: theirs }, 'standing'],
  ])('%s', (_, seen, expected) => {
    const { pair } = weigh(held, seen)

    expect(pair.held).toBe(expected)
    expect(pair.standingUntil).toBe(expected === 'standing' ? theirs.endsAt : undefined)
  })

  test('finds standing access without an end where none is told', () => {
    const role = aHeldPair({ assignmentId: 'a-1', reasons: [active] })

    expect(weigh(role, { assignmentId: 'a-2' }).pair).not.toHaveProperty('standingUntil')
  })
})

describe('a person who is restored with a schedule', () => {
  const gone = () => afterRemove(ending, { kind: 'already', missing: 'grantee' }, now, limits).pair

  test('is watched for it', () => {
    expect(gone().watch?.schedule).toEqual(own)
  })

  test.each<[what: string, seen: object, expected: Partial<Pair>]>([
    ['has ours, which is taken', { schedule: shown }, { held: 'ours', schedule: own }],
    ['has that of others, which stays', { schedule: theirs }, { held: 'none' }],
  ])('%s', (_, seen, expected) => {
    expect(afterWatch(gone(), aSighting(seen), at('12:45:00')).pair).toMatchObject(expected)
  })
})

describe('an addition that took effect after it was given up', () => {
  const added = { assignmentId: 'a-1', schedule: shown }
  const late = (pair: Pair, made: object = added) => afterLateAddition(pair, waiting, made, now)

  test.each(['ours', 'standing'] as const)('changes no more than what is known of %s', (state) => {
    const { pair, events } = late({
      ...held,
      held: state,
      absentSince: iso('12:29:00'),
      retry: { count: 1, at: iso('12:31:00') },
    })

    expect(pair).toEqual({
      ...held,
      held: state,
      assignmentId: 'a-1',
      lastWriteAt: now.toISOString(),
    })
    expect(events).toEqual([])
  })

  test.each(['granting', 'active', 'ending', 'overdue'] as const)(
    'is settled by a request that is %s',
    (status) => {
      const scheduled = aReason({ id: 'later', status: 'scheduled' })
      const { pair, events } = late(aPair({ reasons: [scheduled, { ...waiting, status }] }))

      expect(pair).toMatchObject({ held: 'unsure', before: 'absent' })
      expect(pair).not.toHaveProperty('watch')
      expect(events).toEqual([])
    },
  )

  test('is taken away in the name of who it was for, where nobody needs it', () => {
    const { pair, events } = late(aPair({ reasons: [aReason({ status: 'scheduled' })] }))
    const at = now.toISOString()

    expect(pair).toMatchObject({
      held: 'unsure',
      assignmentId: 'a-1',
      schedule: own,
      watch: { until: at, nextAt: at, reason: waiting, isBack: true },
    })
    expect(events).toMatchObject([
      {
        event: 'drift.found',
        requestId: waiting.id,
        detail: { kind: 'added-late', follows: 'repair' },
      },
    ])
  })

  test('is known without a schedule or an assignment where none was told', () => {
    const { pair } = late(aPair(), {})

    expect(pair).not.toHaveProperty('schedule')
    expect(pair).not.toHaveProperty('assignmentId')
  })
})
