import { afterEach, describe, expect, test } from 'vitest'
import { DirectoryUnavailableError } from '../../shared/access/errors.ts'
import { createGraphDirectory } from '../../shared/directory/graph-directory.ts'
import {
  ann,
  graphError,
  group,
  notFound,
  role,
  type ScriptedAnswer,
  startScriptedGraph,
  tenantId,
  tokenForTests,
  unit,
} from './scripted-graph.ts'

interface BatchStep {
  readonly id: string
  readonly method: string
  readonly url: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: { readonly groupIds?: readonly string[] }
}

const stops: (() => Promise<void>)[] = []

/** A server that answers each step of each batch on its own, last step first. */
async function batches(answer: (step: BatchStep) => ScriptedAnswer) {
  const server = await startScriptedGraph(({ path, body }) => {
    if (path !== '/$batch') return { status: 400 }
    const { requests } = body as { requests: readonly BatchStep[] }
    const responses = requests.map((step) => ({ id: step.id, status: 200, ...answer(step) }))
    return { body: { responses: responses.reverse() } }
  })
  stops.push(server.stop)
  const directory = createGraphDirectory({
    credential: tokenForTests,
    baseUrl: server.url,
    tenantId,
    now: () => new Date('2026-01-05T12:00:00Z'),
    wait: () => new Promise(() => undefined),
  })
  const steps = () =>
    server.seen.map(({ body }) => (body as { requests: readonly BatchStep[] }).requests)
  return { directory, steps }
}

afterEach(async () => {
  for (const stop of stops.splice(0)) await stop()
})

const user = { id: ann, displayName: 'Ann', userPrincipalName: 'ann@local', accountEnabled: true }
const outer = '30000000-0000-0000-0000-0000000000ff'

