/*
 * Over 300 lines on purpose: the whole of who should have what when, apart from the product and from
 * the directory, so that it can be read and doubted in one place.
 */
import type { AccessKey } from '../../shared/access/access.ts'
import type { FoundSchedule } from '../../shared/access/schedule.ts'
import { joinJson } from '../../shared/ledger/columns.ts'
import { pairIdOf, pairPartition } from '../../shared/ledger/ids.ts'
import { eventFromRow, genesisHash, type LedgerEvent } from '../../shared/ledger/ledger-event.ts'
import type { PairState } from '../../shared/ledger/pair-ledger.ts'
import type { TableName, Write } from '../../shared/ledger/tables.ts'
import { createAutomaticModel } from './model-automatic.ts'
import { createDriftModel } from './model-drift.ts'
import {
  bound,
  boundAfterTrouble,
  endOf,
  hour,
  isInWindow,
  overAt,
  type PairModel,
  type Request,
  seenByBroker,
  Violation,
  type Wish,
} from './model-state.ts'
import { accessOf } from './people.ts'
import type { World } from './world.ts'

export interface ModelNeeds {
  readonly now: () => number
  /** When the last trouble so far is over. */
  readonly troubleUntil: () => number | undefined
  /** How wrong the clocks of the workers have been at most. */
  readonly clockError: () => number
  readonly isHeld: (access: AccessKey) => boolean
  readonly scheduleOf: (access: AccessKey) => FoundSchedule | undefined
  readonly world: World
  /** The next regular reconcile after a time. */
  readonly nextHour: (time: number) => number
  /** Whether somebody may have confirmed the automatic flow as it is. */
  readonly isConfirmed: () => boolean
  readonly wishOf: (key: string) => Wish | undefined
  /** The durations that anybody named for this request. */
  readonly saidDurations: (key: string) => readonly number[]
}

/** From the look at who may decide to the record of what he decided. */
const decisionTakes = 5_000
const decisionTakesInTrouble = 60_000
const stopTakes = 1_500
/** A start is judged so long before it at most; in trouble it is tried for a quarter of an hour. */
const judgedFor = 70_000
const judgedForInTrouble = 20 * 60_000

type Operation = 'add' | 'update' | 'remove'

export interface Model {
  committed(table: TableName, partition: string, writes: readonly Write[]): void
  writing(operation: Operation, access: AccessKey, attemptId: string): void
  written(operation: Operation, access: AccessKey): void
  unclear(operation: Operation, access: AccessKey): void
  looked(access: AccessKey, present: boolean): void
  changedByHand(access: AccessKey, present: boolean): void
  stopAnswered(active: boolean): void
  /** What the caller was told about a request must be so. */
  answered(key: string, requestId: string): void
  endAnswered(requestId: string): void
  /** A mass end was ordered, and this one was active before and is not among its targets. */
  leftOut(requestId: string): void
  /** Looks at everything that must hold at any moment. */
  check(): void
  /** Looks at everything that must hold when all is quiet. */
  checkQuiet(): void
  readonly requests: ReadonlyMap<string, Request>
  violation: Violation | undefined
}

