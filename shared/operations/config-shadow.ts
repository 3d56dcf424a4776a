import canonicalize from 'canonicalize'
import { durationOf } from '../access/duration.ts'
import type { AccessFlow, Target } from '../access/flow.ts'
import { plainFlow } from '../config/export/without-defaults.ts'

/** A flow with what is compared of it as text, made once. */
interface Outline {
  readonly flow: AccessFlow
  readonly people: string
  readonly targets: readonly {
    readonly target: Target
    readonly place: string
    readonly include: string
    readonly exclude: string
  }[]
  readonly justification: string
  readonly ticket: string
  readonly timeframe: string
  readonly approval: string
  readonly maximum: number
}

/**
 * Finds the flow that leaves nothing to another, as far as the texts alone can tell: the same people,
 * every target of it, and nothing more that is asked for.
 */
export function createFindShadow(
  flows: readonly AccessFlow[],
): (flow: AccessFlow) => AccessFlow | undefined {
  const byPeople = new Map<string, Outline[]>()
  for (const outline of flows.filter(isActive).map(outlineOf)) {
    const others = byPeople.get(outline.people)
    if (others === undefined) byPeople.set(outline.people, [outline])
    else others.push(outline)
  }
  return (flow) => {
    if (!isActive(flow) || flow.effect === 'deny') return undefined
    const under = outlineOf(flow)
    return byPeople.get(under.people)?.find((over) => leavesNothingTo(over, under))?.flow
  }
}

function isActive({ active }: AccessFlow): boolean {
  return active !== false
}

function outlineOf(flow: AccessFlow): Outline {
  const plain = plainFlow(flow)
  return {
    flow,
    people: textOf([plain.requesters, plain.grantees]),
    targets: plain.targets.map((target) => ({
      target,
      place: `${target.integration.toLowerCase()} ${target.resourceType}`,
      include: textOf(target.include),
      exclude: textOf(target.exclude),
    })),
    justification: textOf(plain.justification),
    ticket: textOf(plain.ticket),
    timeframe: textOf(plain.timeframe),
    approval: textOf(plain.approval),
    maximum: durationOf(plain.duration?.maximum ?? '') ?? 0,
  }
}

/** Empty for what is not there, and so asks for nothing. */
function textOf(value: unknown): string {
  return value === undefined ? '' : (canonicalize(value) ?? '')
}

function leavesNothingTo(over: Outline, under: Outline): boolean {
  if (over.flow.name === under.flow.name) return false
  const isWhole = under.targets.every((target) => over.targets.some((each) => covers(each, target)))
  if (!isWhole) return false
  if (over.flow.effect === 'deny') return over.timeframe === ''
  const demands = ['justification', 'ticket', 'timeframe', 'approval'] as const
  return (
    demands.every((name) => over[name] === '' || over[name] === under[name]) &&
    doorsOf(under.flow).every((door) => doorsOf(over.flow).includes(door)) &&
    isTakenFirst(over, under)
  )
}

function doorsOf({ intake = ['http'] }: AccessFlow): readonly string[] {
  return intake
}

function isTakenFirst(over: Outline, under: Outline): boolean {
  if (over.maximum < under.maximum) return false
  const isEasier = over.approval === '' && under.approval !== ''
  return isEasier || over.maximum > under.maximum || over.flow.name < under.flow.name
}

function covers(one: Outline['targets'][number], other: Outline['targets'][number]): boolean {
  return (
    one.place === other.place &&
    other.target.permissions.every((each) => one.target.permissions.includes(each)) &&
    (one.include === '' || one.include === other.include) &&
    (one.exclude === '' || one.exclude === other.exclude)
  )
}