describe('lookUp() on Graph', () => {
  test('learns person, memberships and group in one request', async () => {
    const { directory, steps } = await batches(({ url }) => {
      if (url.endsWith('/checkMemberGroups')) return { body: { value: [outer] } }
      return { body: url.startsWith('/users') ? user : { id: group, displayName: 'Readers' } }
    })

    const facts = await directory.lookUp({
      people: [ann],
      resource: { type: 'group', id: group },
      groups: [outer, group],
    })

    expect(facts.people.get(ann)).toEqual({
      id: ann,
      displayName: 'Ann',
      userPrincipalName: 'ann@local',
      enabled: true,
      userType: 'member',
    })
    expect(facts.memberOf.get(ann)).toEqual(new Set([outer]))
    expect(facts.resource).toEqual({ ref: { type: 'group', id: group }, name: 'Readers' })
    expect(steps()).toHaveLength(1)
    expect(steps()[0]).toContainEqual(
      expect.objectContaining({
        url: `/users/${ann}/checkMemberGroups`,
        headers: { 'Content-Type': 'application/json' },
        body: { groupIds: [outer, group] },
      }),
    )
  })

  test('finds people by principal name, and answers by the name that was asked', async () => {
    const guest = { ...user, userType: 'Guest', accountEnabled: false }
    const { directory, steps } = await batches(() => ({ body: guest }))

    const facts = await directory.lookUp({ people: ['Eve#EXT#@Local'], groups: [] })

    expect(steps()[0]?.[0]?.url).toMatch(/^\/users\/Eve%23EXT%23%40Local\?/)
    expect(facts.people.get('Eve#EXT#@Local')).toMatchObject({ userType: 'guest', enabled: false })
  })

  test('says so where the directory does not tell whether somebody is enabled', async () => {
    const { accountEnabled: _, ...basics } = user
    const { directory } = await batches(() => ({ body: basics }))

    const facts = await directory.lookUp({ people: [ann], groups: [] })

    expect(facts.people.get(ann)).toMatchObject({ enabled: false, isEnabledUnknown: true })
  })

  test('answers nothing about people and resources that the directory does not know', async () => {
    const { directory } = await batches(() => notFound(ann))

    const facts = await directory.lookUp({
      people: [ann],
      resource: { type: 'group', id: group },
      groups: [outer],
    })

    expect(facts).toEqual({ people: new Map(), memberOf: new Map() })
  })

  test('asks nothing about names that no address may be made of', async () => {
    const { directory, steps } = await batches(() => ({ body: user }))

    const facts = await directory.lookUp({
      people: ['..', 'ann'],
      resource: { type: 'directory-role', id: role, scope: '/elsewhere' },
      groups: ['everybody'],
    })

    expect(facts).toEqual({ people: new Map(), memberOf: new Map() })
    expect(steps()).toEqual([])
  })

  test('asks for all groups of a person where more than 20 matter', async () => {
    const groups = Array.from(
      { length: 21 },
      (_, index) => `30000000-0000-0000-0000-${String(index).padStart(12, '0')}`,
    )
    const { directory, steps } = await batches(({ url }) => ({
      body: url.endsWith('/getMemberGroups') ? { value: [groups[20], outer] } : user,
    }))

    const facts = await directory.lookUp({ people: [ann], groups })

    expect(facts.memberOf.get(ann)).toEqual(new Set([groups[20]]))
    expect(
      steps()
        .flat()
        .map(({ url }) => url.split('?')[0]),
    ).toEqual([`/users/${ann}`, `/users/${ann}/getMemberGroups`])
  })

  test('asks for all groups of a person when the check is refused over a group that is gone', async () => {
    const { directory, steps } = await batches(({ url }) => {
      if (url.endsWith('/checkMemberGroups')) return notFound(outer)
      return { body: url.endsWith('/getMemberGroups') ? { value: [group] } : user }
    })

    const facts = await directory.lookUp({ people: [ann], groups: [outer, group] })

    expect(facts.memberOf.get(ann)).toEqual(new Set([group]))
    expect(steps()).toHaveLength(2)
  })

  test.each([
    { what: 'is forbidden', answer: { status: 403 } },
    { what: 'is not there', answer: notFound(group) },
    { what: 'does not end', answer: { body: { value: [], '@odata.nextLink': 'https://x/' } } },
    { what: 'is no list', answer: { body: {} } },
  ])('calls the power of a group unreadable where the list $what', async ({ answer }) => {
    const { directory } = await batches(({ url }) =>
      url.includes('/transitiveMemberOf') ? answer : { body: { id: group } },
    )

    const { power } = await directory.lookUp({
      people: [],
      resource: { type: 'group', id: group },
      groups: [],
    })

    expect(power).toEqual({ kind: 'group', heldBy: 'unreadable', appRoleHolders: 'unreadable' })
  })

  test('puts no more than 20 questions into a request', async () => {
    const people = Array.from({ length: 19 }, (_, index) => `person${index}@local`)
    const { directory, steps } = await batches(({ url }) => ({
      body: url.endsWith('/checkMemberGroups') ? { value: [] } : user,
    }))

    await directory.lookUp({ people, resource: { type: 'group', id: group }, groups: [outer] })

    expect(steps().map((batch) => batch.length)).toEqual([20, 20])
  })

  test('names a role together with the unit that it is scoped to', async () => {
    const { directory } = await batches(({ url }) => ({
      body: url.startsWith('/directory/administrativeUnits')
        ? { id: unit, displayName: 'Paris' }
        : { id: role, displayName: 'Helpdesk', isEnabled: true },
    }))
    const scope = `/administrativeunits/${unit}`

    const facts = await directory.lookUp({
      people: [],
      resource: { type: 'directory-role', id: role, scope },
      groups: [],
    })

    expect(facts.resource).toEqual({
      ref: { type: 'directory-role', id: role, scope: `/administrativeUnits/${unit}` },
      name: 'Helpdesk (Paris)',
    })
  })

  test('knows no role at a unit that is gone', async () => {
    const { directory } = await batches(({ url }) =>
      url.startsWith('/directory/')
        ? notFound(unit)
        : { body: { id: role, displayName: 'Helpdesk' } },
    )
    const scope = `/administrativeUnits/${unit}`

    const facts = await directory.lookUp({
      people: [],
      resource: { type: 'directory-role', id: role, scope },
      groups: [],
    })

    expect(facts.resource).toBeUndefined()
  })

  const plain = { id: group, displayName: 'Readers', groupTypes: [], securityEnabled: true }
  test.each([
    { with: { groupTypes: ['DynamicMembership'] }, expected: 'dynamic' },
    {
      with: { groupTypes: ['Unified', 'DynamicMembership'], mailEnabled: true },
      expected: 'dynamic',
    },
    { with: { onPremisesSyncEnabled: true }, expected: 'synchronised' },
    { with: { mailEnabled: true, securityEnabled: true }, expected: 'mail-enabled' },
    { with: { mailEnabled: true, securityEnabled: false }, expected: 'mail-enabled' },
    { with: { isManagementRestricted: true }, expected: 'restricted-unit' },
    { with: { isAssignableToRole: true }, expected: 'role-assignable' },
    { with: { groupTypes: ['Unified'], mailEnabled: true }, expected: undefined },
    { with: { onPremisesSyncEnabled: false, isAssignableToRole: null }, expected: undefined },
  ])('calls a group with $with unmanageable as $expected', async (row) => {
    const { directory } = await batches(() => ({ body: { ...plain, ...row.with } }))

    const facts = await directory.lookUp({
      people: [],
      resource: { type: 'group', id: group },
      groups: [],
    })

    expect(facts.resource?.unmanageable).toBe(row.expected)
  })

  test('calls a disabled role unmanageable', async () => {
    const { directory } = await batches(() => ({ body: { id: role, isEnabled: false } }))

    const facts = await directory.lookUp({
      people: [],
      resource: { type: 'directory-role', id: role },
      groups: [],
    })

    expect(facts.resource?.unmanageable).toBe('role-disabled')
  })

  test.each([
    { status: 429, headers: { 'retry-after': '7' }, wait: 7 },
    { status: 429, headers: { 'Retry-After': '7' }, wait: 7 },
    { status: 503, wait: undefined },
    { status: 403, body: graphError('Authorization_RequestDenied', 'No.'), wait: undefined },
    { status: 424, wait: undefined },
  ])('has no facts when a question is answered $status', async ({ wait, ...failed }) => {
    const { directory } = await batches(({ url }) =>
      url.startsWith('/groups') ? failed : { body: user },
    )
    const query = { people: [ann], resource: { type: 'group', id: group }, groups: [] } as const

    const error = await directory.lookUp(query).catch((thrown: unknown) => thrown)

    expect(error).toBeInstanceOf(DirectoryUnavailableError)
    expect(error).toMatchObject({ retryAfterSeconds: wait })
  })

  test.each([
    { why: 'a body of another shape', body: { value: 'no' } },
    { why: 'a person without an id', body: { displayName: 'Ann' } },
  ])('has no facts when it gets $why', async ({ body }) => {
    const { directory } = await batches(() => ({ body }))

    await expect(directory.lookUp({ people: [ann], groups: [] })).rejects.toThrow(
      DirectoryUnavailableError,
    )
  })
})
