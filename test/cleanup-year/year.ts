/*
 * Over 300 lines on purpose: the year is one story, told from its people to its judgement.
 */
import type { Integration } from '../../shared/access/integration.ts'
import { keepAccount } from '../../shared/operations/cleanup-decide.ts'
import type { CleanupNeeds } from '../../shared/operations/cleanup-needs.ts'
import { carryOnCleanup, orderCleanup } from '../../shared/operations/cleanup-order.ts'
import { runCleanup } from '../../shared/operations/cleanup-run.ts'
import { putDocument } from '../../shared/operations/documents.ts'
import { brokerInMemory, flow, type InMemory, tenantId } from '../operations/broker-in-memory.ts'
import { checkTouched, type Lived, outcomeOf } from './model.ts'
import { drawPeople, randomOf, type Story, type Trait } from './people.ts'

const day = 86_400_000
const groupId = (number: number) => `31000000-0000-4000-8000-${String(number).padStart(12, '0')}`
const groups = {
  A: groupId(1),
  B: groupId(2),
  other: groupId(3),
  roles: groupId(4),
  spared: groupId(5),
  approvers: groupId(6),
}
const sponsor = '20000000-0000-4000-8000-0000000000bb'
const role = '729827e3-9c14-49f7-bb1b-9608f156bbb8'
const admin = { id: 'ada', tenantId, kind: 'user', roles: ['Access.Admin'] } as const

const integrations: readonly Integration[] = [
  {
    name: 'A',
    resourceTypes: ['group'],
    userCleanupAfterDays: 90,
    userCleanup: { action: 'disable', protected: [groups.spared] },
  },
  {
    name: 'B',
    resourceTypes: ['group'],
    userCleanupAfterDays: 60,
    userCleanup: { action: 'delete', userTypes: ['guest', 'member'] },
  },
]

export interface YearReport {
  readonly seed: number
  readonly planned: number
  readonly kept: number
  readonly done: number
  readonly stops: number
  readonly refused: Readonly<Record<string, number>>
}

export interface YearOptions {
  readonly days?: number
  /** Breaks the product on purpose: the model has to notice. */
  readonly implant?: (needs: CleanupNeeds) => CleanupNeeds
}

/** One simulated year with guests and staff; throws at the first thing that the model forbids. */
export async function simulateYear(
  seed: number,
  guests: number,
  staff: number,
  { days = 365, implant = (needs) => needs }: YearOptions = {},
): Promise<YearReport> {
  const random = randomOf(seed)
  const stories = drawPeople(random, guests, staff)
  const built = await brokerInMemory([])
  const memory: InMemory = { ...built, cleanupNeeds: implant(built.cleanupNeeds) }
  await prepare(memory, stories)
  const start = memory.now().getTime()
  const dayNow = () => Math.floor((memory.now().getTime() - start) / day)
  const signedIn = new Map<string, number[]>()
  const kept = new Map<string, { saidAt: number; until: number }[]>()
  const asked = new Map<string, number[]>()

  for (let today = 0; today < days; today++) {
    for (const story of stories) {
      setTrait(memory, story, today)
      if (story.signIns.includes(today)) {
        memory.accounts.describe(story.id, { lastSignIn: memory.now() })
        push(signedIn, story.id, memory.now().getTime())
      }
      for (const { integration } of story.accesses.filter((each) => each.day === today)) {
        if (await ask(memory, story.id, integration)) {
          push(asked, story.id, memory.now().getTime())
        }
      }
    }
    // Whoever was granted nothing soon is granted nothing at all.
    memory.advance(20_000)
    await memory.sweep()
    await passHours(memory, 2)
    const trouble = random() < 0.1
    if (trouble) {
      const effects = ['unavailable', 'throttled', 'ambiguous-before', 'ambiguous-after'] as const
      const effect = effects[Math.floor(random() * effects.length)] ?? 'unavailable'
      memory.accounts.setFault({ effect, count: 3 })
    }
    await passHours(memory, 20)
    const { stopped } = await runCleanup(memory.cleanupNeeds)
    if (stopped) await lift(memory)
    memory.advance(60_000)
    await carryOnCleanup(memory.cleanupNeeds)
    await answerPlans(memory, stories, kept, start)
    const next = start + (today + 1) * day
    memory.advance(Math.max(0, next - memory.now().getTime()))
    if (dayNow() !== today + 1) throw new Error('A day has become longer than a day')
  }
  return judge(memory, stories, { start, signedIn, kept, asked, seed })
}

