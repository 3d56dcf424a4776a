import type { Integration } from './integration.ts'
import { type CleanupAction, cleanupActions, type UserType } from './user-cleanup.ts'

/** What was observed of an integration's cleanup: its action, since when, and who confirmed it. */
export interface SeenRule {
  readonly action: CleanupAction
  /** Since when it is on, or as harsh as now. */
  readonly since: string
  readonly confirmedAt?: string
}

/** The rule that holds for one person: of all integrations that gave him access, the mildest. */
export interface CleanupRule {
  /** The integration whose action it is. */
  readonly integration: string
  readonly integrations: readonly string[]
  /** What would be done once the first days of reporting are over. */
  readonly wanted: CleanupAction
  readonly action: CleanupAction
  /** When the first days of reporting are over; undefined when they are. */
  readonly reportsUntil?: Date
  readonly userTypes: readonly UserType[]
  readonly announceDays: number
  readonly signInWithinDays: number
  readonly maxPerDay: number
  readonly maxShare: number
  readonly protected: readonly string[]
  readonly ignoreOtherAccess: boolean
  readonly lastAccessEndedAt: Date
  readonly dueAt: Date
}

/** An integration only reports so many days after its cleanup was switched on or made harsher. */
const reportingDays = 30

export interface RuleInputs {
  readonly integrations: readonly Integration[]
  /** By the integration's name. */
  readonly seen: Readonly<Record<string, SeenRule>>
  /** One day, in milliseconds. */
  readonly day: number
  readonly now: Date
}

/**
 * The rule for somebody whose access through these integrations ended then. The clock starts with
 * the end of the last access through any of them; only those with a cleanup have a say.
 */
export function ruleFor(
  access: Readonly<Record<string, string>>,
  { integrations, seen, day, now }: RuleInputs,
): CleanupRule | undefined {
  const ends = Object.values(access).map((at) => Date.parse(at))
  const mine = integrations
    .filter(({ name, userCleanupAfterDays }) => userCleanupAfterDays && access[name] !== undefined)
    .map((integration) => ({ integration, ...actionOf(integration, seen, day, now) }))
    .sort(mildestFirst)
  const [mildest] = mine
  if (mildest === undefined) return undefined
  const rules = mine.map(({ integration }) => integration.userCleanup ?? {})
  const days = Math.max(...mine.map(({ integration }) => integration.userCleanupAfterDays ?? 0))
  const lastEnd = Math.max(...ends)
  const until = mine.flatMap(({ reportsUntil }) => (reportsUntil ? [reportsUntil.getTime()] : []))
  const wanted = mine.map((each) => each.wanted).sort(byHarshness)[0] ?? 'report'
  return {
    integration: mildest.integration.name,
    integrations: mine.map(({ integration }) => integration.name).sort(),
    wanted,
    action: mildest.action,
    ...(until.length === 0 ? {} : { reportsUntil: new Date(Math.max(...until)) }),
    userTypes: (['guest', 'member'] as const).filter((type) =>
      rules.every(({ userTypes = ['guest'] }) => userTypes.includes(type)),
    ),
    announceDays: Math.max(...rules.map(({ announceDays = 7 }) => announceDays)),
    signInWithinDays: Math.max(...rules.map(({ signInWithinDays = 30 }) => signInWithinDays)),
    maxPerDay: Math.min(...rules.map(({ maxPerDay = 20 }) => maxPerDay)),
    maxShare: Math.min(...rules.map(({ maxShare = 0.05 }) => maxShare)),
    protected: [...new Set(rules.flatMap((rule) => rule.protected ?? []))],
    ignoreOtherAccess: rules.every(({ ignoreOtherAccess }) => ignoreOtherAccess === true),
    lastAccessEndedAt: new Date(lastEnd),
    dueAt: new Date(lastEnd + days * day),
  }
}

/** What is seen of the integrations now: a rule that is new or harsher begins with reporting. */
export function seeRules(
  former: Readonly<Record<string, SeenRule>>,
  integrations: readonly Integration[],
  now: Date,
): Readonly<Record<string, SeenRule>> {
  const on = integrations.filter(({ userCleanupAfterDays }) => userCleanupAfterDays !== undefined)
  return Object.fromEntries(
    on.map(({ name, userCleanup }) => {
      const action = userCleanup?.action ?? 'report'
      const known = former[name]
      if (known === undefined || byHarshness(known.action, action) < 0) {
        return [name, { action, since: now.toISOString() }]
      }
      return [name, { ...known, action }]
    }),
  )
}

/** Negative when the first is the milder one. */
export function byHarshness(a: CleanupAction, b: CleanupAction): number {
  return cleanupActions.indexOf(a) - cleanupActions.indexOf(b)
}

export function milder(a: CleanupAction, b: CleanupAction): CleanupAction {
  return byHarshness(a, b) <= 0 ? a : b
}

function actionOf(
  { name, userCleanup }: Integration,
  seen: Readonly<Record<string, SeenRule>>,
  day: number,
  now: Date,
): { wanted: CleanupAction; action: CleanupAction; reportsUntil?: Date } {
  const wanted = userCleanup?.action ?? 'report'
  const known = seen[name]
  if (wanted === 'report' || known?.confirmedAt !== undefined) return { wanted, action: wanted }
  // What was not seen before is new.
  const since = known === undefined ? now.getTime() : Date.parse(known.since)
  const until = since + reportingDays * day
  if (until <= now.getTime()) return { wanted, action: wanted }
  return { wanted, action: 'report', reportsUntil: new Date(until) }
}

function mildestFirst(
  a: { action: CleanupAction; integration: Integration },
  b: { action: CleanupAction; integration: Integration },
): number {
  return byHarshness(a.action, b.action) || (a.integration.name < b.integration.name ? -1 : 1)
}
