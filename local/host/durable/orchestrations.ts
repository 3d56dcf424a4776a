/*
 * Over 300 lines on purpose: the one place with state in memory. What is stored before what
 * follows from it is the promise of the engine, and is kept readable in one piece.
 */
import { atMost } from '../at-most.ts'
import type { Clock, Log, Worker } from '../seams.ts'
import { callActivity, isActivity } from './call-activity.ts'
import { callOrchestrator, isOrchestrator } from './call-orchestrator.ts'
import type { EngineSettings } from './engine-settings.ts'
import { closeEpisode, type EpisodeRules, type Outcome, openEpisode } from './episode.ts'
import type { EventBody, HistoryEvent, Message } from './history.ts'
import {
  type Instance,
  type InstanceHead,
  isFinished,
  newInstance,
  type Parent,
  type StoredInstance,
} from './instance.ts'
import { createSemaphore } from './semaphore.ts'
import type { DurableStore } from './store.ts'
import { timerLimits } from './timer-limits.ts'

interface Needs {
  readonly worker: Worker
  readonly clock: Clock
  readonly store: DurableStore
  readonly settings: EngineSettings
  readonly log: Log
  readonly random: () => number
  /** Timers fire up to this much before their time, as those of the real host do. */
  readonly earlyMilliseconds: number
}

export interface StartRequest {
  readonly id: string
  readonly name: string
  readonly version?: string | null
  /** JSON text. */
  readonly input: string | null
  readonly parent?: Parent
}

/** Runs orchestrations: one episode at a time for each, stored before anything follows from it. */
export interface Orchestrations {
  start(): Promise<void>
  stop(): Promise<void>
  /** Begins an orchestration; gives the status that stands in the way when the id is in use. */
  begin(request: StartRequest): Promise<'begun' | InstanceHead['status']>
  /** Delivers an event from outside; it is stored when this returns. */
  raise(id: string, event: EventBody): Promise<'kept' | 'finished' | 'unknown'>
  readHead(id: string): Promise<InstanceHead | undefined>
  read(id: string): Promise<Instance | undefined>
}

/** An instance that has not finished, as it runs here. */
interface Live {
  instance: Instance
  isContinued: boolean
  isRunning: boolean
  readonly inbox: Message[]
  readonly timers: Map<number, { cancel(): void }>
}

/** So many events are taken in at once: one transaction has to hold them. */
const eventsPerEpisode = 40
const retryMilliseconds = 1_000
const patienceMilliseconds = 3_000
const lastWritesMilliseconds = 500

