import { fileURLToPath } from 'node:url'
import type { Broker } from '../../functions/broker.ts'
import { createDurableEngine } from '../../local/host/durable/engine.ts'
import { createMemoryStore } from '../../local/host/durable/memory-store.ts'
import { type Host, startHost } from '../../local/host/start-host.ts'
import { createVirtualClock, type VirtualClock } from '../../local/host/virtual-clock.ts'
import type { CleanupCase } from '../../shared/access/cleanup.ts'
import type { AccessFlow } from '../../shared/access/flow.ts'
import type { MemoryGroup } from '../../shared/directory/memory-tenant.ts'
import { listCase } from '../../shared/ledger/cleanup-rows.ts'
import { commitCleanup, openPerson } from '../../shared/ledger/person-stream.ts'
import type { Rules } from '../../shared/operations/needs.ts'
import {
  claimsOf,
  type FakeKey,
  fakeAuthority,
  newKey,
  noon,
  signed,
} from '../identity/fake-authority.ts'
import { ben, flow, type InMemory, mia, tenantId } from '../operations/broker-in-memory.ts'
import { shelf } from './app/shelf.ts'

const ada = '20000000-0000-4000-8000-00000000000a'
const audrey = '20000000-0000-4000-8000-00000000000b'
const sam = '20000000-0000-4000-8000-00000000000c'
const bot = '20000000-0000-4000-8000-0000000000b0'

const application = { scp: undefined, idtyp: 'app', name: undefined }

/** Who calls, and what his token says of him. */
export const callers = {
  /** A requester: the flows know him. */
  mia: { oid: mia },
  /** Another one. */
  ben: { oid: ben, name: 'Ben' },
  /** A user whom no flow knows. */
  sam: { oid: sam, name: 'Sam' },
  ada: { oid: ada, name: 'Ada', roles: ['Access.Admin'] },
  audrey: { oid: audrey, name: 'Audrey', roles: ['Access.Auditor'] },
  /** An application that may ask on behalf of others. */
  bot: { ...application, oid: bot, roles: ['Access.RequestOnBehalf'] },
  /** An application whose one role means nothing here. */
  tool: { ...application, oid: '20000000-0000-4000-8000-0000000000b1', roles: ['Other.Role'] },
  /** An application that was given no role at all. */
  thing: { ...application, oid: '20000000-0000-4000-8000-0000000000b2' },
} as const

export type CallerName = keyof typeof callers

export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  // biome-ignore lint/suspicious/noExplicitAny: a test reads what it expects to be there.
  readonly body: any
}

/** How a call goes out, besides who makes it. */
export interface Sent {
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: unknown
  /** Sent as it is, instead of a JSON body. */
  readonly raw?: string | Uint8Array
}

/** The app in the embedded host, on the twins and a clock that skips, reached over HTTP. */
export interface Api extends Pick<InMemory, 'directory' | 'tables' | 'published' | 'needs'> {
  readonly host: Host
  readonly clock: VirtualClock
  /** The authority of the tokens: its key, and whether it is to be had. */
  readonly key: FakeKey
  readonly authority: { isDown: boolean }
  /** Makes a group that mia and ben may ask for. */
  newGroup(group?: Partial<MemoryGroup>): string
  /** Makes a guest with somebody who answers for him. */
  newGuest(sponsor: string): string
  /** Lays a cleanup of a guest as if time had brought it about. */
  layCleanup(person: string, caseId: string, state: 'planned' | 'done'): Promise<void>
  /** Signs whatever claims a test makes up. */
  sign(claims: Readonly<Record<string, unknown>>): Promise<string>
  /** A call by somebody, or by nobody. */
  call(as: CallerName | undefined, method: string, path: string, sent?: Sent): Promise<Answer>
  /** A call with whatever headers it has. */
  send(method: string, path: string, sent?: Sent): Promise<Answer>
  /** Lets time pass, with all that happens in it. */
  pass(milliseconds: number): Promise<void>
  stop(): Promise<void>
}

export interface ApiOptions {
  readonly flows?: readonly AccessFlow[]
  readonly rules?: Partial<Rules>
  readonly checks?: Broker['checks']
  readonly portalFolder?: string
}

/** Where a problem document says that fields are wrong. */
export function pointersOf(problem: {
  readonly errors?: readonly { readonly pointer: string }[]
}): readonly string[] | undefined {
  return problem.errors?.map(({ pointer }) => pointer)
}

