import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import * as z from 'zod'
import { type CallApi, expectAnswer } from '../local/stack/api-client.ts'
import type { ReadyFile } from '../local/stack/ready-file.ts'
import type { BenchStack } from './bench-stack.ts'
import type { StorageCall } from './counting-proxy.ts'
import type { Figure } from './figure.ts'

const requestSchema = z.object({ id: z.string(), status: z.string() })
const logSchema = z.object({
  calls: z.array(z.looseObject({ method: z.string(), path: z.string() })),
})
const historySchema = z.object({
  historyEvents: z.array(z.looseObject({ EventType: z.string() })),
})

const rounds = 3
const seconds = 2

interface Costs {
  readonly graphWrites: number
  readonly activities: number
  readonly historyRows: number
  readonly ownWrites: number
  readonly ownReads: number
  readonly durableCalls: number
  readonly beforeAccepted: number
}

/** What one life cycle costs from the request to the proof of its end; the same in every round. */
export async function benchLifeCycle(
  stack: BenchStack,
  body: Readonly<Record<string, unknown>>,
): Promise<readonly Figure[]> {
  const call = await stack.as('mia')
  // The first one warms the token and the documents that are cached by hash.
  await runOnce(stack, call, body)
  const all: Costs[] = []
  for (let round = 0; round < rounds; round++) all.push(await runOnce(stack, call, body))
  const [costs] = all
  if (costs === undefined) throw new Error('Cannot count: no round was run')
  const different = all.filter((other) => JSON.stringify(other) !== JSON.stringify(costs)).length
  const exactly = (value: number) => ({ at: 'exactly', value }) as const
  const most = (value: number) => ({ at: 'most', value }) as const
  return [
    {
      name: 'Graph writes a life cycle',
      value: costs.graphWrites,
      unit: 'calls',
      limit: exactly(2),
    },
    { name: 'activities a life cycle', value: costs.activities, unit: 'runs', limit: exactly(2) },
    {
      name: 'own table writes a life cycle',
      value: costs.ownWrites,
      unit: 'calls',
      limit: most(14),
    },
    { name: 'own table reads a life cycle', value: costs.ownReads, unit: 'calls', limit: most(10) },
    { name: 'Durable storage calls a life cycle', value: costs.durableCalls, unit: 'calls' },
    { name: 'history rows a life cycle', value: costs.historyRows, unit: 'rows', limit: most(120) },
    {
      name: 'storage calls before the 202',
      value: costs.beforeAccepted,
      unit: 'calls',
      limit: most(11),
    },
    {
      name: 'rounds that cost something else',
      value: different,
      unit: 'rounds',
      limit: exactly(0),
    },
  ]
}

async function runOnce(
  { ready, own, durable }: BenchStack,
  call: CallApi,
  body: Readonly<Record<string, unknown>>,
): Promise<Costs> {
  const before = { own: own.calls.length, durable: durable.calls.length }
  const graphBefore = await graphWrites(ready.addresses.entra)

  // Whatever the orchestration does waits until the answer is there: its first word to storage, which
  // is the record of an episode, is held back.
  let release = () => {}
  const accepted = new Promise<void>((resolve) => {
    release = resolve
  })
  durable.hold(({ path }) => (path.endsWith('/$batch') ? accepted : undefined))
  const answer = await call('POST', '/requests', { ...body, duration: `PT${seconds}S` })
  const beforeAccepted =
    own.calls.length - before.own + durable.calls.slice(before.durable).filter(isAnswered).length
  release()
  const { id } = expectAnswer('ask for access', answer, [202], requestSchema)

  // Nobody asks meanwhile: a question would be counted too.
  await wait((seconds + 3) * 1000)
  const counts = { own: own.calls.slice(before.own), durable: durable.calls.slice(before.durable) }
  const { status } = expectAnswer(
    'read the request',
    await call('GET', `/requests/${id}`),
    [200],
    requestSchema,
  )
  if (status !== 'ended') throw new Error(`Cannot count: request ${id} is ${status}, not ended`)
  const history = await historyOf(ready, id)
  return {
    graphWrites: (await graphWrites(ready.addresses.entra)) - graphBefore,
    activities: history.filter(({ EventType }) => EventType === 'TaskCompleted').length,
    historyRows: history.length,
    ownWrites: counts.own.filter(({ kind }) => kind === 'write').length,
    ownReads: counts.own.filter(({ kind }) => kind === 'read').length,
    durableCalls: counts.durable.length,
    beforeAccepted,
  }
}

function isAnswered({ path }: StorageCall): boolean {
  return !path.endsWith('/$batch')
}

async function graphWrites(entra: string): Promise<number> {
  const response = await fetch(`${entra}/_simulator/log`)
  const { calls } = logSchema.parse(await response.json())
  return calls.filter(
    ({ method, path }) => method !== 'GET' && /^\/v1\.0\/(groups|roleM)/.test(path),
  ).length
}

async function historyOf({ addresses, stateFolder }: ReadyFile, id: string) {
  const key = (await readFile(join(stateFolder, 'host/system-key'), 'utf8')).trim()
  const path = `/runtime/webhooks/durabletask/instances/${id}?showHistory=true&code=${key}`
  const response = await fetch(new URL(path, addresses.functions))
  return historySchema.parse(await response.json()).historyEvents
}