async function prepare(memory: InMemory, stories: readonly Story[]): Promise<void> {
  const { directory, accounts, needs } = memory
  for (const [name, id] of Object.entries(groups)) {
    directory.addGroup({
      id,
      name,
      ...(name === 'roles' ? { unmanageable: 'role-assignable' } : {}),
    })
  }
  directory.addUser({ id: sponsor, displayName: 'Sponsor' })
  for (const { id, userType, hasSponsor } of stories) {
    directory.addUser({ id, displayName: id.slice(-4), userType, attributes: { jit: 'yes' } })
    accounts.describe(id, {
      createdAt: new Date('2024-01-01T00:00:00Z'),
      lastSignIn: new Date('2025-01-01T00:00:00Z'),
      sponsors: hasSponsor ? [sponsor] : [],
    })
  }
  for (const each of integrations) await putDocument(needs, admin, 'integration', each, {})
  const everybody = { type: 'attribute', attribute: 'jit', match: 'is', values: ['yes'] } as const
  for (const integration of ['A', 'B'] as const) {
    const name = `flow-${integration}`
    const document = flow({
      name,
      requesters: { operator: 'or', conditions: [everybody] },
      targets: [{ integration, resourceType: 'group', permissions: ['member'] }],
    })
    await putDocument(needs, admin, 'access-flow', document, {})
  }
  const approval = {
    mode: 'any-of',
    steps: [{ approvers: ['manager', { type: 'group', id: groups.approvers }] }],
  } as const
  const approved = flow({
    name: 'approved',
    requesters: { operator: 'or', conditions: [{ type: 'user', values: [sponsor] }] },
    targets: [{ integration: 'A', resourceType: 'group', permissions: ['owner'] }],
    approval,
  })
  await putDocument(needs, admin, 'access-flow', approved, {})
  memory.published.length = 0
}

/** Begins or ends what speaks for a person on this day. */
function setTrait(memory: InMemory, { id, userType, trait }: Story, today: number): void {
  if (trait === undefined || (today !== trait.from && today !== trait.to)) return
  if (trait.from === trait.to) return
  const { directory, accounts, tenant } = memory
  const begins = today === trait.from
  const link = (group: string, permission: 'member' | 'owner' = 'member') => {
    const access = {
      tenantId,
      grantee: id,
      resource: { type: 'group', id: group },
      permission,
    } as const
    if (begins) directory.addByHand(access)
    else directory.removeByHand(access)
  }
  const user = tenant.users.get(id)
  if (user === undefined) return
  const resource = { type: 'directory-role', id: role, scope: '/' } as const
  const active = { tenantId, grantee: id, resource, permission: 'active' } as const
  const change: Readonly<Record<Trait, () => void>> = {
    'other-group': () => link(groups.other),
    'role-group-member': () => link(groups.roles),
    'role-group-owner': () => link(groups.roles, 'owner'),
    protected: () => link(groups.spared),
    approver: () => link(groups.approvers),
    role: () => (begins ? directory.addByHand(active) : directory.removeByHand(active)),
    eligible: () => accounts.describe(id, { isEligible: begins }),
    synchronised: () => accounts.describe(id, { isSynchronised: begins }),
    restricted: () => accounts.describe(id, { isManagementRestricted: begins }),
    'application-role': () => accounts.describe(id, { appRoles: begins ? 1 : 0 }),
    administrator: () => setAdministrator(memory, id, begins),
    'has-reports': () =>
      directory.addUser({ id: id.replace(/^2/, '4'), ...(begins ? { managerId: id } : {}) }),
    converted: () => {
      const other = begins === (userType === 'guest') ? 'member' : 'guest'
      tenant.users.set(id, { ...user, userType: other })
    },
    'disabled-by-others': () => void tenant.users.set(id, { ...user, enabled: !begins }),
  }
  change[trait.what]()
}

const administrators = new WeakMap<InMemory, Set<string>>()

function setAdministrator(memory: InMemory, id: string, begins: boolean): void {
  const all = administrators.get(memory) ?? new Set<string>()
  administrators.set(memory, all)
  if (begins) all.add(id)
  else all.delete(id)
  memory.accounts.makeAdministrators([...all])
}

async function ask(memory: InMemory, person: string, integration: 'A' | 'B'): Promise<boolean> {
  const outcome = await memory.submitRequest(
    {
      requester: person,
      requesterIsApplication: false,
      actor: { id: person, type: 'user' },
      intake: 'http',
      body: {
        resource: { type: 'group', id: groups[integration] },
        duration: 'PT1H',
        accessFlow: `flow-${integration}`,
      },
    },
    memory.clockwork,
  )
  return outcome.kind === 'accepted'
}

async function passHours(memory: InMemory, hours: number): Promise<void> {
  memory.advance(hours * 3_600_000 - 60_000)
  for (let sweeps = 0; sweeps < 4; sweeps++) {
    await memory.sweep()
    memory.advance(15_000)
  }
}

