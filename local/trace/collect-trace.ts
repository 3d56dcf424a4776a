import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as z from 'zod'
import { apiAs, expectAnswer } from '../stack/api-client.ts'
import type { ReadyFile } from '../stack/ready-file.ts'

export interface TraceEntry {
  readonly at: string
  readonly source: 'audit' | 'history' | 'graph'
  readonly text: string
}

const requestSchema = z.object({
  status: z.string(),
  resource: z.object({ id: z.string() }),
  grantee: z.string(),
  createdAt: z.string(),
  endedAt: z.string().optional(),
})

type TracedRequest = z.infer<typeof requestSchema>

const eventsSchema = z.object({
  items: z.array(
    z.object({
      at: z.string(),
      event: z.string(),
      actor: z.string(),
      sequence: z.number(),
      detail: z.unknown(),
    }),
  ),
})

const historySchema = z.object({
  runtimeStatus: z.string(),
  historyEvents: z.array(z.looseObject({ EventType: z.string(), Timestamp: z.string() })).nullish(),
})

const callsSchema = z.object({
  calls: z.array(
    z.looseObject({
      at: z.string(),
      method: z.string(),
      path: z.string(),
      status: z.number().nullish(),
    }),
  ),
})

/** What the auditor, the orchestration and the directory each say about a request, in time order. */
export async function collectTrace(
  ready: ReadyFile,
  requestId: string,
): Promise<readonly TraceEntry[]> {
  const auditor = ready.people.find(({ is }) => is.includes('auditor'))?.name ?? 'audrey'
  const call = await apiAs(ready, auditor)
  const path = `/requests/${encodeURIComponent(requestId)}`
  const request = expectAnswer(
    `read request ${requestId}`,
    await call('GET', path),
    [200],
    requestSchema,
  )
  const answer = await call('GET', `${path}/events`)
  const { items } = expectAnswer(`read its events`, answer, [200], eventsSchema)
  const audit = items.map(({ at, event, actor, sequence, detail }) => ({
    at,
    source: 'audit' as const,
    text: `#${sequence} ${event} by ${actor} ${shorten(JSON.stringify(detail ?? {}))}`,
  }))
  const entries = [
    ...audit,
    ...(await readHistory(ready, requestId)),
    ...(await readGraphCalls(ready, request)),
  ]
  return entries.sort((one, other) => Date.parse(one.at) - Date.parse(other.at))
}

async function readHistory(ready: ReadyFile, requestId: string): Promise<readonly TraceEntry[]> {
  const key = await readFile(join(ready.stateFolder, 'host/system-key'), 'utf8')
  const url = new URL(
    `/runtime/webhooks/durabletask/instances/${encodeURIComponent(requestId)}`,
    ready.addresses.functions,
  )
  url.search = new URLSearchParams({ showHistory: 'true', code: key.trim() }).toString()
  const response = await fetch(url)
  if (response.status === 404) return []
  const { historyEvents } = historySchema.parse(await response.json())
  return (historyEvents ?? []).map((event) => {
    const { EventType, Timestamp, ...more } = event
    const { CorrelationTags: _, EventId: __, IsPlayed: ___, ...said } = more
    return {
      at: Timestamp,
      source: 'history' as const,
      text: `${EventType} ${shorten(JSON.stringify(said))}`,
    }
  })
}

/** Calls to the directory name the person or the group in their path. */
async function readGraphCalls(
  { addresses }: ReadyFile,
  { resource, grantee, createdAt, endedAt }: TracedRequest,
): Promise<readonly TraceEntry[]> {
  const from = Date.parse(createdAt) - 2000
  const to = endedAt === undefined ? Number.POSITIVE_INFINITY : Date.parse(endedAt) + 2000
  const response = await fetch(`${addresses.entra}/_simulator/log`)
  const { calls } = callsSchema.parse(await response.json())
  const isOurs = ({ at, path }: { at: string; path: string }) =>
    (path.includes(resource.id) || path.includes(grantee)) &&
    Date.parse(at) >= from &&
    Date.parse(at) <= to
  return calls.filter(isOurs).map(({ at, method, path, status }) => ({
    at,
    source: 'graph' as const,
    text: `${method} ${path} → ${status ?? 'no answer'}`,
  }))
}

function shorten(text: string): string {
  return text.length <= 160 ? text : `${text.slice(0, 159)}…`
}
