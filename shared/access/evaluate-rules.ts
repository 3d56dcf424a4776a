import { wordsOf } from './condition-words.ts'
import { type ConditionTree, holdsFor, type PeopleFacts } from './conditions.ts'
import { durationOf } from './duration.ts'
import type { Change, Question } from './evaluate.ts'
import type { Coverage } from './evaluate-target.ts'
import type { AccessFlow, TextRule } from './flow.ts'
import { oncePer } from './once.ts'
import { compilePattern } from './text.ts'
import {
  isWithin,
  type LocalTime,
  localTimeWords,
  nextWithin,
  timeframeWords,
} from './timeframe.ts'

/** One request being weighed: the question, and what is found out for all flows together. */
export interface Weighing {
  readonly question: Question
  readonly facts: PeopleFacts
  coverageOf(flow: AccessFlow): Coverage
  localTimeIn(timeZone: string): LocalTime
}

/** What a rule found; `change` is what would have to be asked for instead, where that would help. */
export type Finding =
  | { readonly passes: true; readonly detail: string }
  | { readonly passes: false; readonly detail: string; readonly change?: () => Change | undefined }

/** One rule of a flow: its name in traces, and the one code that both decides and explains. */
export interface Rule {
  readonly name: RuleName
  look(flow: AccessFlow, weighing: Weighing): Finding
}

export type RuleName =
  | 'active'
  | 'target'
  | 'requesters'
  | 'grantees'
  | 'intake'
  | 'timeframe'
  | 'extensions'
  | 'duration'
  | 'justification'
  | 'ticket'

const pass = (detail: string): Finding => ({ passes: true, detail })
const fail = (detail: string, change?: () => Change | undefined): Finding =>
  change === undefined ? { passes: false, detail } : { passes: false, detail, change }

const isOn = pass('The flow is active.')
const isOff = fail('The flow is switched off.')

const active: Rule = { name: 'active', look: (flow) => (isActive(flow) ? isOn : isOff) }

const target: Rule = { name: 'target', look: (flow, { coverageOf }) => coverageOf(flow) }

/** Both findings of a tree are the same for everybody: no trace tells what the directory says of one. */
const findingsOf = oncePer((tree: ConditionTree) => {
  const words = wordsOf(tree)
  return {
    requesters: {
      fits: pass(`The requester fits: ${words}.`),
      fails: fail(`The requester does not fit: ${words}.`),
    },
    grantees: {
      fits: pass(`The grantee fits: ${words}.`),
      fails: fail(`The grantee does not fit: ${words}.`),
    },
  }
})

const requesters: Rule = {
  name: 'requesters',
  look: ({ requesters: tree }, { question, facts }) =>
    findingsOf(tree).requesters[holdsFor(tree, question.requesterId, facts) ? 'fits' : 'fails'],
}

const isForSelf = pass('The requester asks for himself.')
const isForOther = fail('The flow allows asking for oneself only.')

const grantees: Rule = {
  name: 'grantees',
  look: ({ grantees: tree }, { question, facts }) => {
    const { requesterId, granteeId } = question
    if (tree === undefined) return requesterId === granteeId ? isForSelf : isForOther
    return findingsOf(tree).grantees[
      holdsFor(tree, granteeId, facts, requesterId) ? 'fits' : 'fails'
    ]
  },
}

const intake: Rule = {
  name: 'intake',
  look: (flow, { question }) =>
    takes(flow, question.intake)
      ? pass(`Requests by ${question.intake} are taken.`)
      : fail(`The flow takes no requests by ${question.intake}.`),
}

const wordsOfFrame = oncePer(timeframeWords)
const isAlways = pass('The flow takes requests at any time.')

const timeframe: Rule = {
  name: 'timeframe',
  look: ({ timeframe: frame }, { question, localTimeIn }) => {
    if (frame === undefined) return isAlways
    const local = localTimeIn(frame.timeZone)
    const compared = `It starts ${localTimeWords(local)}, and the flow takes ${wordsOfFrame(frame)}.`
    if (isWithin(local, frame)) return pass(compared)
    return fail(compared, () => {
      const next = nextWithin(frame, question.startsAt)
      return next === undefined ? undefined : { startsAt: next.toISOString() }
    })
  },
}

