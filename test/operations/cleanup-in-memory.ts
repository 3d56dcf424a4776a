import type { Integration } from '../../shared/access/integration.ts'
import type { UserCleanup } from '../../shared/access/user-cleanup.ts'
import { caseRows } from '../../shared/ledger/cleanup-rows.ts'
import { readCase } from '../../shared/ledger/person-stream.ts'
import {
  type CleanupOrder,
  runCleanup,
  settleAttempts,
} from '../../shared/operations/cleanup-run.ts'
import { putDocument } from '../../shared/operations/documents.ts'
import { brokerInMemory, flow, type InMemory, integration, tenantId } from './broker-in-memory.ts'

export const day = 86_400_000
export const gina = '20000000-0000-4000-8000-0000000000aa'
export const sponsor = '20000000-0000-4000-8000-0000000000bb'

export const admin = { id: 'ada', tenantId, kind: 'user', roles: ['Access.Admin'] } as const

/** The product with cleanup on its twins, and days that pass. */
export interface CleanupInMemory extends InMemory {
  /** Switches cleanup on, or changes it. */
  configure(userCleanup: UserCleanup, more?: Partial<Integration>): Promise<void>
  /** Gives somebody access for an hour and lets it end. */
  giveAndEnd(person: string): Promise<void>
  addGuest(number: number): string
  give(person: string): Promise<void>
  /** Lets time pass in sweeps. */
  passHours(hours: number): Promise<void>
  ask(person: string): Promise<{ readonly kind: string }>
  run(order?: CleanupOrder): ReturnType<typeof runCleanup>
  /** Lets days pass with a run at the end of each. */
  days(count: number): Promise<void>
  settle(): Promise<void>
  cases(): ReturnType<typeof casesOf>
}

async function casesOf(memory: InMemory) {
  const { rows } = await caseRows(memory.tables, 1000, undefined)
  const cases = await Promise.all(rows.map(({ id }) => readCase(memory.tables, id)))
  return cases.filter((each) => each !== undefined)
}

export async function cleanupInMemory(): Promise<CleanupInMemory> {
  const everybody = flow({
    requesters: {
      operator: 'or',
      conditions: [{ type: 'attribute', attribute: 'jit', values: ['yes'] }],
    },
  })
  const memory = await brokerInMemory([everybody])
  const { accounts, cleanupNeeds } = memory
  const guest = (id: string) => {
    memory.directory.addUser({
      id,
      displayName: 'Gina',
      userType: 'guest',
      attributes: { jit: 'yes' },
    })
    accounts.describe(id, {
      createdAt: new Date('2024-01-01T00:00:00Z'),
      lastSignIn: new Date('2025-06-01T00:00:00Z'),
      sponsors: [sponsor],
    })
  }
  memory.directory.addUser({ id: sponsor, displayName: 'Sponsor' })
  guest(gina)

  const self: CleanupInMemory = {
    ...memory,
    configure: async (userCleanup, more = {}) => {
      const document = { ...integration, userCleanupAfterDays: 90, userCleanup, ...more }
      await putDocument(memory.needs, admin, 'integration', document, {})
    },
    ask: (person) => {
      const body = {
        resource: { type: 'group', id: '30000000-0000-4000-8000-000000000001' },
        duration: 'PT1H',
      } as const
      const arrival = {
        requester: person,
        requesterIsApplication: false,
        actor: { id: person, type: 'user' },
        intake: 'http',
        body,
      } as const
      return memory.submitRequest(arrival, memory.clockwork)
    },
    addGuest: (number) => {
      const id = `21000000-0000-4000-8000-${String(number).padStart(12, '0')}`
      guest(id)
      return id
    },
    give: async (person) => {
      const outcome = await self.ask(person)
      if (outcome.kind !== 'accepted') throw new Error(`Cannot go on: ${JSON.stringify(outcome)}`)
      memory.advance(20_000)
      await memory.sweep()
    },
    passHours: async (hours) => {
      memory.advance(hours * 3_600_000)
      for (let sweeps = 0; sweeps < 3; sweeps++) {
        await memory.sweep()
        memory.advance(60_000)
      }
    },
    giveAndEnd: async (person) => {
      await self.give(person)
      await self.passHours(1)
    },
    run: (order) => runCleanup(cleanupNeeds, order),
    days: async (count) => {
      for (let each = 0; each < count; each++) {
        memory.advance(day)
        for (let sweeps = 0; sweeps < 3; sweeps++) {
          await memory.sweep()
          memory.advance(1_000)
        }
        await self.run()
      }
    },
    settle: async () => {
      memory.advance(60_000)
      await settleAttempts(cleanupNeeds)
    },
    cases: () => casesOf(memory),
  }
  return self
}
