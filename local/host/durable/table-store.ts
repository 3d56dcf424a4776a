import { odata, RestError, TableClient, type TransactionAction } from '@azure/data-tables'
import * as z from 'zod'
import type { HistoryEvent, Message } from './history.ts'
import type { InstanceHead } from './instance.ts'
import type { DurableStore } from './store.ts'

/** UTF-16 units a column takes; Table Storage allows 32 Ki, and 1 MiB an entity. */
const charactersPerColumn = 30_000
const columnsPerRow = 12
const rowsPerChange = 50
const headKey = 'head'

type Row = Readonly<Record<string, unknown>>

const storedHead = z.custom<InstanceHead>((value) => typeof value === 'object' && value !== null)
const storedEvents = z.custom<HistoryEvent[]>(Array.isArray)
const storedMessage = z.custom<Message>((value) => typeof value === 'object' && value !== null)

interface Needs {
  readonly connectionString: string
  readonly taskHub: string
  readonly random: () => number
}

/**
 * Keeps orchestrations in one table: a partition for each instance with its head, one run of history
 * rows for each episode, and the events that wait; so an episode is stored by one transaction.
 */
export function createTableStore({ connectionString, taskHub, random }: Needs): DurableStore {
  const table = TableClient.fromConnectionString(connectionString, `${taskHub}Orchestrations`, {
    allowInsecureConnection: true,
  })
  let lastKey = 0

  async function rows(filter: string): Promise<readonly Row[]> {
    const found: Row[] = []
    for await (const row of table.listEntities({ queryOptions: { filter } })) found.push(row)
    return found
  }

  async function readPartition(id: string) {
    const all = await rows(odata`PartitionKey eq ${id}`)
    const head = all.find(({ rowKey }) => rowKey === headKey)
    if (head === undefined) return undefined
    const parsed = headOf(head)
    return { head: parsed, history: historyOf(all, parsed.executionId), inbox: inboxOf(all) }
  }

  /** All or nothing; what is to be deleted may be gone already, when a reply was lost. */
  async function submit(id: string, upserts: readonly Row[], deletes: readonly string[]) {
    try {
      await submitExactly(id, upserts, deletes)
    } catch (error) {
      if (deletes.length === 0 || !isNotFound(error)) throw error
      const there = new Set((await rows(odata`PartitionKey eq ${id}`)).map(keyOf))
      await submitExactly(
        id,
        upserts,
        deletes.filter((key) => there.has(key)),
      )
    }
  }

  async function submitExactly(id: string, upserts: readonly Row[], deletes: readonly string[]) {
    const [only] = upserts
    if (only !== undefined && upserts.length + deletes.length === 1) {
      await table.upsertEntity(entity(only), 'Replace')
      return
    }
    await table.submitTransaction([
      ...upserts.map((row): TransactionAction => ['upsert', entity(row), 'Replace']),
      ...deletes.map((rowKey): TransactionAction => ['delete', { partitionKey: id, rowKey }]),
    ])
  }

  return {
    async open() {
      await table.createTable()
    },
    async readOpen() {
      const heads = await rows(odata`RowKey eq ${headKey} and open eq true`)
      const instances = []
      for (const head of heads) {
        const instance = await readPartition(String(head['partitionKey']))
        if (instance !== undefined) instances.push(instance)
      }
      return instances
    },
    async readHead(id) {
      try {
        return headOf(await table.getEntity(id, headKey))
      } catch (error) {
        if (isNotFound(error)) return undefined
        throw error
      }
    },
    read: readPartition,
    async list({ prefix, after, limit }) {
      const from =
        after === undefined ? odata`PartitionKey ge ${prefix}` : odata`PartitionKey gt ${after}`
      const heads: InstanceHead[] = []
      const filter = `RowKey eq '${headKey}' and ${from}`
      for await (const row of table.listEntities({ queryOptions: { filter } })) {
        const head = headOf(row)
        if (!head.id.startsWith(prefix)) {
          if (head.id > prefix) break
          continue
        }
        heads.push(head)
        if (heads.length === limit) break
      }
      return heads
    },
    async begin(head, former) {
      await submit(head.id, [headRow(head)], former?.handled ?? [])
      if (former === undefined) return
      const current = historyPrefix(head.executionId)
      for (const row of await rows(odata`PartitionKey eq ${head.id}`)) {
        const key = keyOf(row)
        if (!key.startsWith('history-') || key.startsWith(current)) continue
        await table.deleteEntity(head.id, key)
      }
    },
    async commit({ head, added, after, handled }) {
      const history = historyRows(head, added, after)
      await submit(head.id, [headRow(head), ...history], handled)
    },
    async keep(id, message) {
      // Keys sort by time, with what tells events of one millisecond apart.
      lastKey = Math.max(Date.now() * 1000, lastKey + 1)
      const key = `inbox-${String(lastKey).padStart(17, '0')}-${Math.floor(random() * 1e9)}`
      const row = { partitionKey: id, rowKey: key, ...columns(message) }
      await table.createEntity(row)
      return key
    },
    async purge(id) {
      const all = await rows(odata`PartitionKey eq ${id}`)
      // The head goes last: until then the purge can be asked for again.
      const keys = all.map(keyOf).toSorted((one) => (one === headKey ? 1 : -1))
      for (const key of keys) await table.deleteEntity(id, key)
    },
  }
}