/** An administrator looks at the true number and lets the run go on. */
async function lift(memory: InMemory): Promise<void> {
  const counted = await orderCleanup(memory.cleanupNeeds, admin, { dryRun: true })
  if (counted.kind === 'refused') throw new Error('The count cannot be had')
  const order = { dryRun: false, expectedCount: counted.count }
  await orderCleanup(memory.cleanupNeeds, admin, order)
}

/** The sponsor says what the story says, to every plan that is open. */
async function answerPlans(
  memory: InMemory,
  stories: readonly Story[],
  kept: Map<string, { saidAt: number; until: number }[]>,
  start: number,
): Promise<void> {
  const plans = memory.published.filter(({ event }) => event === 'cleanup.planned')
  const byId = new Map(stories.map((story) => [story.id, story]))
  const caller = { id: sponsor, tenantId, kind: 'user', roles: [] } as const
  const now = memory.now().getTime()
  for (const { grantee = '', at, detail } of plans) {
    const story = byId.get(grantee)
    if (story === undefined || now - Date.parse(at) > day) continue
    const until = start + (story.keepUntil ?? 0) * day
    if (!story.keepForGood && until <= now) continue
    const body = story.keepForGood ? {} : { until: new Date(until).toISOString() }
    const id = String(detail['cleanup'])
    const said = await keepAccount(memory.cleanupNeeds, caller, id, { reason: 'needed', ...body })
    if (said.kind !== 'decided') continue
    push(kept, grantee, {
      saidAt: now,
      until: story.keepForGood ? Number.POSITIVE_INFINITY : until,
    })
  }
}

interface Happened {
  readonly start: number
  readonly seed: number
  readonly signedIn: ReadonlyMap<string, readonly number[]>
  readonly asked: ReadonlyMap<string, readonly number[]>
  readonly kept: ReadonlyMap<string, readonly { saidAt: number; until: number }[]>
}

function judge(
  memory: InMemory,
  stories: readonly Story[],
  { start, seed, signedIn, asked, kept }: Happened,
): YearReport {
  const now = memory.now().getTime()
  const eventsOf = (name: string, id?: string) =>
    memory.published.filter(
      ({ event, grantee }) => event === name && (id === undefined || grantee === id),
    )
  for (const story of stories) {
    const { id, trait } = story
    const written = memory.accounts.writes.filter((each) => each.id === id && each.applied)
    const changes = written.filter(({ what }) => what === 'disable' || what === 'delete')
    const [change] = changes
    const plans = eventsOf('cleanup.planned', id).map(({ at }) => Date.parse(at))
    const announcedAt = plans.filter((at) => at <= (change?.at.getTime() ?? 0)).at(-1)
    const lived: Lived = {
      story,
      ends: eventsOf('grant.ended', id).map(({ at, integration }) => ({
        at: Date.parse(at),
        integration: integration === 'A' ? 'A' : 'B',
      })),
      requests: asked.get(id) ?? [],
      signIns: signedIn.get(id) ?? [],
      keptUntil: kept.get(id) ?? [],
      traitFrom: trait === undefined ? 0 : start + trait.from * day,
      traitTo: trait === undefined ? 0 : start + trait.to * day,
      ...(announcedAt === undefined ? {} : { announcedAt }),
      ...(change === undefined
        ? {}
        : {
            actedAt: change.at.getTime(),
            action: change.what === 'delete' ? 'delete' : 'disable',
          }),
    }
    if (changes.length > 1 && change?.what === 'delete') throw new Error(`${id} was deleted twice`)
    checkTouched(lived)
    const outcome = outcomeOf(lived, now)
    if (outcome === 'must')
      throw new Error(`${id} should have been cleaned up: ${JSON.stringify(lived)}`)
    const done = eventsOf('cleanup.done', id)
    const real = done.filter(({ detail }) => detail['action'] !== 'report')
    if (real.length !== (change === undefined ? 0 : 1)) {
      throw new Error(`${id}: ${real.length} records of ${changes.length} changes`)
    }
  }
  const refused: Record<string, number> = {}
  for (const { detail, stream } of eventsOf('cleanup.refused')) {
    if (stream === 'cleanup') continue
    for (const reason of detail['reasons'] as readonly string[]) {
      refused[reason] = (refused[reason] ?? 0) + 1
    }
  }
  return {
    seed,
    planned: eventsOf('cleanup.planned').length,
    kept: eventsOf('cleanup.kept').length,
    done: eventsOf('cleanup.done').length,
    stops: eventsOf('cleanup.refused').filter(({ stream }) => stream === 'cleanup').length,
    refused,
  }
}

function push<Value>(map: Map<string, Value[]>, key: string, value: Value): void {
  map.set(key, [...(map.get(key) ?? []), value])
}