const isNoExtension = pass('It is no extension.')
const isUnlimited = pass('Extensions are not counted.')

const extensions: Rule = {
  name: 'extensions',
  look: (flow, { question }) => {
    if (question.extends !== true) return isNoExtension
    const maximum = flow.extensions?.maximum
    if (maximum === undefined) return isUnlimited
    const before = question.extensionsBefore ?? 0
    return before < maximum
      ? pass(`Extended ${before} of ${maximum} times before.`)
      : fail(`Extended ${before} times already, and ${maximum} are allowed.`)
  },
}

const limitOf = (longest: string) => ({
  milliseconds: durationOf(longest) ?? 0,
  keeps: pass(`Within the maximum of ${longest}.`),
  exceeds: fail(`It is longer than the maximum of ${longest}.`, () => ({ duration: longest })),
})
const limitAtOnce = oncePer(({ maximum }: NonNullable<AccessFlow['duration']>) => limitOf(maximum))
const limitOfExtension = oncePer(({ duration: longest }: NonNullable<AccessFlow['extensions']>) =>
  longest === undefined ? undefined : limitOf(longest),
)
const noTime = fail('The flow allows no time.')

const duration: Rule = {
  name: 'duration',
  look: (flow, { question }) => {
    if (flow.duration === undefined) return noTime
    let limit = limitAtOnce(flow.duration)
    if (question.extends === true && flow.extensions !== undefined) {
      const held = limitOfExtension(flow.extensions)
      if (held !== undefined && held.milliseconds < limit.milliseconds) limit = held
    }
    return question.durationMilliseconds <= limit.milliseconds ? limit.keeps : limit.exceeds
  },
}

const nothingAsked = pass('Nothing is asked.')
const asAsked = pass('It is as the flow asks.')

function textRule(name: 'justification' | 'ticket'): Rule {
  const prepared = oncePer((rule: TextRule) => {
    const change = () => ({ [name]: rule })
    return {
      pattern: rule.pattern === undefined ? undefined : compilePattern(rule.pattern),
      isMissing: fail(`The flow asks for a ${name}.`, change),
      matches: pass(`It matches the pattern ${rule.pattern} of the flow.`),
      differs: fail(`The ${name} does not match the pattern ${rule.pattern} of the flow.`, change),
    }
  })
  return {
    name,
    look: (flow, { question }) => {
      const rule = flow[name]
      if (rule === undefined) return nothingAsked
      const { pattern, isMissing, matches, differs } = prepared(rule)
      const text = question[name] ?? ''
      if (text === '') return rule.required === true ? isMissing : nothingAsked
      if (rule.pattern === undefined) return asAsked
      return pattern?.matches(text) === true ? matches : differs
    },
  }
}

/** Who asks for what for whom: the first that fails makes the rest pointless. */
export const whoAndWhat: readonly Rule[] = [active, target, requesters, grantees]

/** How it is asked: each is looked at, so that a requester can mend them all in one go. */
const how: readonly Rule[] = [
  intake,
  timeframe,
  extensions,
  duration,
  textRule('justification'),
  textRule('ticket'),
]

const rulesOfAllowing = [...whoAndWhat, ...how]
/** A denial is about who, what and when: how it is asked must not get around it. */
const rulesOfDenial = [...whoAndWhat, timeframe]

/** The rules of a flow, in the order in which they are looked at. */
export function rulesOf(flow: AccessFlow): readonly Rule[] {
  return flow.effect === 'deny' ? rulesOfDenial : rulesOfAllowing
}

export function isActive(flow: AccessFlow): boolean {
  return flow.active !== false
}

export function takes(flow: AccessFlow, intakeName: Question['intake']): boolean {
  // Nothing comes by itself but through an automatic flow, and nobody asks by one.
  if (intakeName === 'automatic') return flow.trigger === 'automatic'
  if (flow.trigger === 'automatic') return false
  return flow.intake === undefined ? intakeName === 'http' : flow.intake.includes(intakeName)
}
