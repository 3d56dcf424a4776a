import { request as send } from 'node:http'
import { setTimeout as wait } from 'node:timers/promises'
import { createDurableEngine } from '../../local/host/durable/engine.ts'
import { createMemoryStore } from '../../local/host/durable/memory-store.ts'
import type { Worker } from '../../local/host/seams.ts'
import { type Host, startHost } from '../../local/host/start-host.ts'
import { type Difference, findDifference } from './differences.ts'
import { firstDifference } from './first-difference.ts'
import { createJumpingClock, type JumpingClock } from './jumping-clock.ts'
import { createNormaliser, type Normaliser } from './normalise.ts'
import type { Exchange, Recording } from './recording.ts'

/** How one recorded exchange, or the histories, compare with those of this host. */
export interface Finding {
  readonly where: string
  readonly difference: string
  /** The listed difference that explains it; absent: it is there by accident. */
  readonly listed?: Difference
}

const recordedKeys = ['rig-system-key', 'rig-master-key', 'rig-function-key']
const master = 'rig-master-key'
const functionKey = 'rig-function-key'

const patienceMilliseconds = 6_000
const quietMilliseconds = 40

/** Headers that are part of an answer; the others belong to the server that sent it. */
const comparedHeaders = [
  ...['content-type', 'location', 'retry-after', 'www-authenticate', 'set-cookie', 'x-custom'],
  'x-ms-continuation-token',
]

/** Drives a recorded scenario again on a fresh host and compares everything that was answered. */
export async function driveScenario(
  appDirectory: string,
  recording: Recording,
): Promise<readonly Finding[]> {
  const clock = createJumpingClock()
  const seen: Payload[] = []
  const host = await startHost({
    appDirectory,
    port: 0,
    clock,
    enforceKeys: { master, host: functionKey },
    settings: { AzureWebJobsStorage: 'memory' },
    log: () => {},
    engine: (worker, context) =>
      createDurableEngine({
        ...context,
        worker: listening(worker, seen),
        store: createMemoryStore(),
      }),
  })
  try {
    const recorded = createNormaliser(recordedKeys)
    const own = createNormaliser([host.systemKey, master, functionKey])
    const findings: Finding[] = []
    const times = createTimes(recording, clock)
    const sides = { recorded, own, timeOf: times.of }
    for (const [index, exchange] of recording.http.entries()) {
      times.note(exchange)
      const where = `${index + 1} ${exchange.note ?? exchange.request.method}`
      const wanted = recorded.normalise(answerOf(exchange.response))
      const difference = await compare(host, clock, exchange, wanted, sides)
      if (difference !== undefined) findings.push(explain(recording.scenario, where, difference))
    }
    const histories = compareHistories(recording, seen)
    if (histories !== undefined) findings.push(explain(recording.scenario, 'histories', histories))
    return findings
  } finally {
    await host.stop()
  }
}

function explain(scenario: string, where: string, difference: string): Finding {
  const listed = findDifference(scenario, where, difference)
  return { where, difference, ...(listed === undefined ? {} : { listed }) }
}

interface Sides {
  readonly recorded: Normaliser
  readonly own: Normaliser
  /** This run's counterpart of an instant that the recording names. */
  readonly timeOf: (recorded: string) => string
}

/** Questions are asked until the answer is the recorded one, as whoever recorded it waited too. */
async function compare(
  host: Host,
  clock: JumpingClock,
  exchange: Exchange,
  wanted: unknown,
  sides: Sides,
): Promise<string | undefined> {
  const mayRepeat = exchange.request.method === 'GET'
  const mayJump = isEnded(exchange.response.body)
  if (!mayRepeat) await wait(quietMilliseconds)
  const deadline = performance.now() + patienceMilliseconds
  for (;;) {
    const answer = await ask(host, exchange, sides)
    const difference = firstDifference(wanted, sides.own.normalise(answer))
    // What has ended does not change any more.
    const isFinal = !mayRepeat || isEnded(answer.body) || performance.now() > deadline
    if (difference === undefined || isFinal) return difference
    if (!mayJump || !clock.jump()) await wait(10)
  }
}

/** What the recorder's client sent with every request. */
const browserHeaders = {
  accept: '*/*',
  'accept-encoding': 'gzip, deflate',
  'accept-language': '*',
  'sec-fetch-mode': 'cors',
  'user-agent': 'node',
}

function isEnded(body: unknown): boolean {
  return /"runtimeStatus":"(Completed|Failed|Terminated)"/.test(JSON.stringify(body ?? ''))
}

interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, unknown>>
  readonly body: unknown
}

function answerOf({ status, headers, body, rawBody }: Exchange['response']): Answer {
  return { status, headers: picked(headers), body: body ?? parsed(rawBody ?? '') }
}

function picked(headers: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    comparedHeaders.flatMap((name) =>
      headers[name] === undefined ? [] : [[name, String(headers[name])]],
    ),
  )
}

