/*
 * Over 300 lines on purpose: one test for each way in which a write can come out.
 */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { createGraphDirectory } from '../../shared/directory/graph-directory.ts'
import type { Wait } from '../../shared/directory/graph-reads.ts'
import {
  ann,
  graphError,
  group,
  membership,
  notFound,
  role,
  type Script,
  startScriptedGraph,
  tenantId,
  tokenForTests,
  unit,
  unitRole,
} from './scripted-graph.ts'

const noon = new Date('2026-01-05T12:00:00Z')
const now = () => noon
const limits = { deadline: new Date('2026-01-05T12:00:20Z'), attemptId: 'attempt-1' }
const never: Wait = () => new Promise(() => undefined)
const stops: (() => Promise<void>)[] = []

async function graph(script: Script, wait: Wait = never, credential: object = tokenForTests) {
  const server = await startScriptedGraph(script)
  stops.push(server.stop)
  const directory = createGraphDirectory({
    credential: { ...tokenForTests, ...credential },
    baseUrl: server.url,
    tenantId,
    now,
    wait,
  })
  return { ...server, directory }
}

afterEach(async () => {
  for (const stop of stops.splice(0)) await stop()
})

describe('The directory on Graph, adding', () => {
  test('posts a reference to the person once, with token and attempt id', async () => {
    const { directory, seen } = await graph(() => ({ status: 204 }))

    const outcome = await directory.add(membership, limits)

    expect(outcome).toEqual({ kind: 'done', graphRequestId: 'graph-request-1' })
    expect(seen).toHaveLength(1)
    expect(seen[0]).toMatchObject({
      method: 'POST',
      path: `/groups/${group}/members/$ref`,
      body: { '@odata.id': `https://graph.microsoft.com/v1.0/directoryObjects/${ann}` },
      headers: { authorization: 'Bearer local', 'client-request-id': 'attempt-1' },
    })
  })

  test('adds owners among the owners', async () => {
    const { directory, seen } = await graph(() => ({ status: 204 }))

    await directory.add({ ...membership, permission: 'owner' }, limits)

    expect(seen[0]?.path).toBe(`/groups/${group}/owners/$ref`)
  })

  test('assigns a role at its scope and tells the id of the assignment', async () => {
    const { directory, seen } = await graph(() => ({ status: 201, body: { id: 'assignment-1' } }))

    const outcome = await directory.add(unitRole, limits)

    expect(outcome).toMatchObject({ kind: 'done', assignmentId: 'assignment-1' })
    expect(seen[0]).toMatchObject({
      path: '/roleManagement/directory/roleAssignments',
      body: {
        principalId: ann,
        roleDefinitionId: role,
        directoryScopeId: `/administrativeUnits/${unit}`,
      },
    })
  })

  test.each([429, 503, 504])('never repeats a write answered %i by itself', async (status) => {
    const { directory, seen } = await graph(() => ({ status, headers: { 'retry-after': '0' } }))

    const outcome = await directory.add(membership, limits)

    expect(outcome.kind).toBe(status === 429 ? 'not-applied' : 'ambiguous')
    expect(seen).toHaveLength(1)
  })

  test('does not follow a redirect, which would repeat the write elsewhere', async () => {
    const { directory, seen } = await graph(() => ({ status: 307, headers: { location: '/x' } }))

    const outcome = await directory.add(membership, limits)

    expect(outcome.kind).toBe('ambiguous')
    expect(seen).toHaveLength(1)
  })

  test('takes an HTML page with status 503 for an unclear answer', async () => {
    const { directory } = await graph(() => ({ status: 503, body: '<html>Unavailable</html>' }))

    expect(await directory.add(membership, limits)).toMatchObject({ kind: 'ambiguous' })
  })

  test('is ambiguous when the connection ends without a reply', async () => {
    const { directory } = await graph(() => ({ drop: true }))

    expect(await directory.add(membership, limits)).toMatchObject({ kind: 'ambiguous' })
  })

  test('is aborted at its deadline', async () => {
    let reachDeadline: () => void = () => undefined
    const deadline = new Promise<void>((resolve) => {
      reachDeadline = resolve
    })
    const asked: number[] = []
    const { directory, closed } = await graph(
      () => {
        reachDeadline()
        return { hang: true }
      },
      (milliseconds) => {
        asked.push(milliseconds)
        return deadline
      },
    )

    const outcome = await directory.add(membership, limits)

    expect(outcome.kind).toBe('ambiguous')
    expect(asked).toEqual([20_000])
    await expect.poll(() => closed).toEqual([`/groups/${group}/members/$ref`])
  })

  test('does not start when its deadline is over', async () => {
    const { directory, seen } = await graph(() => ({ status: 204 }))

    const outcome = await directory.add(membership, { ...limits, deadline: noon })

    expect(outcome.kind).toBe('not-applied')
    expect(seen).toEqual([])
  })

  test('has certainly not happened when nothing listens', async () => {
    const placeholder = createServer()
    await new Promise<void>((resolve) => placeholder.listen(0, '127.0.0.1', resolve))
    const { port } = placeholder.address() as AddressInfo
    await new Promise((resolve) => placeholder.close(resolve))
    const directory = createGraphDirectory({
      credential: tokenForTests,
      baseUrl: `http://127.0.0.1:${port}`,
      tenantId,
      now,
      wait: never,
    })

    expect(await directory.add(membership, limits)).toMatchObject({ kind: 'not-applied' })
  })

  test.each([
    { name: 'fails', getToken: () => Promise.reject(new Error('no identity here')) },
    { name: 'gives none', getToken: async () => null },
  ])('has certainly not happened when the credential $name', async ({ getToken }) => {
    const { directory, seen } = await graph(() => ({ status: 204 }), never, { getToken })

    expect(await directory.add(membership, limits)).toMatchObject({ kind: 'not-applied' })
    expect(seen).toEqual([])
  })

  test('has certainly not happened when no token came until the deadline', async () => {
    const getToken = () => new Promise(() => undefined)
    const { directory, seen } = await graph(
      () => ({ status: 204 }),
      async () => undefined,
      { getToken },
    )

    expect(await directory.add(membership, limits)).toMatchObject({ kind: 'not-applied' })
    expect(seen).toEqual([])
  })

  test('asks for another token after one was refused', async () => {
    let forgotten = 0
    const { directory } = await graph(() => ({ status: 401 }), never, {
      forget: () => {
        forgotten += 1
      },
    })

    expect(await directory.add(membership, limits)).toMatchObject({ kind: 'not-applied' })
    expect(forgotten).toBe(1)
  })

  test.each([
    { ...membership, tenantId: '90000000-0000-0000-0000-000000000000' },
    { ...membership, grantee: '..' },
    { ...membership, resource: { type: 'group' as const, id: 'x' } },
    { ...membership, permission: 'active' as const },
    { ...unitRole, permission: 'member' as const },
    { ...unitRole, resource: { ...unitRole.resource, scope: '/anything' } },
  ])('refuses what no address may be made of', async (access) => {
    const { directory, seen } = await graph(() => ({ status: 204 }))

    expect(await directory.add(access, limits)).toMatchObject({ reason: 'invalid' })
    expect(await directory.remove(access, limits)).toMatchObject({ reason: 'invalid' })
    expect(seen).toEqual([])
  })
})

