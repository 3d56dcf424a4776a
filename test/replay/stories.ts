/*
 * Over 300 lines on purpose: every way that a request can go, in one list that is easy to compare.
 */
import type { AccessFlow, ApprovalRule } from '../../shared/access/flow.ts'
import type { LifeCycle, startLifeCycle } from '../life-cycle/start-life-cycle.ts'
import { ben, flow, mia, petra, readers } from '../operations/broker-in-memory.ts'

/** One way that a request can go; gives the id of the request whose history is kept. */
export interface Story {
  readonly options?: Parameters<typeof startLifeCycle>[0]
  readonly run: (life: LifeCycle) => Promise<string>
}

const [second, minute, hour, day] = [1_000, 60_000, 3_600_000, 86_400_000]
const user = (id: string) => ({ type: 'user', id }) as const
const approvedBy = (approval: ApprovalRule, over: Partial<AccessFlow> = {}): Story['options'] => ({
  flows: [flow({ approval, ...over })],
})
const oneStep = approvedBy({ mode: 'any-of', steps: [{ approvers: [user(petra)] }] })
const both = approvedBy({ mode: 'all-of', steps: [{ approvers: [user(petra), user(ben)] }] })
const escalating = approvedBy({
  mode: 'any-of',
  steps: [{ approvers: [user(petra)], escalateAfter: 'PT10M' }, { approvers: [user(ben)] }],
  timeout: 'PT2H',
})

const ninetyDays: Story['options'] = {
  flows: [flow({ duration: { maximum: 'P90D' } })],
  sweepSchedule: '0 0 0 * * *',
}

const pass = (life: LifeCycle, milliseconds: number) =>
  life.clock.advanceTo(life.clock.now() + milliseconds)

/** Says something about a request, and lets a second pass. */
const say = async (life: LifeCycle, who: string, path: string, body: object = {}) => {
  const answer = await life.call(who, 'POST', path, body)
  if (answer.status >= 300) throw new Error(`Cannot record: ${path} answers ${answer.status}`)
  await pass(life, second)
  return String(answer.body.id)
}

const ask = (life: LifeCycle, more: object = {}) => {
  const body = { resource: { type: 'group', id: readers }, duration: 'PT1H', ...more }
  return say(life, mia, '/requests', body)
}

const inTenMinutes = (life: LifeCycle) => new Date(life.clock.now() + 10 * minute).toISOString()

/** Storage cannot be read: activities fail. */
const loseLedger = (life: LifeCycle) => {
  life.tables.fault = ({ table }) => (table === 'Ledger' ? 'unavailable' : undefined)
}

const findLedger = (life: LifeCycle) => {
  life.tables.fault = () => undefined
}

