import { noteEnd } from '../access/cleanup.ts'
import type { Spared } from '../access/cleanup-checks.ts'
import type { CleanupRule } from '../access/cleanup-rule.ts'
import { DirectoryUnavailableError } from '../access/errors.ts'
import { type Actor, system } from '../access/events.ts'
import {
  dropRows,
  dueLooks,
  endedAccess,
  formerHolders,
  type Look,
  layLook,
  moveLook,
  putHolders,
} from '../ledger/cleanup-rows.ts'
import { openPerson, type PersonState, personPlace } from '../ledger/person-stream.ts'
import { changeStream } from '../ledger/stream.ts'
import { type Acted, actOn, settleAttempt, weighNow } from './cleanup-act.ts'
import { readSpared } from './cleanup-facts.ts'
import { type CleanupContext, lookAtPerson, stepFor } from './cleanup-look.ts'
import type { CleanupNeeds } from './cleanup-needs.ts'
import { noteFullPass, readHead, recordStop, seeConfiguration } from './cleanup-stream.ts'
import { eachAtOnce } from './sweep.ts'

/** Below so many accounts any share would be too much. */
const shareCountsFrom = 20
const rowsAtOnce = 200

/** What an administrator asks of a run: only one integration, and a number that he has seen. */
export interface CleanupOrder {
  readonly integration?: string
  readonly expectedCount?: number
  readonly by?: Actor
}

export interface CleanupReport {
  readonly looked: number
  readonly failed: number
  /** Accounts whose time has come and that nothing speaks for. */
  readonly count: number
  readonly done: number
  readonly refused: number
  readonly kept: number
  readonly later: number
  /** Nobody was touched: the share, or a number that differs. */
  readonly stopped: boolean
}

interface Candidate {
  readonly look: Look
  readonly rule: CleanupRule
  /** Nothing speaks for the account in this moment. */
  readonly isClear: boolean
  /** The account would be changed, not only reported. */
  readonly isReal: boolean
}

/**
 * One run of cleanup: takes up what has ended, announces, and acts on those whose time has come.
 * Reads what is due and nothing else, but for a weekly look at everybody.
 */
export async function runCleanup(
  needs: CleanupNeeds,
  order: CleanupOrder = {},
): Promise<CleanupReport> {
  const { configuration, seen, isFullPassDue } = await beginRun(needs)
  await absorbEnds(needs)
  if (isFullPassDue) await lookAtEverybody(needs)
  const context = { configuration, seen }
  let spared: Promise<Spared> | undefined
  const readOnce = () => {
    spared ??= readSpared(needs, configuration)
    return spared
  }
  const due: Look[] = []
  let looked = 0
  let failed = 0
  await eachLook(needs, async (looks) => {
    looked += looks.length
    failed += await eachAtOnce(
      looks,
      async (look) => {
        const stream = await openPerson(needs.tables, look.person)
        const came = await lookAtPerson(needs, context, stream, readOnce)
        if (came === 'settle') await layLook(needs.tables, 'attempt', needs.now(), look.person)
        else if ('next' in came) await moveLook(needs.tables, look, came.next)
        else due.push(look)
      },
      needs,
    )
  })
  const report = await act(needs, context, await weighAll(needs, context, due, order), order)
  return { ...report, looked, failed: failed + report.failed }
}

/** What a run would do now, without doing any of it. */
export async function assessCleanup(needs: CleanupNeeds, order: CleanupOrder): Promise<number> {
  const configuration = await needs.readConfiguration()
  const context = { configuration, seen: (await readHead(needs)).seen }
  const due: Look[] = []
  await eachLook(needs, async (looks) => {
    due.push(...looks)
  })
  return countOf(await weighAll(needs, context, due, order))
}

async function beginRun(needs: CleanupNeeds) {
  const configuration = await needs.readConfiguration()
  const { head, isFullPassDue } = await seeConfiguration(needs, configuration.integrations)
  return { configuration, seen: head.seen, isFullPassDue }
}

/** Takes up the ends that came since the last run, each into the stream of its person. */
async function absorbEnds(needs: CleanupNeeds): Promise<void> {
  const { tables, now } = needs
  for (;;) {
    const ended = await endedAccess(tables, rowsAtOnce)
    if (ended.length === 0) return
    const people = new Map<string, Record<string, string>>()
    for (const { grantee, integration, at } of ended) {
      const ends = people.get(grantee) ?? {}
      if ((ends[integration] ?? '') < at) ends[integration] = at
      people.set(grantee, ends)
    }
    await putHolders(tables, await statesOf(needs, [...people.keys()]))
    for (const [person, ends] of people) {
      // Laid ahead: an end that is noted and never looked at would be forgotten.
      await layLook(tables, 'look', now(), person)
      await changeStream<PersonState, void>(needs, personPlace(person), ({ state }) => ({
        change: { state: { ...state, cleanup: noteEnd(state?.cleanup, ends) }, events: [] },
        result: undefined,
      }))
    }
    await dropRows(
      tables,
      ended.map(({ key }) => key),
    )
  }
}