describe('The directory on Graph, removing', () => {
  test('deletes the link, never the person', async () => {
    const { directory, seen } = await graph(() => ({ status: 204 }))

    const outcome = await directory.remove(membership, limits)

    expect(outcome).toEqual({ kind: 'done', graphRequestId: 'graph-request-1' })
    expect(seen).toMatchObject([{ method: 'DELETE', path: `/groups/${group}/members/${ann}/$ref` }])
  })

  test('says that the person is gone only after asking for the person', async () => {
    const { directory, seen } = await graph(() => notFound(ann))

    const outcome = await directory.remove(membership, limits)

    expect(outcome).toMatchObject({ kind: 'already', missing: 'grantee' })
    expect(seen.map(({ method }) => method)).toEqual(['DELETE', 'GET'])
  })

  test.each([
    { answer: { status: 200, body: { id: ann } }, what: 'is there' },
    { answer: { status: 503 }, what: 'cannot be asked for' },
    { answer: { drop: true }, what: 'cannot be asked for, for want of a reply' },
  ])('says only that it was not there when the person $what', async ({ answer }) => {
    const { directory } = await graph(({ method }) => (method === 'GET' ? answer : notFound(ann)))

    const outcome = await directory.remove(membership, limits)

    expect(outcome).toEqual({ kind: 'already', graphRequestId: 'graph-request-1' })
  })

  test('tells that the group is gone', async () => {
    const { directory, seen } = await graph(() => notFound(group))

    expect(await directory.remove(membership, limits)).toMatchObject({ missing: 'resource' })
    expect(seen).toHaveLength(1)
  })

  test('deletes the role assignment whose id is known', async () => {
    const { directory, seen } = await graph(() => ({ status: 204 }))

    await directory.remove(unitRole, limits, 'assignment-1')

    expect(seen).toMatchObject([
      { method: 'DELETE', path: '/roleManagement/directory/roleAssignments/assignment-1' },
    ])
  })

  test('finds the one assignment of just this person, role and scope', async () => {
    const other = { principalId: ann, roleDefinitionId: role, directoryScopeId: '/' }
    const value = [
      { ...other, id: 'tenant-wide' },
      { ...other, id: 'whole-other', directoryScopeId: `/administrativeUnits/${ann}` },
      {
        ...other,
        id: 'theirs',
        principalId: group,
        directoryScopeId: `/administrativeUnits/${unit}`,
      },
      { ...other, id: 'ours', directoryScopeId: `/administrativeUnits/${unit}` },
    ]
    const { directory, seen } = await graph(({ method }) =>
      method === 'GET' ? { body: { value } } : { status: 204 },
    )

    const outcome = await directory.remove(unitRole, limits)

    expect(outcome.kind).toBe('done')
    expect(seen.at(-1)?.path).toBe('/roleManagement/directory/roleAssignments/ours')
  })

  test('removes nothing when there is only another assignment', async () => {
    const value = [
      { id: 'tenant-wide', principalId: ann, roleDefinitionId: role, directoryScopeId: '/' },
    ]
    const { directory, seen } = await graph(() => ({ body: { value } }))

    expect(await directory.remove(unitRole, limits)).toEqual({ kind: 'already' })
    expect(seen.map(({ method }) => method)).toEqual(['GET'])
  })

  test('has certainly not happened when the assignment could not be looked for', async () => {
    const { directory, seen } = await graph(() => ({
      status: 429,
      headers: { 'retry-after': '60' },
      body: graphError('TooManyRequests', 'Please retry again later.'),
    }))

    const outcome = await directory.remove(unitRole, limits)

    expect(outcome).toMatchObject({ kind: 'not-applied', retryAfterSeconds: 60 })
    expect(seen.map(({ method }) => method)).toEqual(['GET'])
  })
})

describe('The directory on Graph, telling of its limits', () => {
  test('tells the governor of writes how long to pause and how much is used', async () => {
    const answers = [
      { status: 429, headers: { 'retry-after': '12' } },
      { status: 204, headers: { 'x-ms-throttle-limit-percentage': '0.9' } },
      { status: 204 },
    ]
    const server = await startScriptedGraph(() => answers.shift() ?? {})
    stops.push(server.stop)
    const told: [string, number][] = []
    const directory = createGraphDirectory({
      credential: tokenForTests,
      baseUrl: server.url,
      tenantId,
      now,
      wait: never,
      governor: {
        takeTurn: async () => ({ kind: 'later', retryAfterSeconds: 3 }),
        pause: (seconds) => void told.push(['pause', seconds]),
        heed: (share) => void told.push(['heed', share]),
      },
    })

    for (let each = 0; each < 3; each++) await directory.add(membership, limits)

    expect(told).toEqual([
      ['pause', 12],
      ['heed', 0.9],
    ])
    expect(await directory.takeTurn('add')).toEqual({ kind: 'later', retryAfterSeconds: 3 })
  })
})
