import { afterEach, describe, expect, test } from 'vitest'
import { DirectoryUnavailableError } from '../../shared/access/errors.ts'
import type { GroupChanges } from '../../shared/directory/directory.ts'
import { createGraphDirectory } from '../../shared/directory/graph-directory.ts'
import {
  ann,
  graphError,
  group,
  role,
  type Script,
  startScriptedGraph,
  tenantId,
  tokenForTests,
  unit,
} from './scripted-graph.ts'

const stops: (() => Promise<void>)[] = []

afterEach(async () => {
  for (const stop of stops.splice(0)) await stop()
})

const costCentre = 'extension_00000000000000000000000000000001_costCentre'
const level = 'extension_00000000000000000000000000000001_level'
const deltaLink = 'https://graph.microsoft.com/v1.0/groups/delta?$deltatoken=later'

async function graph(script: Script) {
  const server = await startScriptedGraph(script)
  stops.push(server.stop)
  const directory = createGraphDirectory({
    credential: tokenForTests,
    baseUrl: server.url,
    tenantId,
    now: () => new Date('2026-01-05T12:00:00Z'),
    wait: () => new Promise(() => undefined),
  })
  return { ...server, directory }
}

const answering = (value: readonly object[], more: object = { '@odata.deltaLink': deltaLink }) =>
  graph(() => ({ body: { value, ...more } }))

describe('readGroupChanges() on Graph', () => {
  test('asks at first for everything that decides, the owners and the named attributes', async () => {
    const { directory, seen } = await answering([])

    await directory.readGroupChanges(undefined, [costCentre, 'not an attribute', level])

    const [asked] = seen
    expect(asked?.path).toBe(
      `/groups/delta?$select=id,displayName,description,mailEnabled,securityEnabled,groupTypes,isAssignableToRole,isManagementRestricted,onPremisesSyncEnabled,${costCentre},${level},owners`,
    )
  })

  test('follows its tokens to the next page and to later changes', async () => {
    const pages: Readonly<Record<string, object>> = {
      'skiptoken=2': { '@odata.deltaLink': deltaLink },
      'deltatoken=later': { '@odata.deltaLink': `${deltaLink}-still` },
    }
    const { directory, seen } = await graph(({ path }) => {
      const [, page] = Object.entries(pages).find(([token]) => path.includes(token)) ?? []
      const first = {
        '@odata.nextLink': 'https://graph.microsoft.com/v1.0/groups/delta?$skiptoken=2',
      }
      return { body: { value: [], ...(page ?? first) } }
    })

    const first = await directory.readGroupChanges(undefined, [])
    const second = await directory.readGroupChanges(tokenOf(first), [])
    const later = await directory.readGroupChanges(tokenOf(second), [])

    expect([first, second, later].map((page) => page.kind === 'page' && page.isLast)).toEqual([
      false,
      true,
      true,
    ])
    expect(seen.map(({ path }) => path).slice(1)).toEqual([
      '/groups/delta?$skiptoken=2',
      '/groups/delta?$deltatoken=later',
    ])
  })

  test.each(['@odata.nextLink', '@odata.deltaLink'])(
    'does not take an %s that leads to another host',
    async (name) => {
      const { directory } = await answering([], {
        [name]: 'https://evil.example/v1.0/groups/delta?$deltatoken=x',
      })

      await expect(directory.readGroupChanges(undefined, [])).rejects.toThrow(
        DirectoryUnavailableError,
      )
    },
  )

  test('reads only what was told, so that the rest can stay as it was', async () => {
    const { directory } = await answering([
      { id: group.toUpperCase(), displayName: 'Readers', description: null },
      {
        id: unit,
        mailEnabled: null,
        isAssignableToRole: true,
        [costCentre]: 4711,
        [level]: null,
        'owners@delta': [{ id: ann }, { id: role, '@removed': { reason: 'deleted' } }],
      },
      { id: role, '@removed': { reason: 'changed' } },
    ])

    const page = await directory.readGroupChanges(undefined, [costCentre, level])

    const nothing = { added: [], removed: [] }
    expect(page).toMatchObject({
      changes: [
        {
          id: group,
          isGone: false,
          facts: { name: 'Readers', description: '' },
          attributes: {},
          owners: nothing,
        },
        {
          id: unit,
          isGone: false,
          facts: { mailEnabled: false, isAssignableToRole: true },
          attributes: { [costCentre]: '4711', [level]: null },
          owners: { added: [ann], removed: [role] },
        },
        { id: role, isGone: true },
      ],
    })
  })

  test('takes an attribute with several values for none', async () => {
    const { directory } = await answering([{ id: group, [costCentre]: ['1', '2'] }])

    const page = await directory.readGroupChanges(undefined, [costCentre])

    expect(page).toMatchObject({ changes: [{ attributes: { [costCentre]: null } }] })
  })

  test.each([
    { status: 410, code: 'syncStateNotFound' },
    { status: 400, code: 'Directory_ExpiredPageToken' },
  ])('says that a token is expired when Graph answers $status', async ({ status, code }) => {
    const { directory } = await graph(() => ({ status, body: graphError(code, 'Gone.') }))

    expect(await directory.readGroupChanges('/groups/delta?$deltatoken=old', [])).toEqual({
      kind: 'expired',
    })
  })

  test('asks Graph for nothing by a token that is none of its own', async () => {
    const { directory, seen } = await answering([])

    expect(await directory.readGroupChanges('/users?$top=1', [])).toEqual({ kind: 'expired' })
    expect(seen).toEqual([])
  })

  test('says so when Graph knows no such attributes, and fails for any other refusal', async () => {
    const { directory } = await graph(() => ({
      status: 400,
      body: graphError('BadRequest', 'Could not find a property named …'),
    }))

    expect(await directory.readGroupChanges(undefined, [level])).toEqual({
      kind: 'attributes-refused',
    })
    await expect(directory.readGroupChanges(undefined, [])).rejects.toThrow(
      DirectoryUnavailableError,
    )
  })
})

describe('listRoles() on Graph', () => {
  test('tells what a role allows, and that it cannot be read where it is not told', async () => {
    const { directory } = await answering(
      [
        {
          id: role.toUpperCase(),
          displayName: 'Own',
          description: null,
          isBuiltIn: false,
          isEnabled: true,
          rolePermissions: [{ allowedResourceActions: ['a/b'] }, { allowedResourceActions: ['c'] }],
        },
        { id: unit, displayName: 'Silent', isBuiltIn: false },
      ],
      {},
    )

    const pages = []
    for await (const page of directory.listRoles()) pages.push(page)

    expect(pages).toEqual([
      [
        {
          id: role,
          name: 'Own',
          description: '',
          isBuiltIn: false,
          isEnabled: true,
          actions: ['a/b', 'c'],
        },
        { id: unit, name: 'Silent', description: '', isBuiltIn: false, isEnabled: true },
      ],
    ])
  })
})

function tokenOf(page: GroupChanges): string {
  if (page.kind !== 'page') throw new Error(`Cannot read on: ${page.kind}`)
  return page.token
}
