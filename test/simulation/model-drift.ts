import type { LedgerEvent } from '../../shared/ledger/ledger-event.ts'
import type { ModelNeeds } from './model.ts'
import {
  bound,
  boundAfterTrouble,
  type Expect,
  hour,
  isInWindow,
  type PairModel,
} from './model-state.ts'

/** After so many repairs of one stretch others have the last word. */
const mostRepairs = 3

/** What others do to an access while it is somebody's, and what the broker makes of it. */
export interface DriftModel {
  changedByHand(pair: PairModel, present: boolean): void
  /** Takes an event about drift; false for any other. */
  told(pair: PairModel, event: LedgerEvent): boolean
  /** An addition begins. */
  adding(pair: PairModel): void
  written(pair: PairModel, operation: 'add' | 'remove'): void
  check(pair: PairModel, seen: { readonly isThere: boolean; readonly isHeld: boolean }): void
}

export function createDriftModel(needs: ModelNeeds, expect: Expect): DriftModel {
  const found = (pair: PairModel, { at, detail }: LedgerEvent) => {
    const { kind, follows } = detail
    if (kind === 'returned') return
    if (kind === 'added-late') {
      expect('drift', needs.clockError() > 1_000, 'added late, and every clock is right')
      return
    }
    if (kind === 'repair-refused') {
      pair.repairFrom = undefined
      pair.isRepairing = false
      return
    }
    // Its end was known before: what the window promised is given in either mode.
    const isOver = kind === 'standing-ended'
    const isTrue = isOver || pair.takenAt !== undefined
    expect('drift', isTrue, `${kind} was told, and nobody took anything`)
    const isEnforced = [...pair.requests.values()].some(
      ({ status, wish }) => status === 'active' && (isOver || wish.isEnforced === true),
    )
    const repairs = isEnforced && pair.repairs < mostRepairs
    const should = repairs ? 'repair' : 'report'
    expect('drift', follows === should, `${should} should follow on ${kind}, not ${follows}`)
    pair.lossToldAt = Date.parse(at)
    if (!repairs) return
    pair.repairs++
    pair.isRepairing = true
    pair.repairFrom = needs.now()
  }

  return {
    changedByHand(pair, present) {
      const isLoss = !present && pair.whose !== 'nobody'
      pair.takenAt = isLoss ? needs.now() : present ? undefined : pair.takenAt
      if (!isLoss && !present) return
      pair.lossToldAt = undefined
      pair.repairFrom = undefined
    },

    told(pair, event) {
      switch (event.event) {
        case 'drift.found':
          found(pair, event)
          return true
        case 'standing.found':
          expect('drift', pair.whose !== 'ours', 'what the broker added was told to be of others')
          pair.repairs = 0
          pair.isRepairing = false
          return true
        case 'drift.repaired':
          pair.isRepairing = false
          return true
        default:
          return false
      }
    },

    adding(pair) {
      const isGranting = [...pair.requests.values()].some(
        ({ attemptedAt, activeAt, closedAt }) =>
          attemptedAt !== undefined && activeAt === undefined && closedAt === undefined,
      )
      const mayAdd = isGranting || pair.isRepairing
      expect('drift', mayAdd, 'access is added again, and no loss of it is on record')
    },

    written(pair, operation) {
      pair.takenAt = undefined
      pair.lossToldAt = undefined
      pair.repairFrom = undefined
      if (operation === 'remove') {
        pair.repairs = 0
        pair.isRepairing = false
      }
    },

    check(pair, { isThere, isHeld }) {
      const open = [...pair.requests.values()].filter(({ closedAt }) => closedAt === undefined)
      if (open.length === 0) pair.repairs = 0
      if (isHeld || !isThere) return
      const now = needs.now() - needs.clockError()
      const { takenAt, lossToldAt, repairFrom } = pair
      const trouble = needs.troubleUntil()
      const users = open.filter((request) => isInWindow(request, now))
      const loser = users.find(({ activeAt = now }) => activeAt <= (takenAt ?? 0))
      if (loser !== undefined && takenAt !== undefined && lossToldAt === undefined) {
        // The next reconcile finds it; one that meets a change of the pair leaves it to another.
        const from = Math.max(takenAt, trouble ?? 0)
        const latest = needs.nextHour(from) + hour + (trouble ? boundAfterTrouble : bound)
        expect('drift', now <= latest, `${loser.wish.key} has lost its access, and nobody told`)
      }
      const isRunning = needs.world.is('surely-running')
      if (repairFrom !== undefined && users.length > 0 && isRunning) {
        const since = Math.max(repairFrom, needs.world.since('surely-running'))
        const latest = trouble
          ? Math.max(since, trouble) + boundAfterTrouble
          : Math.max(since, ...users.map(({ activeAt = 0 }) => activeAt)) + bound
        expect('I2', now <= latest, `${users[0]?.wish.key} is not added again`)
      }
    },
  }
}