async function statesOf(needs: CleanupNeeds, ids: readonly string[]) {
  const { people } = await needs.directory.lookUp({ people: ids, groups: [] })
  return ids.map((id) => {
    const user = people.get(id)
    return { id, userType: user?.userType ?? 'guest', enabled: user?.enabled === true }
  })
}

/** Lays a look for everybody who ever had access: rules have changed, or a row was lost. */
async function lookAtEverybody(needs: CleanupNeeds): Promise<void> {
  const at = needs.now()
  for await (const { id } of formerHolders(needs.tables))
    await layLook(needs.tables, 'look', at, id)
  await noteFullPass(needs, at)
}

async function eachLook(
  needs: CleanupNeeds,
  run: (looks: readonly Look[]) => Promise<void>,
): Promise<void> {
  const until = needs.now()
  let after: string | undefined
  do {
    const looks = await dueLooks(needs.tables, 'look', until, rowsAtOnce, after)
    after = looks.at(-1)?.key
    if (looks.length > 0) await run(looks)
  } while (after !== undefined)
}

/** Of those whose time has come, who would be touched: all checks, before anybody is. */
async function weighAll(
  needs: CleanupNeeds,
  context: CleanupContext,
  due: readonly Look[],
  { integration }: CleanupOrder,
): Promise<readonly Candidate[]> {
  const candidates: Candidate[] = []
  await eachAtOnce(
    due,
    async (look) => {
      const record = (await openPerson(needs.tables, look.person)).state?.cleanup
      const step = record && stepFor(needs, context, record)
      if (step?.do !== 'act') return
      if (integration !== undefined && step.rule.integration !== integration) return
      const { rule, action } = step
      const weighed = await weighNow(needs, context, look.person, rule, action)
      const isClear = weighed.kind === 'clear'
      candidates.push({ look, rule, isClear, isReal: action !== 'report' })
    },
    needs,
  )
  return candidates.sort((a, b) => (a.look.key < b.look.key ? -1 : 1))
}

/** Those whose accounts would be changed once their integrations do more than report. */
function countOf(candidates: readonly Candidate[]): number {
  return candidates.filter(({ isClear, rule }) => isClear && rule.wanted !== 'report').length
}

async function act(
  needs: CleanupNeeds,
  context: CleanupContext,
  candidates: readonly Candidate[],
  order: CleanupOrder,
): Promise<CleanupReport> {
  const count = countOf(candidates)
  const report = { looked: 0, failed: 0, count, done: 0, refused: 0, kept: 0, later: 0 }
  if (await isTooMany(needs, candidates, count, order)) return { ...report, stopped: true }
  const counted: Record<Acted['kind'], number> = { done: 0, refused: 0, kept: 0, later: 0 }
  // One after the other: each check is made in the moment of its action.
  for (const { look } of candidates) {
    try {
      const { kind, next } = await actOn(needs, context, look.person)
      counted[kind] += 1
      await moveLook(needs.tables, look, next)
    } catch (error) {
      if (!(error instanceof DirectoryUnavailableError)) throw error
      counted.later += 1
      needs.log('warning', 'Cannot check an account now: nothing is done to it', {
        cause: error.message,
      })
    }
  }
  return { ...report, ...counted, stopped: false }
}

/** Stops a run that would touch more than its share: told once a run, and nobody is touched. */
async function isTooMany(
  needs: CleanupNeeds,
  candidates: readonly Candidate[],
  count: number,
  { expectedCount, by = system }: CleanupOrder,
): Promise<boolean> {
  const real = candidates.filter(({ isClear, isReal }) => isClear && isReal)
  if (expectedCount !== undefined ? expectedCount === count : real.length === 0) return false
  const types = new Set<string>(candidates.flatMap(({ rule }) => rule.userTypes))
  let holders = 0
  for await (const { userType, enabled } of formerHolders(needs.tables)) {
    if (enabled && types.has(userType)) holders += 1
  }
  const most = Math.min(...real.map(({ rule }) => rule.maxShare))
  const share = real.length / Math.max(holders, 1)
  if (expectedCount === undefined && (holders < shareCountsFrom || share <= most)) return false
  const facts = { reason: 'share', count, accounts: holders, expectedCount, maxShare: most }
  needs.log('error', 'Cleanup has stopped before it touched anybody', {
    code: 'CLEANUP_STOPPED',
    ...facts,
  })
  const integration = real[0]?.rule.integration
  await recordStop(needs, {
    event: 'cleanup.refused',
    at: needs.now().toISOString(),
    actor: by,
    ...(integration === undefined ? {} : { integration }),
    detail: JSON.parse(JSON.stringify({ reasons: ['share'], ...facts })),
  })
  return true
}

/** Finds out what became of calls that broke off; costs one read where there are none. */
export async function settleAttempts(needs: CleanupNeeds): Promise<void> {
  const looks = await dueLooks(needs.tables, 'attempt', needs.now(), rowsAtOnce)
  await eachAtOnce(
    looks,
    async (look) => {
      await settleAttempt(needs, look.person)
      await dropRows(needs.tables, [look.key])
    },
    needs,
  )
}