async function ask(host: Host, { request }: Exchange, sides: Sides): Promise<Answer> {
  const own = (text: string) => translated(text, host, sides)
  const url = new URL(own(request.url))
  const text = typeof request.body === 'string' ? request.body : bodyText(request.body)
  const headers = Object.entries(request.headers).map(([name, value]) => [
    name,
    Array.isArray(value) ? value : own(value),
  ])
  return new Promise((resolve, reject) => {
    const outgoing = send(
      {
        host: '127.0.0.1',
        port: new URL(host.url).port,
        path: `${url.pathname}${url.search}`,
        method: request.method,
        headers: { ...browserHeaders, ...Object.fromEntries(headers) },
      },
      async (response) => {
        const chunks: Buffer[] = []
        for await (const chunk of response) chunks.push(chunk)
        resolve({
          status: response.statusCode ?? 0,
          headers: picked(response.headers),
          body: parsed(Buffer.concat(chunks).toString()),
        })
      },
    )
    outgoing.on('error', reject)
    outgoing.end(text === undefined ? undefined : own(text))
  })
}

/** A recorded text with the ids and keys of this run. */
function translated(
  text: string,
  { systemKey, url }: Host,
  { recorded, own, timeOf }: Sides,
): string {
  let out = text.replaceAll('rig-system-key', systemKey).replaceAll('http://localhost:7071', url)
  out = out.replaceAll(timePattern, timeOf)
  for (const [index, id] of recorded.ids.entries()) {
    const counterpart = own.ids[index]
    if (counterpart !== undefined) out = out.replaceAll(id, counterpart)
  }
  return out
}

const timePattern = /\d{4}-\d\d-\d\dT\d\d(?::|%3A)\d\d(?::|%3A)\d\d(?:\.\d+)?Z/g

/**
 * Filters name instants of the recorded run. What lies between two recorded starts lies between the
 * same two starts here.
 */
function createTimes({ grpc, http }: Recording, clock: JumpingClock) {
  const isStart = ({ request }: Exchange) => request.url.includes('/api/start/')
  const recordedStarts = grpc
    .filter(({ kind, functionId }) => kind === 'invocationRequest' && functionId === 'start')
    .map((one) => Date.parse(String(one['t'])))
  const isTold = http.filter(isStart).length === recordedStarts.length
  const ownStarts: number[] = []
  return {
    note(exchange: Exchange) {
      if (isStart(exchange)) ownStarts.push(clock.now())
    },
    of(recorded: string): string {
      const time = Date.parse(recorded.replaceAll('%3A', ':'))
      const next = recordedStarts.findIndex((start) => start > time)
      const own = isTold && next >= 0 ? ownStarts[next] : undefined
      const text = new Date(own ?? clock.now()).toISOString()
      return recorded.includes('%3A') ? text.replaceAll(':', '%3A') : text
    },
  }
}

function bodyText(body: unknown): string | undefined {
  return body === undefined || body === null ? undefined : JSON.stringify(body)
}

function parsed(text: string): unknown {
  if (text === '') return ''
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

interface Payload {
  readonly name: string
  readonly instanceId: string
  readonly history: readonly Readonly<Record<string, unknown>>[]
}

/** Remembers every history that an orchestrator was called with. */
function listening(worker: Worker, seen: Payload[]): Worker {
  return {
    ...worker,
    invoke: (name, trigger, metadata) => {
      const text = 'string' in trigger ? String(trigger.string) : ''
      const payload = parsed(text) as Partial<Payload> | null
      if (Array.isArray(payload?.history)) seen.push({ ...(payload as Payload), name })
      return worker.invoke(name, trigger, metadata)
    },
  }
}

/** The longest history of each execution, event by event, whatever episodes they came in. */
function compareHistories({ grpc }: Recording, seen: readonly Payload[]): string | undefined {
  const recorded = grpc.flatMap(({ kind, functionId, inputData }) => {
    const payload = inputData?.[0]?.data?.parsed as Partial<Payload> | undefined
    return kind === 'invocationRequest' && Array.isArray(payload?.history)
      ? [{ ...(payload as Payload), name: functionId ?? '' }]
      : []
  })
  return firstDifference(outline(recorded), outline(seen))
}

function outline(payloads: readonly Payload[]): unknown {
  const last = new Map<string, Payload>()
  for (const payload of payloads) {
    const started = payload.history.find(({ EventType }) => EventType === 0)
    last.set(JSON.stringify(started?.['OrchestrationInstance']), payload)
  }
  const normaliser = createNormaliser([])
  return [...last.values()].map(({ name, history }) => ({
    name,
    events: history
      .filter(({ EventType }) => EventType !== 12 && EventType !== 13)
      .map(({ Timestamp: _, IsPlayed: __, ...event }) =>
        JSON.stringify(normaliser.normalise(event)),
      )
      // Work that runs at the same time comes back in any order.
      .toSorted(),
  }))
}
