import { afterEach, describe, expect, test } from 'vitest'
import { DirectoryUnavailableError } from '../../shared/access/errors.ts'
import { factsAsked } from '../../shared/access/evaluate.ts'
import { createGraphDirectory } from '../../shared/directory/graph-directory.ts'
import { aFlow, allOf, anyOf, attribute } from '../access/flow-builders.ts'
import {
  ann,
  graphError,
  group,
  notFound,
  type ScriptedAnswer,
  startScriptedGraph,
  tenantId,
  tokenForTests,
} from './scripted-graph.ts'

interface Step {
  readonly id: string
  readonly url: string
}

const boss = '20000000-0000-0000-0000-0000000000bb'
const costCenter = 'extension_0123456789abcdef0123456789abcdef_costCenter'
const level = 'extension_0123456789abcdef0123456789abcdef_level'
const stops: (() => Promise<void>)[] = []

afterEach(async () => {
  for (const stop of stops.splice(0)) await stop()
})

/** A directory whose answers to the steps of batches are scripted, and the HTTP requests it made. */
async function scripted(answer: (url: string) => ScriptedAnswer) {
  const server = await startScriptedGraph(({ body }) => {
    const { requests } = body as { requests: readonly Step[] }
    const responses = requests.map(({ id, url }) => ({ id, status: 200, ...answer(url) }))
    return { body: { responses } }
  })
  stops.push(server.stop)
  const directory = createGraphDirectory({
    credential: tokenForTests,
    baseUrl: server.url,
    tenantId,
    now: () => new Date('2026-01-05T12:00:00Z'),
    wait: () => new Promise(() => undefined),
  })
  const batches = () =>
    server.seen.map(({ body }) =>
      (body as { requests: readonly Step[] }).requests.map(({ url }) => url),
    )
  return { directory, batches }
}

const user = {
  id: ann,
  displayName: 'Ann',
  userPrincipalName: 'ann@local',
  accountEnabled: true,
  userType: 'Member',
}
const selectOf = (url: string | undefined) =>
  new URLSearchParams(url?.split('?')[1]).get('$select')?.split(',') ?? []