let key: Promise<FakeKey> | undefined

function aCleanup(person: string, id: string, state: 'planned' | 'done', at: Date): CleanupCase {
  const instant = at.toISOString()
  return {
    ...{ id, state, integration: 'ContosoEntra', integrations: ['ContosoEntra'] },
    user: { id: person, name: 'Gina', userType: 'guest' },
    ...{ action: 'disable', lastAccessEndedAt: instant, announcedAt: instant, actsAt: instant },
    ...{ told: [{ id: mia, as: 'sponsor' }], reasons: [] },
  }
}

/** Starts the app with an integration, and with the flow `oncall` unless others are given. */
export async function startApi({
  flows = [flow()],
  rules = {},
  checks = {},
  portalFolder = 'no portal',
}: ApiOptions = {}): Promise<Api> {
  key ??= newKey('key-1')
  const signingKey = await key
  const clock = createVirtualClock(noon)
  const authority = fakeAuthority([signingKey])
  shelf.order = { clock, checks, flows, rules, portalFolder, fetch: authority.fetch }
  const host = await startHost({
    appDirectory: fileURLToPath(new URL('app', import.meta.url)),
    port: 0,
    clock,
    engine: (worker, context) =>
      createDurableEngine({ ...context, worker, store: createMemoryStore() }),
    settings: {
      SWEEP_SCHEDULE: '*/30 * * * * *',
      RECONCILE_SCHEDULE: '0 0 * * * *',
      DISCOVERY_SCHEDULE: '0 0 * * * *',
      CHECKPOINT_SCHEDULE: '0 0 3 * * *',
      CLEANUP_SCHEDULE: '0 0 4 * * *',
    },
    log: () => {},
  })
  const { product } = shelf
  if (product === undefined) throw new Error('Cannot use the app: it has not been built')
  for (const [id, displayName] of Object.entries({ [sam]: 'Sam', [ada]: 'Ada' })) {
    product.directory.addUser({ id, displayName })
  }

  let groups = 0
  const lastsLong = { tid: tenantId, exp: noon.getTime() / 1000 + 1_000 * 86_400 }
  const sign = (claims: Readonly<Record<string, unknown>>) =>
    signed(signingKey, claimsOf({ ...lastsLong, ...claims }))
  const send: Api['send'] = async (method, path, { headers = {}, body, raw } = {}) => {
    const payload = raw ?? (body === undefined ? undefined : JSON.stringify(body))
    const response = await fetch(`${host.url}/api${path}`, {
      method,
      headers: {
        ...(payload === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(payload === undefined ? {} : { body: payload }),
    })
    const text = await response.text()
    const isJson = /[/+]json/.test(response.headers.get('content-type') ?? '')
    return {
      status: response.status,
      headers: response.headers,
      text,
      body: isJson && text !== '' ? JSON.parse(text) : undefined,
    }
  }
  const api: Api = {
    directory: product.directory,
    tables: product.tables,
    published: product.published,
    needs: product.needs,
    host,
    clock,
    key: signingKey,
    authority: authority.state,
    newGroup(group = {}) {
      groups += 1
      const id = `31000000-0000-4000-8000-${String(groups).padStart(12, '0')}`
      product.directory.addGroup({ id, name: `Group ${groups}`, ...group })
      return id
    },
    newGuest(sponsor) {
      groups += 1
      const id = `22000000-0000-4000-8000-${String(groups).padStart(12, '0')}`
      product.directory.addUser({ id, displayName: 'Gina', userType: 'guest' })
      product.accounts.describe(id, { sponsors: [sponsor] })
      return id
    },
    async layCleanup(person, caseId, state) {
      const at = new Date(clock.now())
      const laid = aCleanup(person, caseId, state, at)
      await listCase(product.tables, caseId, at)
      const stream = await openPerson(product.tables, person)
      await commitCleanup(product.needs, stream, { access: {}, case: laid }, [])
    },
    sign,
    send,
    async call(as, method, path, sent = {}) {
      const authorization = as === undefined ? {} : { authorization: await sign(callers[as]) }
      return send(method, path, { ...sent, headers: { ...authorization, ...sent.headers } })
    },
    pass: (milliseconds) => clock.advanceTo(clock.now() + milliseconds),
    stop: () => host.stop(),
  }
  return api
}
