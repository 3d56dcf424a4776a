import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { flow, readers } from '../operations/broker-in-memory.ts'
import { type Api, startApi } from './start-api.ts'

const role = '32000000-0000-4000-8000-000000000001'
const unit = '33000000-0000-4000-8000-00000000000a'
const unknown = '3fffffff-0000-4000-8000-000000000001'

let api: Api

beforeAll(async () => {
  const roles = { integration: 'Roles', resourceType: 'directory-role', permissions: ['active'] }
  const groups = { integration: 'ContosoEntra', resourceType: 'group', permissions: ['member'] }
  api = await startApi({ flows: [] })
  api.directory.addRole({ id: role, name: 'Helpdesk Administrator' })
  api.directory.addUnit({ id: unit, name: 'Munich' })
  const body = { resourceTypes: ['directory-role'] }
  await api.call('ada', 'PUT', '/integrations/Roles', { body })
  const oncall = flow({ targets: [groups, roles] } as object)
  await api.call('ada', 'PUT', `/access-flows/${oncall.name}`, { body: oncall })
})
afterAll(() => api.stop())

const post = (resource: object, more: object = {}) =>
  api.call('mia', 'POST', '/requests', { body: { resource, duration: 'PT1H', ...more } })

describe('a resource', () => {
  test.each([
    ['a group', { type: 'group', id: unknown }],
    ['a group by the id of a role', { type: 'group', id: role }],
    ['a role', { type: 'directory-role', id: unknown }],
    ['a role by the id of a group', { type: 'directory-role', id: readers }],
    ['a scope', { type: 'directory-role', id: role, scope: `/administrativeUnits/${unknown}` }],
  ])('that the directory does not know, %s, is answered 404', async (_what, resource) => {
    const { status, body } = await post(resource)
    expect(status).toBe(404)
    expect(body.type).toBe('/problems/no-such-resource')
  })

  test.each([
    ['without slash', 'administrativeUnits/x'],
    ['of another kind', `/groups/${unit}`],
    ['with more behind it', `/administrativeUnits/${unit}/members`],
    ['that climbs', '/administrativeUnits/../..'],
  ])('with a scope %s is refused', async (_what, scope) => {
    const { status, body } = await post({ type: 'directory-role', id: role, scope })
    expect(status).toBe(400)
    expect(body.errors[0].pointer).toBe('/resource/scope')
  })

  test('is one and the same in whatever case its ids are written', async () => {
    const asked = await post({
      type: 'directory-role',
      id: role.toUpperCase(),
      scope: `/AdministrativeUnits/${unit.toUpperCase()}`,
    })
    expect(asked.status).toBe(202)
    const again = await post({
      type: 'directory-role',
      id: role,
      scope: `/administrativeUnits/${unit}`,
    })
    expect(again.body.id.slice(0, 26)).toBe(asked.body.id.slice(0, 26))
    expect(asked.body.resource).toEqual({
      type: 'directory-role',
      id: role,
      scope: `/administrativeUnits/${unit}`,
      name: 'Helpdesk Administrator (Munich)',
    })
  })

  test('without a scope is a role in the whole tenant', async () => {
    expect((await post({ type: 'directory-role', id: role })).body.resource.scope).toBe('/')
  })

  test.each([
    ['dynamic', 'Its members follow a rule, so nobody can be added or removed.'],
    ['synchronised', 'It is managed in the on-premises directory that it is synchronised from.'],
    [
      'mail-enabled',
      'It is a distribution list or mail-enabled security group, managed in Exchange.',
    ],
    ['restricted-unit', 'It is in a restricted administrative unit, out of reach of the broker.'],
    ['role-assignable', 'Directory roles can be assigned to it, so its members are privileged.'],
  ] as const)(
    'that cannot be managed (%s) is answered 422 with the reason',
    async (unmanageable, detail) => {
      const id = api.newGroup({ unmanageable })
      const { status, body } = await post({ type: 'group', id })
      expect(status).toBe(422)
      expect(body).toMatchObject({ type: `/problems/${unmanageable}`, detail })
      expect(body.trace).not.toEqual([])
      expect(api.directory.writes.filter(({ access }) => access.resource.id === id)).toEqual([])
    },
  )

  test('that cannot be managed stays unknown to those whom no flow lets ask', async () => {
    const resource = { type: 'group', id: api.newGroup({ unmanageable: 'dynamic' }) }
    const body = { resource, duration: 'PT1H' }
    expect((await api.call('sam', 'POST', '/requests', { body })).status).toBe(403)
  })
})

describe('a person', () => {
  test('whom the directory does not know is answered 404', async () => {
    const { status, body } = await post({ type: 'group', id: readers }, { requestFor: unknown })
    expect(status).toBe(404)
    expect(body.type).toBe('/problems/grantee-unknown')
  })

  test('whose account is disabled gets nothing', async () => {
    api.directory.addUser({ id: unknown, enabled: false })
    const { status, body } = await post({ type: 'group', id: readers }, { requestFor: unknown })
    expect(status).toBe(403)
    expect(body.type).toBe('/problems/grantee-disabled')
  })
})

describe('a request', () => {
  test('for what no flow covers is refused with the trace of every flow', async () => {
    const { status, body } = await post({ type: 'group', id: readers }, { permission: 'owner' })
    expect(status).toBe(403)
    expect(body.type).toBe('/problems/no-flow')
    expect(body.trace[1]).toEqual({
      flow: 'oncall',
      rule: 'target',
      verdict: 'fail',
      detail: 'No target covers the group "Production Readers" for "owner".',
    })
  })

  test('that names a flow or an integration that there is none of is refused', async () => {
    for (const more of [{ accessFlow: 'nightly' }, { integration: 'Elsewhere' }]) {
      expect((await post({ type: 'group', id: readers }, more)).status).toBe(403)
    }
  })
})
