import type { Message } from './history.ts'
import { isFinished, type StoredInstance } from './instance.ts'
import type { Change, DurableStore, ListOptions } from './store.ts'

/** Keeps orchestrations as long as it is kept itself. */
export function createMemoryStore(): DurableStore {
  const instances = new Map<string, StoredInstance>()
  let keys = 0

  const commit = ({ head, added, after, handled }: Change) => {
    const before = instances.get(head.id)
    const isSame = before?.head.executionId === head.executionId
    instances.set(head.id, {
      head,
      history: [...(isSame ? before.history.slice(0, after) : []), ...added],
      inbox: (before?.inbox ?? []).filter(({ key }) => key === undefined || !handled.includes(key)),
    })
  }

  return {
    async open() {},
    async readOpen() {
      return [...instances.values()].filter(({ head }) => !isFinished(head))
    },
    async readHead(id) {
      return instances.get(id)?.head
    },
    async read(id) {
      return instances.get(id)
    },
    async list({ prefix, after, limit }: ListOptions) {
      return [...instances.values()]
        .map(({ head }) => head)
        .filter(({ id }) => id.startsWith(prefix) && (after === undefined || id > after))
        .toSorted((one, other) => (one.id < other.id ? -1 : 1))
        .slice(0, limit)
    },
    async begin(head, former) {
      const inbox = instances.get(head.id)?.inbox ?? []
      const left = inbox.filter(({ key = '' }) => former?.handled.includes(key) === false)
      instances.set(head.id, { head, history: [], inbox: left })
    },
    async commit(change) {
      commit(change)
    },
    async keep(id: string, message: Message) {
      const instance = instances.get(id)
      if (instance === undefined) throw new Error(`Cannot keep an event for ${id}: it is not there`)
      keys += 1
      const key = String(keys).padStart(12, '0')
      instances.set(id, { ...instance, inbox: [...instance.inbox, { ...message, key }] })
      return key
    },
    async purge(id) {
      instances.delete(id)
    },
  }
}