export function createModel(needs: ModelNeeds): Model {
  const pairs = new Map<string, PairModel>()
  const requests = new Map<string, Request>()
  const idOfKey = new Map<string, string>()
  let stoppedSince: number | undefined

  const pairOf = (access: AccessKey): PairModel => {
    const partition = pairPartition(pairIdOf(access))
    const known = pairs.get(partition)
    if (known !== undefined) return known
    const made: PairModel = {
      access,
      requests: new Map(),
      attempts: new Set(),
      sequence: 0,
      hash: genesisHash,
      whose: needs.isHeld(access) ? 'standing' : 'nobody',
      takenAt: undefined,
      lossToldAt: undefined,
      isRepairing: false,
      repairFrom: undefined,
      repairs: 0,
      lastRead: undefined,
    }
    pairs.set(partition, made)
    return made
  }
  const model: Model = {
    violation: undefined,
    requests,

    committed(table, partition, writes) {
      if (table !== 'Ledger' || !partition.startsWith('p-')) return
      const head = writes.find(({ key }) => key === 'head')
      if (head === undefined || head.do === 'drop') return
      const { pair } = joinJson('state', head.columns) as PairState
      const known = pairOf(pair.key)
      const events = writes.flatMap((write) =>
        write.key.startsWith('e-') && write.do !== 'drop'
          ? [eventFromRow({ partition, etag: '', ...write })]
          : [],
      )
      for (const event of events) takeEvent(known, event)
      takeStatuses(writes, events)
      expect(
        'I8',
        Number(head.columns['sequence']) === known.sequence,
        'the head counts other events than there are',
      )
      known.head = pair
      if (pair.attempt !== undefined) known.attempts.add(pair.attempt.id)
    },

    writing(operation, access, attemptId) {
      const pair = pairOf(access)
      expect('I9', pair.attempts.has(attemptId), `a call to ${operation} without an attempt`)
      if (operation !== 'add') return
      drift.adding(pair)
      const wanted = [...pair.requests.values()].some(
        ({ attemptedAt, closedAt }) => attemptedAt !== undefined && closedAt === undefined,
      )
      expect('I11', wanted, 'an addition that no approved request asks for')
      const since = stoppedSince
      expect(
        'stop',
        since === undefined || needs.now() < since + stopTakes,
        'an addition began although the emergency stop had been answered',
      )
    },

    written(operation, access) {
      const pair = pairOf(access)
      if (operation === 'update') return
      drift.written(pair, operation)
      if (operation === 'add') {
        pair.whose = 'ours'
        return
      }
      const { whose } = pair
      pair.whose = 'nobody'
      expect('I3', whose !== 'standing', 'standing access was removed')
      const now = needs.now()
      expectNoGap(pair, now)
      const user = [...pair.requests.values()].find((request) =>
        isInWindow(request, now + needs.clockError()),
      )
      expect(
        'I4',
        user === undefined,
        `access was removed while ${user?.wish.key} was active and in its window`,
      )
    },

    unclear(operation, access) {
      const pair = pairOf(access)
      // Who adds by hand between our look and an unclear attempt cannot be told from us.
      if (operation === 'add' && pair.whose === 'standing' && pair.lastRead === false) {
        pair.whose = 'either'
      }
    },

    looked(access, present) {
      pairOf(access).lastRead = present
    },

    changedByHand(access, present) {
      const pair = pairOf(access)
      drift.changedByHand(pair, present)
      if (!present) pair.whose = 'nobody'
      else if (pair.whose === 'nobody') pair.whose = seenByBroker(pair.head ?? {})
    },

    stopAnswered(active) {
      stoppedSince = active ? needs.now() : undefined
    },

    answered(key, requestId) {
      expect('I6', idOfKey.get(key) === requestId, `${key} was answered with another request`)
    },

    endAnswered(requestId) {
      const status = requests.get(requestId)?.status
      const isOver = status !== 'active' && status !== 'granting' && status !== 'scheduled'
      expect('I5', isOver, `an end was confirmed, and the request is still ${status}`)
    },

    leftOut(requestId) {
      const request = requests.get(requestId)
      const isActive = request?.status === 'active'
      expect('mass-end', !isActive, `${request?.wish.key} was left out of a mass end`)
    },

    check() {
      for (const pair of pairs.values()) checkPair(pair)
      automatic.check(pairs.values())
    },

    checkQuiet() {
      for (const { wish, closedAt, status } of requests.values()) {
        expect('I10', closedAt !== undefined, `${wish.key} is still ${status} when all is quiet`)
      }
    },
  }

  const automatic = createAutomaticModel(needs, expect)
  const drift = createDriftModel(needs, expect)

  function expect(invariant: string, holds: boolean, what: string): void {
    if (!holds) model.violation ??= new Violation(invariant, what)
  }

  function takeEvent(pair: PairModel, event: LedgerEvent): void {
    const isNext = event.sequence === pair.sequence + 1 && event.previousHash === pair.hash
    expect('I8', isNext, `event ${event.sequence} is not chained to the one before`)
    pair.sequence = event.sequence
    pair.hash = event.hash
    const at = Date.parse(event.at)
    const { requestId = '', detail } = event
    if (event.event === 'request.created') {
      created(pair, event)
      return
    }
    const request = requests.get(requestId)
    if (request === undefined) {
      expect('I8', false, `${event.event} of an unknown request`)
      return
    }
    const { key } = request.wish
    if (drift.told(pair, event)) return
    expect('I5', request.closedAt === undefined, `${event.event} after the end of ${key}`)
    request.status = String(detail['status'] ?? request.status)
    switch (event.event) {
      case 'request.approved':
        approved(request, event)
        return
      case 'grant.attempted': {
        const mayBegin = request.approvedBy !== undefined && request.attemptedAt === undefined
        expect('I7', mayBegin, `${key} was attempted twice, or without an approval`)
        request.attemptedAt = at
        expectFit(request)
        const end = new Date(endOf(request)).toISOString()
        expect('I12', detail['endsAt'] === end, `${key} ends ${detail['endsAt']}, not ${end}`)
        expect('I12', request.milliseconds <= request.wish.maximum, `${key} is longer than allowed`)
        expect('I1', at >= (request.wish.startsAt ?? at), `${key} began before its start`)
        return
      }
      case 'grant.active':
        expect('I5', request.activeAt === undefined, `${key} became active twice`)
        request.activeAt = at
        return
      case 'grant.ending':
        if (detail['endReason'] === 'expired') {
          const now = needs.now() + needs.clockError()
          expect('I2', at >= endOf(request), `${key} was ended before its time`)
          expect('I2', now >= endOf(request), `${key} was ended before its time by wrong clocks`)
          request.expiredAt = at
        } else request.endRequestedAt = at
        automatic.ending(request, event)
        return
      case 'grant.renewed':
        automatic.renewed(request, event)
        return
      case 'grant.ended':
      case 'grant.failed':
      case 'request.denied':
      case 'request.cancelled':
      case 'request.timed-out': {
        request.closedAt = at
        const proof = detail['proof'] as { kind?: string } | undefined
        if (proof?.kind !== undefined) request.proof = proof.kind
      }
    }
  }

  function created(pair: PairModel, { requestId = '', correlationId = '', detail }: LedgerEvent) {
    const isAutomatic = detail['intake'] === 'automatic'
    const wish = isAutomatic ? automatic.wishFor(pair, requestId) : needs.wishOf(correlationId)
    if (wish === undefined) {
      expect('I6', false, 'a request that nobody asked for')
      return
    }
    const known = idOfKey.get(wish.key)
    expect('I6', known === undefined, `${wish.key} led to two requests`)
    idOfKey.set(wish.key, requestId)
    const status = String(detail['status'])
    const request = { id: requestId, wish, status, milliseconds: wish.milliseconds }
    requests.set(requestId, request)
    pair.requests.set(requestId, request)
  }

  function approved(request: Request, { actor, at, detail }: LedgerEvent): void {
    const { wish } = request
    request.approvedBy = actor.id
    if (!wish.needsApproval) return
    const isParty = actor.id === wish.requester || actor.id === wish.access.grantee
    const isCalm = needs.troubleUntil() === undefined
    const since = Date.parse(at) - (isCalm ? decisionTakes : decisionTakesInTrouble)
    expect('I7', !isParty, `${wish.key} was approved by a party to it`)
    expect(
      'I7',
      needs.world.was(`approver:${actor.id}`, true, since),
      `${wish.key} was approved by no approver`,
    )
    const agreed = Number(detail['durationSeconds']) * 1000
    const said = [wish.milliseconds, ...needs.saidDurations(wish.key)]
    expect('I12', said.includes(agreed), `${wish.key} was approved for a time that nobody named`)
    request.milliseconds = agreed
  }

  /** Only a schedule that is over goes without anybody's hand. */
  function lapse(pair: PairModel, whose: PairModel['whose']): void {
    if (pair.whose !== whose || needs.isHeld(pair.access)) return
    drift.changedByHand(pair, false)
    pair.whose = 'nobody'
  }

  /** From when on the directory lets a schedule be taken, and what is left to it is taken by hand. */
  function takenFrom({ access, requests: all }: PairModel, trouble: number | undefined): number {
    const schedule = needs.scheduleOf(access)
    if (schedule?.startedAt === undefined) return 0
    const late = trouble === undefined ? bound : boundAfterTrouble
    const old = Date.parse(schedule.startedAt) + 5 * 60_000 + late
    const isLeft = [...all.values()].some(({ wish }) => wish.isLeft === true)
    const ended = Date.parse(schedule.endsAt ?? '')
    return isLeft && !Number.isNaN(ended) ? Math.max(old, ended + 2 * 60_000 + late) : old
  }

  /** Windows that touch are one stretch: what begins now is not taken away before. */
  function expectNoGap(pair: PairModel, now: number): void {
    if (needs.troubleUntil() !== undefined || !needs.world.is('surely-running')) return
    const { grantee, resource } = pair.access
    const facts = [`enabled:${grantee}`, `there:${grantee}`, `there:${resource.id}`] as const
    if (!facts.every((fact) => needs.world.is(fact))) return
    const next = [...pair.requests.values()].find(
      ({ status, wish: { startsAt = now } }) =>
        status === 'scheduled' && startsAt + needs.clockError() < now - 50,
    )
    expect('I4', next === undefined, `${next?.wish.key} begins, and access was removed before it`)
  }

  /** Whoever is granted something was there and not disabled when that was last looked at. */
  function expectFit({ wish }: Request): void {
    const isCalm = needs.troubleUntil() === undefined
    const since = needs.now() - needs.clockError() - (isCalm ? judgedFor : judgedForInTrouble)
    const { grantee } = wish.access
    const fit =
      needs.world.was(`enabled:${grantee}`, true, since) &&
      needs.world.was(`there:${grantee}`, true, since)
    expect('I2', fit, `${wish.key} is granted to somebody who was disabled or gone by then`)
  }

  function takeStatuses(writes: readonly Write[], events: readonly LedgerEvent[]): void {
    for (const write of writes) {
      if (!write.key.startsWith('r-') || write.do === 'drop') continue
      const own = events.filter(({ requestId }) => requestId?.endsWith(write.key.slice(2)) === true)
      const request = [...requests.values()].find(({ id }) => id.endsWith(write.key.slice(2)))
      const told = own.at(-1)?.detail['status'] ?? request?.status
      expect('I8', told === write.columns['status'], 'a change of status without its event')
    }
  }

  function checkPair(pair: PairModel): void {
    const now = needs.now()
    const { access } = pair
    const { world } = needs
    const facts = [`there:${access.grantee}`, `there:${access.resource.id}`] as const
    const isThere = facts.every(world.is)
    const isHeld = isThere && needs.isHeld(access)
    const all = [...pair.requests.values()]
    const user = all.find((request) => isInWindow(request, now + needs.clockError()))
    lapse(pair, 'standing')
    lapse(pair, 'either')
    if (user !== undefined && isThere && !isHeld && pair.takenAt === undefined) {
      expect('I2', false, `${user.wish.key} is active and has no access`)
    }
    drift.check(pair, { isThere, isHeld })
    lapse(pair, 'ours')
    if (!isHeld || pair.whose !== 'ours') return
    // What comes back with a restored object is looked for once a day.
    const isBack = all.some(({ proof }) => proof === 'object-deleted')
    const foundAt = isBack ? Math.max(...facts.map(world.since)) + 24 * hour : 0
    const last = Math.max(foundAt, ...all.map((request) => overAt(request, now)))
    const trouble = needs.troubleUntil()
    const due = trouble === undefined ? last + bound : Math.max(last, trouble) + boundAfterTrouble
    const latest = Math.max(due, takenFrom(pair, trouble))
    const who = access.grantee.slice(-4)
    expect(
      'I1',
      now <= latest + needs.clockError(),
      `access of ${who} outlives its window and bound`,
    )
  }

  // Who never had anything has to be given something as well.
  for (const who of ['mia', 'ben']) {
    for (const what of ['readers', 'writers']) pairOf(accessOf(who, what))
  }
  return model
}