/** Every way that a request can go through its orchestration, by the name of its recording. */
export const stories: Readonly<Record<string, Story>> = {
  automatic: {
    run: async (life) => {
      const id = await ask(life)
      await pass(life, 2 * hour)
      return id
    },
  },
  'automatic-timers-early': {
    options: { earlyMilliseconds: 1_000 },
    run: async (life) => {
      const id = await ask(life)
      await pass(life, 2 * hour)
      return id
    },
  },
  approved: {
    options: oneStep,
    run: async (life) => {
      const id = await ask(life)
      await pass(life, 30 * minute)
      await say(life, petra, `/requests/${id}/approve`)
      await pass(life, 2 * hour)
      return id
    },
  },
  'approved-by-both': {
    options: both,
    run: async (life) => {
      const id = await ask(life)
      await say(life, petra, `/requests/${id}/approve`)
      await pass(life, 5 * minute)
      await say(life, ben, `/requests/${id}/approve`)
      await pass(life, 2 * hour)
      return id
    },
  },
  'approved-for-later': {
    options: oneStep,
    run: async (life) => {
      const id = await ask(life, { startsAt: inTenMinutes(life) })
      await say(life, petra, `/requests/${id}/approve`)
      await pass(life, 2 * hour)
      return id
    },
  },
  'approved-and-given-back-at-once': {
    options: oneStep,
    run: async (life) => {
      const id = await ask(life)
      await life.call(petra, 'POST', `/requests/${id}/approve`, {})
      await life.call(mia, 'POST', `/requests/${id}/revoke`, { reason: 'not needed' })
      await pass(life, 2 * hour)
      return id
    },
  },
  denied: {
    options: oneStep,
    run: async (life) => {
      const id = await ask(life)
      await pass(life, minute)
      await say(life, petra, `/requests/${id}/deny`, { reason: 'not today' })
      return id
    },
  },
  'cancelled-while-pending': {
    options: oneStep,
    run: async (life) => {
      const id = await ask(life)
      await pass(life, minute)
      await say(life, mia, `/requests/${id}/cancel`)
      return id
    },
  },
  'timed-out': {
    options: escalating,
    run: async (life) => {
      const id = await ask(life)
      await pass(life, 3 * hour)
      return id
    },
  },
  escalated: {
    options: escalating,
    run: async (life) => {
      const id = await ask(life)
      await pass(life, 15 * minute)
      await say(life, ben, `/requests/${id}/approve`)
      await pass(life, 2 * hour)
      return id
    },
  },
  scheduled: {
    run: async (life) => {
      const id = await ask(life, { startsAt: inTenMinutes(life) })
      await pass(life, 2 * hour)
      return id
    },
  },
  'scheduled-and-cancelled': {
    run: async (life) => {
      const id = await ask(life, { startsAt: inTenMinutes(life) })
      await say(life, mia, `/requests/${id}/cancel`)
      return id
    },
  },
  'emergency-stop': {
    run: async (life) => {
      const id = await ask(life, { startsAt: inTenMinutes(life) })
      await life.call('admin', 'PUT', '/emergency-stop', { active: true, reason: 'incident' })
      await pass(life, 2 * hour)
      return id
    },
  },
  'ninety-days': {
    options: ninetyDays,
    run: async (life) => {
      const id = await ask(life, { duration: 'P90D' })
      await pass(life, 91 * day)
      return id
    },
  },
  'ninety-days-given-back': {
    options: ninetyDays,
    run: async (life) => {
      const id = await ask(life, { duration: 'P90D' })
      await pass(life, 40 * day)
      await say(life, mia, `/requests/${id}/revoke`, { reason: 'done' })
      return id
    },
  },
  extended: {
    run: async (life) => {
      const id = await ask(life)
      await pass(life, 50 * minute)
      await say(life, mia, `/requests/${id}/extend`, { duration: 'PT1H', justification: 'more' })
      await pass(life, 3 * hour)
      return id
    },
  },
  extension: {
    run: async (life) => {
      const id = await ask(life)
      await pass(life, 50 * minute)
      const extension = { duration: 'PT1H', justification: 'more' }
      const extending = await say(life, mia, `/requests/${id}/extend`, extension)
      await pass(life, 3 * hour)
      return extending
    },
  },
  'given-back': {
    run: async (life) => {
      const id = await ask(life)
      await pass(life, 10 * minute)
      await say(life, mia, `/requests/${id}/revoke`, { reason: 'done' })
      return id
    },
  },
  'revoked-while-granting': {
    run: async (life) => {
      life.directory.setFault({ effect: 'ambiguous-before', on: ['add'] })
      const id = await ask(life)
      await say(life, 'admin', `/requests/${id}/revoke`, { reason: 'mistake' })
      life.directory.clearFaults()
      await pass(life, 10 * minute)
      return id
    },
  },
  'granted-at-the-fourth-try': {
    run: async (life) => {
      life.directory.setFault({ effect: 'unavailable', on: ['holds', 'add'], count: 3 })
      const id = await ask(life)
      await pass(life, 2 * hour)
      return id
    },
  },
  'ended-at-the-fourth-try': {
    run: async (life) => {
      const id = await ask(life)
      life.directory.setFault({ effect: 'throttled', on: ['remove'], count: 3 })
      await pass(life, 2 * hour)
      return id
    },
  },
  'refused-by-the-directory': {
    run: async (life) => {
      life.directory.setFault({ effect: 'forbidden' })
      const id = await ask(life)
      await pass(life, minute)
      return id
    },
  },
  'grant-handed-over': {
    run: async (life) => {
      life.directory.setFault({ effect: 'unavailable', on: ['holds', 'add'] })
      const id = await ask(life)
      await pass(life, hour)
      return id
    },
  },
  'end-handed-over': {
    run: async (life) => {
      const id = await ask(life)
      life.directory.setFault({ effect: 'unavailable' })
      await pass(life, hour + 30 * minute)
      return id
    },
  },
  'revived-while-overdue': {
    run: async (life) => {
      const id = await ask(life)
      life.directory.setFault({ effect: 'unavailable' })
      await pass(life, 2 * hour)
      life.directory.clearFaults()
      await pass(life, 10 * minute)
      return id
    },
  },
  'grant-activity-fails': {
    run: async (life) => {
      const id = await ask(life, { startsAt: inTenMinutes(life) })
      loseLedger(life)
      await pass(life, 10 * minute + 15 * second)
      findLedger(life)
      await pass(life, 2 * hour)
      return id
    },
  },
  'end-activity-fails': {
    run: async (life) => {
      const id = await ask(life)
      loseLedger(life)
      await pass(life, hour + 15 * second)
      findLedger(life)
      await pass(life, hour)
      return id
    },
  },
  'failed-activities-handed-over': {
    run: async (life) => {
      const id = await ask(life)
      loseLedger(life)
      await pass(life, hour + 30 * minute)
      return id
    },
  },
  'host-restarted': {
    options: oneStep,
    run: async (life) => {
      const id = await ask(life)
      await life.restart()
      await say(life, petra, `/requests/${id}/approve`)
      await life.restart()
      await pass(life, 2 * hour)
      return id
    },
  },
}