export function createOrchestrations(needs: Needs): Orchestrations {
  const { worker, clock, store, settings, log } = needs
  const live = new Map<string, Live>()
  const work = new Set<Promise<void>>()
  const inEpisode = createSemaphore(settings.mostEpisodes)
  const inActivity = createSemaphore(settings.mostActivities)
  const rules: EpisodeRules = {
    ...timerLimits,
    isActivity: (name) => isActivity(worker, name),
    isOrchestrator: (name) => isOrchestrator(worker, name),
  }
  let isStopped = false

  const time = () => new Date(clock.now()).toISOString()

  /** Work that nobody waits for; the clock is held meanwhile. */
  function inBackground(title: string, run: () => Promise<void>): void {
    const release = clock.hold?.()
    const done = run()
      .catch((error: unknown) => {
        if (!isStopped) log('error', 'Host.Durable', `${title}: ${String(error)}`)
      })
      .finally(() => {
        release?.()
        work.delete(done)
      })
    work.add(done)
  }

  /** Storage may be away for a while; what has happened is stored in the end. */
  async function persist(title: string, write: () => Promise<void>): Promise<void> {
    for (;;) {
      try {
        return await write()
      } catch (error) {
        if (isStopped) throw error
        log('warning', 'Host.Durable', `${title} is tried again: ${String(error)}`)
        await new Promise((resolve) => setTimeout(resolve, retryMilliseconds))
      }
    }
  }

  function wake(one: Live): void {
    if (one.isRunning || isStopped) return
    one.isRunning = true
    inBackground(`An episode of ${one.instance.head.id}`, () =>
      inEpisode(async () => {
        try {
          while (await runEpisode(one));
        } finally {
          one.isRunning = false
        }
      }),
    )
  }

  /** Whether there may be more to do. */
  async function runEpisode(one: Live): Promise<boolean> {
    const { head } = one.instance
    const messages = one.inbox.splice(0, eventsPerEpisode)
    const draft = openEpisode(one.instance, messages, time(), one.isContinued)
    if (draft === undefined) return one.inbox.length > 0
    const reply = await callOrchestrator(worker, draft)
    const outcome = closeEpisode(draft, reply, rules, time())
    const handled = messages.flatMap(({ key }) => (key === undefined ? [] : [key]))

    if (outcome.continueWith !== undefined) {
      const { id, name, version, parent } = head
      const again = newInstance({
        ...{ id, name, version, generation: null, ...(parent === undefined ? {} : { parent }) },
        executionId: randomId(needs.random, '-'),
        input: outcome.continueWith.input,
        time: time(),
      })
      await persist(`Storing ${id}`, () => store.begin(again, { handled }))
      cancelTimers(one)
      one.instance = { head: again, history: [] }
      one.isContinued = true
      return true
    }

    const { added } = outcome
    const after = one.instance.history.length
    await persist(`Storing ${head.id}`, () =>
      store.commit({ head: outcome.head, added, after, handled }),
    )
    one.instance = { head: outcome.head, history: outcome.history }
    if (isFinished(outcome.head)) {
      finish(one, outcome)
      return false
    }
    for (const id of outcome.cancelled ?? []) one.timers.get(id)?.cancel()
    for (const event of added) beginWork(one, event, 0)
    return one.inbox.length > 0
  }

  function finish(one: Live, { head, added }: Outcome): void {
    cancelTimers(one)
    live.delete(head.id)
    tellParent(head)
    // Children that were begun in the last breath are begun all the same.
    for (const event of added) {
      if (event.EventType === 7)
        inBackground(`Starting ${event.InstanceId}`, () => beginChild(head, event))
    }
  }

  function cancelTimers({ timers }: Live): void {
    for (const timer of timers.values()) timer.cancel()
    timers.clear()
  }

  function tellParent(head: InstanceHead): void {
    const { parent } = head
    if (parent === undefined) return
    const one = live.get(parent.id)
    if (one === undefined) return
    one.inbox.push({ executionId: parent.executionId, event: completionOf(head, parent.taskId) })
    wake(one)
  }

  /** Does what a scheduling event asks for; work that was given out before waits for its turn. */
  function beginWork(one: Live, event: HistoryEvent, delay: number): void {
    const { head } = one.instance
    switch (event.EventType) {
      case 4:
        afterDelay(one, event.EventId, delay, () => runActivity(head, event))
        return
      case 7:
        inBackground(`Starting ${event.InstanceId}`, () => beginChild(head, event))
        return
      case 10: {
        const { FireAt, EventId } = event
        const early = Math.floor(needs.random() * needs.earlyMilliseconds)
        one.timers.set(
          EventId,
          clock.at(Date.parse(FireAt) - early, () => {
            one.timers.delete(EventId)
            deliver(head, { EventType: 11, TimerId: EventId, FireAt })
          }),
        )
        return
      }
      default:
    }
  }

  function afterDelay(one: Live, id: number, delay: number, run: () => void): void {
    if (delay <= 0) run()
    else one.timers.set(id, clock.at(clock.now() + delay, run))
  }

  function runActivity(head: InstanceHead, event: Extract<HistoryEvent, { EventType: 4 }>): void {
    const { Name: name, EventId: id, Input: input } = event
    inBackground(`Activity ${name} of ${head.id}`, async () => {
      const call = { instanceId: head.id, name, id, input }
      deliver(head, await inActivity(() => callActivity(worker, call)))
    })
  }

  async function beginChild(
    head: InstanceHead,
    event: Extract<HistoryEvent, { EventType: 7 }>,
  ): Promise<void> {
    const { id, executionId, name, version } = head
    const parent = { id, executionId, name, version, taskId: event.EventId }
    const child = { id: event.InstanceId, name: event.Name, version: event.Version }
    const there = await readHead(child.id)
    const isOurs =
      there?.parent?.executionId === executionId && there.parent.taskId === event.EventId
    // Begun already, before a crash: all that may be missing is what became of it.
    if (there !== undefined && isOurs) {
      if (isFinished(there)) tellParent(there)
      return
    }
    const begun = await begin({ ...child, input: event.Input, parent })
    if (begun !== 'begun') {
      const reason = `Cannot start the sub-orchestration ${child.id}: one with that id is ${begun}`
      deliver(head, failure(event.EventId, reason, reason))
    }
  }

  /** Hands on what has happened to work of an execution; nobody may be there to hear it. */
  function deliver({ id, executionId }: InstanceHead, event: EventBody): void {
    const one = live.get(id)
    if (one === undefined || isStopped) return
    one.inbox.push({ executionId, event })
    wake(one)
  }

  function enter({ head, history, inbox }: StoredInstance): Live {
    const one: Live = {
      instance: { head, history },
      isContinued: false,
      isRunning: false,
      inbox: [...inbox],
      timers: new Map(),
    }
    live.set(head.id, one)
    return one
  }

  /** Takes up an instance where the host before this one left it. */
  function takeUp(stored: StoredInstance): void {
    const one = live.get(stored.head.id) ?? enter(stored)
    const done = new Set(stored.history.map(answeredId))
    for (const event of stored.history) {
      if (event.EventId < 0 || done.has(event.EventId)) continue
      const givenOut = Date.parse(event.Timestamp) + settings.redeliveryMilliseconds
      beginWork(one, event, givenOut - clock.now())
    }
    wake(one)
  }

  async function begin({ id, name, version, input, parent }: StartRequest) {
    const before = await readHead(id)
    if (before !== undefined && !isFinished(before)) return before.status
    const head = newInstance({
      ...{ id, name, input, time: time() },
      ...(version === undefined ? {} : { version }),
      ...(parent === undefined ? {} : { parent }),
      executionId: randomId(needs.random, '-'),
      generation: nextGeneration(before, parent),
    })
    // Another start of the same id may have come in while storage was being read.
    const other = live.get(id)
    if (other !== undefined) return other.instance.head.status
    const one = enter({ head, history: [], inbox: [] })
    try {
      await store.begin(head, before === undefined ? undefined : { handled: [] })
    } catch (error) {
      live.delete(id)
      throw error
    }
    wake(one)
    return 'begun' as const
  }

  async function readHead(id: string): Promise<InstanceHead | undefined> {
    return live.get(id)?.instance.head ?? (await store.readHead(id))
  }

  return {
    begin,
    readHead,
    async read(id) {
      return live.get(id)?.instance ?? (await store.read(id))
    },
    async raise(id, event) {
      const one = live.get(id)
      if (one === undefined)
        return (await store.readHead(id)) === undefined ? 'unknown' : 'finished'
      const key = await store.keep(id, { event })
      one.inbox.push({ key, event })
      wake(one)
      return 'kept'
    },
    async start() {
      await store.open()
      const open = await store.readOpen()
      // All of them first, so that children find their parents.
      for (const stored of open) enter(stored)
      for (const stored of open) takeUp(stored)
    },
    async stop() {
      await atMost(patienceMilliseconds, Promise.all(work))
      isStopped = true
      for (const one of live.values()) cancelTimers(one)
      await atMost(lastWritesMilliseconds, Promise.all(work))
    },
  }
}

