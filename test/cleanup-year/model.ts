import type { Story } from './people.ts'

/*
 * What must become of everybody, said without the code that is judged: from what happened to a
 * person alone.
 */

/** What happened to a person in the year, in milliseconds. */
export interface Lived {
  readonly story: Story
  readonly ends: readonly { readonly at: number; readonly integration: 'A' | 'B' }[]
  readonly requests: readonly number[]
  readonly signIns: readonly number[]
  readonly keptUntil: readonly { readonly saidAt: number; readonly until: number }[]
  readonly traitFrom: number
  readonly traitTo: number
  /** The announcement before the action. */
  readonly announcedAt?: number
  readonly actedAt?: number
  readonly action?: 'disable' | 'delete'
}

const day = 86_400_000
/** Integration A disables guests after 90 days, B deletes guests and staff after 60. */
const rules = { A: { days: 90, action: 'disable' }, B: { days: 60, action: 'delete' } } as const
const announceDays = 7
const signInDays = 30
/** A refusal is looked at again after a week, a plan is announced a week, and a run comes daily. */
const latenessDays = 7 + 7 + 4

/** Throws where somebody was touched who must not be. */
export function checkTouched(lived: Lived): void {
  const { story, actedAt: at, announcedAt } = lived
  if (at === undefined) return
  const fail = (why: string): never => {
    throw new Error(`${story.id} was cleaned up on day ${dayOf(lived, at)}, but ${why}`)
  }
  const wanted = wantedBefore(lived, at)
  if (wanted === undefined) {
    fail('no rule asks for it')
    return
  }
  if (lived.action !== wanted.action) fail(`${lived.action} is not ${wanted.action}`)
  if (at < wanted.dueAt) fail('the days are not over')
  if (announcedAt === undefined || at - announcedAt < announceDays * day)
    fail('it was not announced')
  if (lived.requests.some((asked) => asked >= (announcedAt ?? 0) && asked <= at)) {
    fail('a request came in between')
  }
  if (lived.signIns.some((signedIn) => signedIn <= at && signedIn > at - signInDays * day)) {
    fail('he had signed in')
  }
  if (lived.keptUntil.some(({ saidAt, until }) => saidAt <= at && until > at)) fail('it was kept')
  if (at >= lived.traitFrom && at < lived.traitTo) fail(`it was spared: ${story.trait?.what}`)
  if (!story.hasSponsor) fail('nobody could be told')
}

/** Whether an account must have been touched by now, must not, or may have been. */
export function outcomeOf(lived: Lived, now: number): 'must' | 'must-not' | 'may' {
  const wanted = wantedBefore(lived, now)
  if (wanted === undefined || !lived.story.hasSponsor) return 'must-not'
  const clearAt = Math.max(
    wanted.dueAt,
    ...lived.requests,
    ...lived.signIns.map((at) => at + signInDays * day),
    ...lived.keptUntil.map(({ until }) => until),
    lived.traitTo > lived.traitFrom ? lived.traitTo : 0,
  )
  // Between two reasons there may have been the time to act; whether it was right is checked apart.
  if (lived.actedAt !== undefined) return 'may'
  if (clearAt > now) return 'must-not'
  return clearAt + latenessDays * day < now ? 'must' : 'may'
}

function wantedBefore({ story, ends }: Lived, now: number) {
  const before = ends.filter(({ at }) => at <= now)
  if (before.length === 0) return undefined
  const through = [...new Set(before.map(({ integration }) => integration))]
  // Staff that A ever gave access to is not cleaned up: A is for guests alone.
  if (story.userType === 'member' && through.includes('A')) return undefined
  const days = Math.max(...through.map((name) => rules[name].days))
  const action = through.includes('A') ? rules.A.action : rules.B.action
  return { action, dueAt: Math.max(...before.map(({ at }) => at)) + days * day }
}

function dayOf({ traitFrom, story }: Lived, at: number): number {
  const start = traitFrom - (story.trait?.from ?? 0) * day
  return Math.floor((at - start) / day)
}