describe('people on Graph', () => {
  test('are asked for no more than conditions ask of them', async () => {
    const { directory, batches } = await scripted(() => ({ body: user }))

    await directory.lookUp({ people: [ann], groups: [] })
    await directory.lookUp({
      people: [ann],
      groups: [],
      attributes: [
        'userType',
        'department',
        'extensionAttribute3',
        'extensionAttribute4',
        costCenter,
      ],
    })

    const always = ['id', 'displayName', 'userPrincipalName', 'accountEnabled', 'userType']
    expect(batches().map((urls) => urls.map(selectOf))).toEqual([
      [always],
      [[...always, 'department', 'onPremisesExtensionAttributes', costCenter]],
    ])
  })

  test('have the attributes that are texts, numbers or truth values, by the names that were asked', async () => {
    const body = {
      ...user,
      department: 'Engineering',
      city: null,
      jobTitle: '',
      onPremisesExtensionAttributes: { extensionAttribute3: 'B2', extensionAttribute4: null },
      [costCenter]: 4711,
      [level]: true,
      employeeId: ['1'],
    }
    const { directory } = await scripted(() => ({ body }))

    const { people } = await directory.lookUp({
      people: [ann],
      groups: [],
      attributes: [
        ...['department', 'city', 'jobTitle', 'employeeId', 'companyName'],
        ...['extensionAttribute3', 'extensionAttribute4', costCenter, level],
      ],
    })

    expect(people.get(ann)?.attributes).toEqual({
      department: 'Engineering',
      extensionAttribute3: 'B2',
      [costCenter]: '4711',
      [level]: 'true',
    })
  })

  test('are never asked for what no condition can ask about', async () => {
    const { directory, batches } = await scripted(() => ({ body: user }))

    await directory.lookUp({
      people: [ann],
      groups: [],
      attributes: ['id&$expand=manager', 'mobilePhone', '__proto__', 'DEPARTMENT'],
    })

    expect(batches().flat().map(selectOf)).toEqual([
      ['id', 'displayName', 'userPrincipalName', 'accountEnabled', 'userType'],
    ])
  })

  test('keep their other attributes when an extension is defined by nobody any more', async () => {
    const { directory, batches } = await scripted((url) => {
      if (url.endsWith('/checkMemberGroups')) return notFound(group)
      if (url.endsWith('/getMemberGroups')) return { body: { value: [group] } }
      if (selectOf(url).includes(level)) {
        return { status: 400, body: graphError('BadRequest', `Could not find a property ${level}`) }
      }
      return { body: { ...user, department: 'Engineering', [costCenter]: 'A1' } }
    })

    const { people, memberOf } = await directory.lookUp({
      people: [ann],
      groups: [group],
      attributes: ['department', costCenter, level],
    })

    expect(people.get(ann)).toMatchObject({
      displayName: 'Ann',
      attributes: { department: 'Engineering', [costCenter]: 'A1' },
    })
    expect(people.get(ann)?.attributes).not.toHaveProperty(level)
    expect(memberOf.get(ann)).toEqual(new Set([group]))
    expect(batches()).toHaveLength(2)
  })

  test('are not looked for twice when they are unknown', async () => {
    const { directory, batches } = await scripted(() => notFound(ann))

    const facts = await directory.lookUp({
      people: [ann],
      groups: [group],
      attributes: ['department', level],
      managers: true,
    })

    expect(facts.people.size).toBe(0)
    expect(batches()).toHaveLength(1)
  })

  test.each([
    { what: 'a manager', answer: { body: { id: boss.toUpperCase() } }, managerId: boss },
    { what: 'no manager', answer: notFound('manager'), managerId: undefined },
  ])('have $what', async ({ answer, managerId }) => {
    const { directory } = await scripted((url) =>
      url.includes('/manager?') ? answer : { body: user },
    )

    const { people } = await directory.lookUp({ people: [ann], groups: [], managers: true })

    expect(people.get(ann)?.managerId).toBe(managerId)
  })

  test.each([
    { what: 'is refused', answer: { status: 403 } },
    { what: 'is throttled', answer: { status: 429 } },
    { what: 'makes no sense', answer: { body: { value: 'no' } } },
    { what: 'is no answer', answer: { status: 400 } },
  ])('are unknown altogether when the question for a manager $what', async ({ answer }) => {
    const { directory } = await scripted((url) =>
      url.includes('/manager?') ? answer : { body: user },
    )

    const looked = directory.lookUp({ people: [ann], groups: [], managers: true })

    await expect(looked).rejects.toThrow(DirectoryUnavailableError)
  })

  test('are asked about in one HTTP request for any mix of conditions', async () => {
    const { directory, batches } = await scripted((url) =>
      url.endsWith('/checkMemberGroups') ? { body: { value: [] } } : { body: user },
    )
    const flows = Array.from({ length: 40 }, (_, index) =>
      aFlow({
        name: `flow-${index}`,
        requesters: allOf(
          { type: 'user', values: [ann] },
          { type: 'group', values: [`30000000-0000-4000-8000-0000000000${(index % 15) + 10}`] },
          attribute(`extensionAttribute${(index % 15) + 1}`, 'starts-with', 'x'),
          attribute('department', 'contains', 'x'),
        ),
        grantees: anyOf(
          { type: 'manager', values: ['requester'] },
          attribute(costCenter, 'is', 'x'),
        ),
      }),
    )

    await directory.lookUp({
      people: [ann, 'ben@local'],
      resource: { type: 'group', id: group },
      ...factsAsked(flows),
    })

    expect(batches()).toHaveLength(1)
    expect(batches()[0]).toHaveLength(8)
  })

  test('are asked about in two HTTP requests when every question has to be asked again', async () => {
    const { directory, batches } = await scripted((url) => {
      if (url.endsWith('/checkMemberGroups')) return notFound(group)
      if (url.endsWith('/getMemberGroups')) return { body: { value: [] } }
      return selectOf(url).includes(level) ? { status: 400 } : { body: user }
    })

    await directory.lookUp({
      people: [ann, 'ben@local'],
      resource: { type: 'group', id: group },
      groups: [group],
      attributes: ['department', 'extensionAttribute1', costCenter, level],
      managers: true,
    })

    expect(batches()).toHaveLength(2)
  })
})