/** The real host counts only what was started from outside. */
function nextGeneration(before: InstanceHead | undefined, parent: Parent | undefined) {
  if (parent !== undefined) return null
  return before === undefined ? 0 : (before.generation ?? 0) + 1
}

/** The number of what an event answers. */
function answeredId(event: HistoryEvent): number | undefined {
  if ('TaskScheduledId' in event) return event.TaskScheduledId
  return 'TimerId' in event ? event.TimerId : undefined
}

function completionOf({ name, status, output }: InstanceHead, taskId: number): EventBody {
  if (status === 'Completed') return { EventType: 8, TaskScheduledId: taskId, Result: output }
  const reason = output ?? ''
  const message = reason.replace(`Orchestrator function '${name}' failed: `, '')
  return failure(taskId, reason, `Message: ${message}, StackTrace: `, 9)
}

function failure(taskId: number, reason: string, details: string, EventType: 6 | 9 = 9): EventBody {
  return {
    EventType,
    TaskScheduledId: taskId,
    Reason: reason,
    Details: details,
    FailureDetails: null,
  }
}

/** 32 hexadecimal digits in the grouping of a GUID, joined by `separator`. */
export function randomId(random: () => number, separator: '' | '-'): string {
  const digits = Array.from({ length: 32 }, () => Math.floor(random() * 16).toString(16)).join('')
  return [
    digits.slice(0, 8),
    digits.slice(8, 12),
    digits.slice(12, 16),
    digits.slice(16, 20),
    digits.slice(20),
  ].join(separator)
}