function isNotFound(error: unknown): boolean {
  return error instanceof RestError && error.statusCode === 404
}

function headRow(head: InstanceHead): Row {
  const open = head.status === 'Pending' || head.status === 'Running' || head.status === 'Suspended'
  return { partitionKey: head.id, rowKey: headKey, open, ...columns(head) }
}

function headOf(row: Row): InstanceHead {
  return storedHead.parse(JSON.parse(textOf(row)))
}

function historyPrefix(executionId: string): string {
  return `history-${executionId}-`
}

/** One episode's events: their text is cut over as many rows as it takes. */
function historyRows(head: InstanceHead, events: readonly HistoryEvent[], after: number): Row[] {
  const text = asciiJson(events)
  const length = charactersPerColumn * columnsPerRow
  const parts = Math.ceil(text.length / length)
  if (parts > rowsPerChange) {
    throw new Error(
      `Cannot store an episode of ${head.id}: its ${text.length} characters are too many`,
    )
  }
  return Array.from({ length: parts }, (_, part) => ({
    partitionKey: head.id,
    rowKey: `${historyPrefix(head.executionId)}${String(after).padStart(8, '0')}-${String(part).padStart(2, '0')}`,
    ...split(text.slice(part * length, (part + 1) * length)),
  }))
}

function historyOf(all: readonly Row[], executionId: string): HistoryEvent[] {
  const episodes = new Map<string, string>()
  for (const row of all) {
    const key = keyOf(row)
    if (!key.startsWith(historyPrefix(executionId))) continue
    const episode = key.slice(0, -3)
    episodes.set(episode, (episodes.get(episode) ?? '') + textOf(row))
  }
  return [...episodes.values()].flatMap((text) => storedEvents.parse(JSON.parse(text)))
}

function inboxOf(all: readonly Row[]): Message[] {
  return all
    .filter((row) => keyOf(row).startsWith('inbox-'))
    .map((row) => ({ ...storedMessage.parse(JSON.parse(textOf(row))), key: keyOf(row) }))
}

function keyOf(row: Row): string {
  return String(row['rowKey'])
}

function entity(row: Row) {
  return { ...row, partitionKey: String(row['partitionKey']), rowKey: keyOf(row) }
}

function columns(value: unknown): Row {
  return split(asciiJson(value))
}

function split(text: string): Row {
  const parts = Array.from({ length: Math.ceil(text.length / charactersPerColumn) }, (_, part) => [
    `text${part}`,
    text.slice(part * charactersPerColumn, (part + 1) * charactersPerColumn),
  ])
  return Object.fromEntries(parts)
}

function textOf(row: Row): string {
  let text = ''
  for (let part = 0; typeof row[`text${part}`] === 'string'; part += 1) text += row[`text${part}`]
  return text
}

/** ASCII, since Azurite (3.37) breaks characters that straddle two chunks of a long request. */
function asciiJson(value: unknown): string {
  return JSON.stringify(value).replace(
    /[\u007f-\uffff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}
