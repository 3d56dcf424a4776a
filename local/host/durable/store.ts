import type { HistoryEvent, Message } from './history.ts'
import type { Instance, InstanceHead, StoredInstance } from './instance.ts'

/** What one episode leaves behind; all of it is stored, or nothing. */
export interface Change {
  readonly head: InstanceHead
  /** Added behind the `after` events that this execution has already. */
  readonly added: readonly HistoryEvent[]
  readonly after: number
  /** Keys of the waiting events that the episode has taken in. */
  readonly handled: readonly string[]
}

export interface ListOptions {
  readonly prefix: string
  /** Ids greater than this. */
  readonly after: string | undefined
  readonly limit: number
}

/**
 * Where orchestrations are kept, so that they outlive the host. Every write may be repeated: the
 * engine does so until one has succeeded.
 */
export interface DurableStore {
  open(): Promise<void>
  /** Every instance that has not finished. */
  readOpen(): Promise<readonly StoredInstance[]>
  readHead(id: string): Promise<InstanceHead | undefined>
  read(id: string): Promise<Instance | undefined>
  /** In the order of ids. */
  list(options: ListOptions): Promise<readonly InstanceHead[]>
  /**
   * Stores a new execution. With `former` it takes the place of that one, whose history goes; the
   * events that wait stay, but for those handled.
   */
  begin(head: InstanceHead, former?: { readonly handled: readonly string[] }): Promise<void>
  commit(change: Change): Promise<void>
  /** Keeps an event until an episode has taken it in, and gives its key. */
  keep(id: string, message: Message): Promise<string>
  purge(id: string): Promise<void>
}
