import type { Change, Judged, Nearest, TraceEntry, Verdict, VersionedFlow } from './evaluate.ts'
import { byName } from './evaluate-demand.ts'
import { whoAndWhat } from './evaluate-rules.ts'

type Refused = Extract<Verdict, { kind: 'refused' }>

/** Stable codes by the rule that stopped the flow which came nearest. */
const codes: Readonly<Record<string, string>> = {
  requesters: 'not-eligible',
  grantees: 'grantee-not-eligible',
  intake: 'intake-not-allowed',
  timeframe: 'outside-timeframe',
  extensions: 'too-many-extensions',
  duration: 'too-long',
  justification: 'justification-missing',
  ticket: 'ticket-missing',
}

/** A flow without a say passes one rule at most: that it is switched on. */
const rulesPassedByTheUninvolved = 1

/** Refused by a flow that denies it: nothing that could be asked for instead would help. */
export function deniedBy({ name }: VersionedFlow, trace: readonly TraceEntry[]): Refused {
  const detail = `The flow "${name}" denies it.`
  const refusal = { flow: name, rule: 'effect', detail }
  const refusals = [refusal]
  return { kind: 'refused', code: 'denied-by-flow', detail, refusals, nearest: refusal, trace }
}

/** What is known when no flow allows a request, or not the one that the caller names. */
interface Miss {
  readonly judged: readonly Judged[]
  readonly wanted: string | undefined
  /** The flow that would be taken if none were named. */
  readonly instead: VersionedFlow | undefined
  readonly trace: readonly TraceEntry[]
}

/** Refused for want of a flow: what stopped each, and how it could be asked for instead. */
export function refusalOf({ judged, wanted, instead, trace }: Miss): Refused {
  const misses = judged
    .filter(({ flow, passed }) =>
      wanted === undefined
        ? passed > rulesPassedByTheUninvolved
        : flow.name.toLowerCase() === wanted.toLowerCase(),
    )
    .filter(({ flow }) => flow.effect !== 'deny')
    .sort(nearestFirst)
  const refusals = misses.flatMap(({ flow, failures: [first] }) =>
    first === undefined ? [] : [{ flow: flow.name, rule: first.rule, detail: first.detail }],
  )
  const [miss] = misses
  const nearest =
    wanted !== undefined && instead !== undefined ? unnamed(wanted, instead) : nearestOf(miss)
  return {
    kind: 'refused',
    code: codes[refusals[0]?.rule ?? ''] ?? 'no-flow',
    detail: miss === undefined ? noFlow(wanted) : detailOf(miss),
    refusals,
    ...(nearest === undefined ? {} : { nearest }),
    trace,
  }
}

function noFlow(wanted: string | undefined): string {
  return wanted === undefined
    ? 'No access flow allows this request.'
    : `There is no access flow "${wanted}" to ask by.`
}

/** Who and what weigh most; of flows that only want it asked otherwise, the one that wants least. */
function nearestFirst(a: Judged, b: Judged): number {
  const reached = ({ passed }: Judged) => Math.min(passed, whoAndWhat.length)
  return (
    reached(b) - reached(a) ||
    a.failures.length - b.failures.length ||
    b.passed - a.passed ||
    byName(a, b)
  )
}

function nearestOf(miss: Judged | undefined): Nearest | undefined {
  const [first] = miss?.failures ?? []
  if (miss === undefined || first === undefined) return undefined
  const change = changeOf(miss)
  return {
    flow: miss.flow.name,
    rule: first.rule,
    detail: detailOf(miss),
    ...(change === undefined ? {} : { change }),
  }
}

function detailOf({ failures }: Judged): string {
  return failures.map(({ detail }) => detail).join(' ')
}

/** Everything that has to change together; undefined when the requester cannot help it. */
function changeOf({ failures }: Judged): Change | undefined {
  let all: Change = {}
  for (const { change } of failures) {
    const one = change?.()
    if (one === undefined) return undefined
    all = { ...all, ...one }
  }
  return all
}

function unnamed(wanted: string, { name }: VersionedFlow): Nearest {
  const detail = `The flow "${name}" allows it, but "${wanted}" was asked for.`
  return { flow: name, rule: 'access-flow', detail, change: { accessFlow: name } }
}
