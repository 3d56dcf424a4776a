/*
 * Over 300 lines on purpose: the whole of who should have what when, apart from the product and from
 * the directory, so that it can be read and doubted in one place.
 */
import type { AccessKey } from '../../shared/access/access.ts'
import type { Attempt } from '../../shared/access/pair.ts'
import { joinJson } from '../../shared/ledger/columns.ts'
import { pairIdOf, pairPartition } from '../../shared/ledger/ids.ts'
import { eventFromRow, genesisHash, type LedgerEvent } from '../../shared/ledger/ledger-event.ts'
import type { PairState } from '../../shared/ledger/pair-ledger.ts'
import type { TableName, Write } from '../../shared/ledger/tables.ts'

/** What the story asked for under one key. */
export interface Wish {
  readonly key: string
  readonly access: AccessKey
  readonly requester: string
  readonly milliseconds: number
  /** The longest that the flow allows. */
  readonly maximum: number
  readonly needsApproval: boolean
  readonly startsAt?: number
}

export interface ModelNeeds {
  readonly now: () => number
  /** When the last trouble so far is over. */
  readonly troubleUntil: () => number | undefined
  readonly isHeld: (access: AccessKey) => boolean
  readonly isDeleted: (id: string) => boolean
  readonly wishOf: (key: string) => Wish | undefined
  /** Whether somebody was an approver at any time since then. */
  readonly wasApprover: (id: string, since: number) => boolean
  /** The durations that anybody named for this request. */
  readonly saidDurations: (key: string) => readonly number[]
}

/** Published bounds: with nothing wrong, and after the last trouble is over. */
const bound = 5_000
/** A fence of 20 s, proof by two reads, one back-off, one sweep with its grace, 5 s. */
const boundAfterTrouble = 20_000 + 4_000 + 5_000 + 13_000 + 5_000
/** From the look at who may decide to the record of what he decided. */
const decisionTakes = 5_000
const decisionTakesInTrouble = 60_000
const stopTakes = 1_500

interface Request {
  readonly id: string
  readonly wish: Wish
  status: string
  milliseconds: number
  approvedBy?: string
  attemptedAt?: number
  activeAt?: number
  endRequestedAt?: number
  closedAt?: number
  proof?: string
}

interface PairModel {
  readonly access: AccessKey
  readonly requests: Map<string, Request>
  readonly attempts: Set<string>
  sequence: number
  hash: string
  head?: PairState['pair']
  /** Whose the access in the directory is, if there is any. */
  whose: 'nobody' | 'ours' | 'standing' | 'either'
  takenByHand: boolean
  lastRead: boolean | undefined
}

export class Violation extends Error {
  override readonly name = 'Violation'
  readonly invariant: string

  constructor(invariant: string, what: string) {
    super(`${invariant}: ${what}`)
    this.invariant = invariant
  }
}

export interface Model {
  committed(table: TableName, partition: string, writes: readonly Write[]): void
  writing(operation: 'add' | 'remove', access: AccessKey, attemptId: string): void
  written(operation: 'add' | 'remove', access: AccessKey): void
  unclear(operation: 'add' | 'remove', access: AccessKey): void
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
  readonly leftByDeletion: () => number
  violation: Violation | undefined
}

export function createModel(needs: ModelNeeds): Model {
  const pairs = new Map<string, PairModel>()
  const requests = new Map<string, Request>()
  const idOfKey = new Map<string, string>()
  const left = new Set<string>()
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
      takenByHand: false,
      lastRead: undefined,
    }
    pairs.set(partition, made)
    return made
  }
  const model: Model = {
    violation: undefined,
    requests,
    leftByDeletion: () => left.size,

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
      if (operation === 'remove') return
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
      if (operation === 'add') {
        pair.whose = 'ours'
        pair.takenByHand = false
        return
      }
      const { whose } = pair
      pair.whose = 'nobody'
      expect('I3', whose !== 'standing', 'standing access was removed')
      const now = needs.now()
      const user = [...pair.requests.values()].find((request) => isInWindow(request, now))
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
      if (!present) {
        if (pair.whose !== 'nobody') pair.takenByHand = true
        pair.whose = 'nobody'
        return
      }
      if (pair.whose !== 'nobody') return
      pair.takenByHand = false
      pair.whose = seenByBroker(pair.head?.held, pair.head?.attempt)
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
    },

    checkQuiet() {
      for (const { wish, closedAt, status } of requests.values()) {
        expect('I10', closedAt !== undefined, `${wish.key} is still ${status} when all is quiet`)
      }
    },
  }

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
          expect('I2', at >= endOf(request), `${key} was ended before its time`)
        } else request.endRequestedAt = at
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
    const wish = needs.wishOf(correlationId)
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
    expect('I7', needs.wasApprover(actor.id, since), `${wish.key} was approved by no approver`)
    const agreed = Number(detail['durationSeconds']) * 1000
    const said = [wish.milliseconds, ...needs.saidDurations(wish.key)]
    expect('I12', said.includes(agreed), `${wish.key} was approved for a time that nobody named`)
    request.milliseconds = agreed
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
    const isThere = !needs.isDeleted(access.grantee) && !needs.isDeleted(access.resource.id)
    const isHeld = isThere && needs.isHeld(access)
    const all = [...pair.requests.values()]
    const user = all.find((request) => isInWindow(request, now))
    if (user !== undefined && isThere && !isHeld && !pair.takenByHand) {
      expect('I2', false, `${user.wish.key} is active and has no access`)
    }
    if (!isHeld || pair.whose !== 'ours') return
    const last = Math.max(...all.map((request) => overAt(request, now)))
    const trouble = needs.troubleUntil()
    const latest =
      trouble === undefined ? last + bound : Math.max(last, trouble) + boundAfterTrouble
    if (now <= latest) return
    // It came back with the person or the group: told in docs/simulation.md.
    if (all.some(({ proof }) => proof === 'object-deleted')) left.add(pairIdOf(access))
    else expect('I1', false, `access of ${access.grantee.slice(-4)} outlives its window and bound`)
  }

  return model
}

/** What the broker can know of an addition by hand: it counts as standing only where it can be seen. */
function seenByBroker(held: string | undefined, attempt: Attempt | undefined): PairModel['whose'] {
  if (attempt !== undefined || held === 'unsure') return 'either'
  return held === 'ours' ? 'ours' : 'standing'
}

function endOf({ wish, attemptedAt, milliseconds }: Request): number {
  return (wish.startsAt ?? attemptedAt ?? 0) + milliseconds
}

/** When nothing of the access may be left for this request's sake. */
function overAt(request: Request, now: number): number {
  if (request.attemptedAt === undefined) return 0
  const ends = [endOf(request), request.endRequestedAt, request.closedAt]
  return Math.min(...ends.map((end) => end ?? Number.POSITIVE_INFINITY), now + 1e12)
}

function isInWindow(request: Request, now: number): boolean {
  const { activeAt, closedAt, endRequestedAt } = request
  return (
    activeAt !== undefined &&
    closedAt === undefined &&
    endRequestedAt === undefined &&
    now < endOf(request)
  )
}
