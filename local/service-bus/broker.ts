import type { Clock } from '../host/seams.ts'
import type { EntityDeclaration, QueueRules } from './entities.ts'
import type { Journal, JournalEntry } from './journal.ts'
import { createQueue, type Queue } from './queue.ts'

/** What one can attach to. */
export interface Entity {
  readonly kind: 'queue' | 'topic' | 'subscription' | 'dead-letters'
  readonly path: string
  readonly queue: Queue
}

/** All entities of the namespace, kept in step with the journal and the clock. */
export interface Broker {
  /** Looks an address up, whatever its letters' case. */
  find(address: string): Entity | undefined
  now(): number
  /** Runs a command: its changes are safe before this returns, then listeners hear of them. */
  run<Result>(command: (now: number) => Result): Result
  /** Makes listeners of the entity look again after something that is no change to keep. */
  nudge(entity: Entity): void
  /** Calls back whenever something changed in the entity. */
  listen(entity: Entity, onChange: () => void): { stop(): void }
  close(): void
}

interface BrokerParts {
  readonly entities: readonly EntityDeclaration[]
  readonly journal: Journal
  readonly clock: Clock
}

/** Builds the declared entities and brings back what the journal holds for them. */
export function createBroker({ entities, journal, clock }: BrokerParts): Broker {
  const all = new Map<string, Entity>()
  const listeners = new Map<Entity, Set<() => void>>()
  let changes: JournalEntry[] = []
  let touched = new Set<string>()
  let alarm: { readonly at: number; cancel(): void } | undefined

  function add(kind: Entity['kind'], path: string, build: (parts: Recorder) => Queue): Queue {
    const queue = build({
      record: (change) => {
        changes.push([path.toLowerCase(), change])
        touched.add(path.toLowerCase())
      },
    })
    all.set(path.toLowerCase(), { kind, path, queue })
    return queue
  }

  function addWithDeadLetters(kind: 'queue' | 'subscription', path: string, rules: QueueRules) {
    const deadRules = rules.lockSeconds === undefined ? {} : { lockSeconds: rules.lockSeconds }
    const deadLetters = add('dead-letters', `${path}/$DeadLetterQueue`, (recorder) =>
      createQueue({ ...recorder, rules: deadRules }),
    )
    return add(kind, path, (recorder) => createQueue({ ...recorder, rules, deadLetters }))
  }

  for (const declared of entities) {
    if (declared.kind === 'queue') {
      addWithDeadLetters('queue', declared.name, declared)
      continue
    }
    const subscriptions = declared.subscriptions.map((rules) =>
      addWithDeadLetters('subscription', `${declared.name}/Subscriptions/${rules.name}`, rules),
    )
    add('topic', declared.name, (recorder) =>
      createQueue({
        ...recorder,
        rules: declared,
        forward: (message, sequence, now) => {
          for (const subscription of subscriptions) subscription.enqueue(message, now, sequence)
        },
      }),
    )
  }

  function* snapshot(): Iterable<JournalEntry> {
    for (const [path, { queue }] of all) {
      for (const change of queue.state.snapshot()) yield [path, change]
    }
  }

  function restore(): void {
    for (const [path, change] of journal.read()) all.get(path)?.queue.state.apply(change)
    for (const { queue } of all.values()) queue.forgetLocks(clock.now())
    changes = []
    journal.startOver(snapshot())
  }

  function finish(): void {
    if (changes.length > 0) journal.append(changes)
    if (journal.isLong) journal.startOver(snapshot())
    changes = []
    setAlarm()
    const heard = touched
    touched = new Set()
    for (const path of heard) {
      const entity = all.get(path)
      const callbacks = entity === undefined ? [] : [...(listeners.get(entity) ?? [])]
      for (const callback of callbacks) callback()
    }
  }

  /** One wake-up for whatever is due first. */
  function setAlarm(): void {
    let at = Number.POSITIVE_INFINITY
    for (const { queue } of all.values()) at = Math.min(at, queue.dueAt() ?? at)
    if (alarm?.at === at) return
    alarm?.cancel()
    alarm = undefined
    if (at === Number.POSITIVE_INFINITY) return
    alarm = {
      at,
      ...clock.at(at, () => {
        alarm = undefined
        run(() => undefined)
      }),
    }
  }

  function advanceAll(now: number): void {
    for (const [path, { queue }] of all) {
      if ((queue.dueAt() ?? now + 1) > now) continue
      // A session's end changes nothing worth keeping, yet its holder has to hear of it.
      touched.add(path)
      queue.advance(now)
    }
  }

  function run<Result>(command: (now: number) => Result): Result {
    const now = clock.now()
    try {
      advanceAll(now)
      return command(now)
    } finally {
      finish()
    }
  }

  restore()
  setAlarm()
  return {
    find: (address) => all.get(address.toLowerCase()),
    now: () => clock.now(),
    run,
    nudge(entity) {
      touched.add(entity.path.toLowerCase())
      finish()
    },
    listen(entity, onChange) {
      const own = listeners.get(entity) ?? new Set()
      listeners.set(entity, own)
      own.add(onChange)
      return { stop: () => own.delete(onChange) }
    },
    close() {
      alarm?.cancel()
      journal.close()
    },
  }
}

type Recorder = Pick<Parameters<typeof createQueue>[0], 'record'>
