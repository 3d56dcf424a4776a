import { readFile } from 'node:fs/promises'
import { describe, expect, test } from 'vitest'
import type { AccessFlow } from '../../shared/access/flow.ts'
import type { ConfigSet } from '../../shared/config/config-set.ts'
import { lintCodes } from '../../shared/operations/config-lint.ts'
import { planConfig } from '../../shared/operations/config-plan.ts'
import { createReadResources } from '../../shared/operations/read-resources.ts'
import {
  ben,
  brokerInMemory,
  flow,
  type InMemory,
  integration,
  mia,
  readers,
} from './broker-in-memory.ts'

const eve = '20000000-0000-4000-8000-0000000000e1'
const engineers = '30000000-0000-4000-8000-0000000000e1'
const nobodys = '30000000-0000-4000-8000-0000000000e2'
const writers = '30000000-0000-4000-8000-0000000000e3'
const unknown = '30000000-0000-4000-8000-0000000000ff'

const users = (...values: readonly string[]) =>
  ({ operator: 'or', conditions: [{ type: 'user', values }] }) as const
const inGroup = (...values: readonly string[]) =>
  ({ operator: 'or', conditions: [{ type: 'group', values }] }) as const
const approvedBy = (...ids: readonly string[]): Pick<AccessFlow, 'approval'> => ({
  approval: {
    mode: 'any-of',
    steps: [{ approvers: ids.map((id) => ({ type: 'group', id }) as const) }],
  },
})
const only = (id: string): Pick<AccessFlow, 'targets'> => ({
  targets: [
    {
      integration: 'ContosoEntra',
      resourceType: 'group',
      permissions: ['member'],
      include: [{ by: 'id', values: [id] }],
    },
  ],
})

async function company(flows: readonly AccessFlow[]): Promise<InMemory> {
  const broker = await brokerInMemory(flows)
  const { directory } = broker
  directory.addUser({ id: eve, displayName: 'Eve', enabled: false })
  directory.addGroup({ id: engineers, name: 'Engineers', members: [mia, ben, eve] })
  directory.addGroup({ id: nobodys, name: 'Nobodys', members: [eve] })
  directory.addGroup({ id: writers, name: 'Production Writers' })
  return broker
}

async function planned(before: readonly AccessFlow[], set: ConfigSet) {
  const broker = await company(before)
  return planOf(broker, set)
}

async function planOf({ needs, readConfiguration }: InMemory, set: ConfigSet) {
  const plan = await planConfig(needs, readConfiguration, createReadResources(needs.tables), set)
  if (plan.kind === 'refused') throw new Error(`Cannot plan: ${plan.detail}`)
  return plan
}

const peopleOf = async (before: readonly AccessFlow[], ...after: readonly AccessFlow[]) => {
  const { people } = await planned(before, { accessFlows: after })
  const { mayNewly, mayNoLonger, skipApproval, longer } = people
  return { mayNewly, mayNoLonger, skipApproval, longer }
}

const nobody = { mayNewly: [], mayNoLonger: [], skipApproval: [], longer: [] }

describe('a plan names people', () => {
  // biome-ignore format: a table
  test.each<[string, readonly AccessFlow[], readonly AccessFlow[], object]>([
    ['who may newly ask, by the members of a group', [flow({ requesters: users(mia) })], [flow({ requesters: inGroup(engineers) })], { mayNewly: [ben] }],
    ['who may no longer ask', [flow()], [flow({ requesters: users(mia) })], { mayNoLonger: [ben] }],
    ['whom a denial stops', [flow()], [flow({ name: 'no', effect: 'deny', duration: undefined, requesters: users(ben) })], { mayNoLonger: [ben] }],
    ['whom a flow that is switched off stops', [flow()], [flow({ active: false })], { mayNoLonger: [mia, ben] }],
    ['who skips approval now', [flow(approvedBy(engineers))], [flow()], { skipApproval: [mia, ben] }],
    ['nobody where another way without approval was there before', [flow(approvedBy(engineers)), flow({ name: 'easy' })], [flow()], {}],
    ['nobody where approval is added', [flow()], [flow(approvedBy(engineers))], {}],
    ['who may have it longer', [flow()], [flow({ duration: { maximum: 'P1D' }, requesters: users(mia) })], { mayNoLonger: [ben], longer: [mia] }],
    ['who gets something and loses something else', [flow({ ...only(readers), requesters: users(mia) })], [flow({ ...only(writers), requesters: users(mia) })], { mayNewly: [mia], mayNoLonger: [mia] }],
    ['nobody where another flow gives the same', [flow()], [flow({ name: 'same' })], {}],
    ['nobody where nothing changes', [flow()], [flow({ intake: ['http', 'service-bus'], active: true })], {}],
  ])('%s', async (_what, before, after, expected) => {
    expect(await peopleOf(before, ...after)).toEqual({ ...nobody, ...expected })
  })

  test('when an integration is what changes', async () => {
    const narrower = { ...integration, exclude: [{ by: 'id', values: [readers] }] } as const
    const { people } = await planned([flow(only(readers))], { integrations: [narrower] })

    expect(people.mayNoLonger).toEqual([mia, ben])
  })

  test('when everything is deleted', async () => {
    const { people, changes } = await planned([flow()], { prune: true })

    expect(changes.map(({ action }) => action)).toEqual(['delete', 'delete'])
    expect(people.mayNoLonger).toEqual([mia, ben])
  })

  test('up to a hundred a list, with the count of all of them', async () => {
    const broker = await company([flow()])
    const many = Array.from(
      { length: 130 },
      (_, n) => `21000000-0000-4000-8000-${String(n).padStart(12, '0')}`,
    )
    for (const id of many) broker.directory.addUser({ id })
    const { people } = await planOf(broker, { accessFlows: [flow({ requesters: users(...many) })] })

    expect(people.mayNewly).toEqual(many.slice(0, 100))
    expect(people.counts).toMatchObject({ mayNewly: 130, mayNoLonger: 2 })
    expect(people.complete).toBe(true)
  })

  test('and says so when it cannot name everybody', async () => {
    const others = {
      operator: 'or',
      conditions: [{ type: 'user', match: 'is-not', values: [mia] }],
    } as const
    const { people } = await planned([flow()], { accessFlows: [flow({ requesters: others })] })

    expect(people).toMatchObject({
      complete: false,
      gaps: ['"oncall" describes people without naming them.'],
      mayNoLonger: [mia],
    })
  })

  test('without gaps where one of several conditions names them', async () => {
    const both = {
      operator: 'and',
      conditions: [
        { type: 'user', match: 'is-not', values: [mia] },
        { type: 'group', values: [engineers] },
      ],
    } as const
    const { people } = await planned([flow({ requesters: users(mia) })], {
      accessFlows: [flow({ requesters: both })],
    })

    expect(people).toMatchObject({ complete: true, mayNewly: [ben], mayNoLonger: [mia] })
  })

  test('and answers all the same while the directory is away', async () => {
    const broker = await company([flow()])
    broker.directory.setFault({ effect: 'unavailable', on: ['lookUp', 'findPeople', 'list'] })
    const plan = await planOf(broker, { accessFlows: [flow({ requesters: users(mia) })] })

    expect(plan.changes).toMatchObject([{ name: 'oncall', action: 'update' }])
    expect(plan.people).toMatchObject({ complete: false, gaps: ['The directory did not answer.'] })
    expect(plan.lint).toContainEqual(expect.objectContaining({ code: 'not-checked' }))
  })
})

describe('a plan warns', () => {
  const owned = { ...integration, owner: { attribute: 'user', values: [mia] } } as const
  const target = (over: object): Pick<AccessFlow, 'targets'> => ({
    targets: [
      { integration: 'ContosoEntra', resourceType: 'group', permissions: ['member'], ...over },
    ],
  })
  const none = { include: [{ by: 'name', values: ['Nothing *'] }] }
  const asks = { mode: 'any-of', steps: [{ approvers: ['integration-owner'] }] } as const

  // biome-ignore format: a table
  test.each<[string, ConfigSet, string, string]>([
    ['of a target whose integration does not exist', { accessFlows: [flow(target({ integration: 'Nowhere' }))] }, 'unknown-integration error', '/accessFlows/0/targets/0/integration'],
    ['of a flow whose integration the set takes away', { accessFlows: [flow()], prune: true }, 'unknown-integration error', '/accessFlows/0/targets/0/integration'],
    ['of a flow that is switched off', { accessFlows: [flow({ active: false })] }, 'inactive-flow info', '/accessFlows/0/active'],
    ['of a flow that another one leaves nothing to', { accessFlows: [flow({ name: 'zebra', duration: { maximum: 'PT1H' } })] }, 'shadowed-flow warning', '/accessFlows/0'],
    ['of a flow that a denial leaves nothing to', { accessFlows: [flow(), flow({ name: 'no', effect: 'deny', duration: undefined })] }, 'shadowed-flow warning', '/accessFlows/0'],
    ['of a day and more without approval', { accessFlows: [flow({ duration: { maximum: 'P1DT1S' } })] }, 'long-without-approval warning', '/accessFlows/0/duration/maximum'],
    ['of an approver without an owner behind him', { accessFlows: [flow({ approval: asks })] }, 'owner-missing warning', '/accessFlows/0/approval/steps/0/approvers/0'],
    ['of a target that matches nothing', { accessFlows: [flow(target(none))] }, 'target-matches-nothing warning', '/accessFlows/0/targets/0'],
    ['of a target of a type that the integration lacks', { accessFlows: [flow(target({ resourceType: 'directory-role' }))] }, 'target-matches-nothing warning', '/accessFlows/0/targets/0/resourceType'],
    ['of a denial that matches nothing', { accessFlows: [flow({ ...target(none), effect: 'deny', duration: undefined })] }, 'deny-matches-nothing warning', '/accessFlows/0/targets/0'],
    ['of an approver group in which nobody can decide', { accessFlows: [flow(approvedBy(engineers, nobodys))] }, 'empty-approver-group warning', '/accessFlows/0/approval/steps/0/approvers/1'],
    ['of an approver group that does not exist', { accessFlows: [flow(approvedBy(unknown))] }, 'unknown-group warning', '/accessFlows/0'],
    ['of a group of requesters that does not exist', { accessFlows: [flow({ requesters: inGroup(unknown) })] }, 'unknown-group warning', '/accessFlows/0'],
    ['of a bundle with a resource that the directory lacks', { bundles: [{ name: 'start', resources: [{ resource: { type: 'group', id: unknown } }] }] }, 'unknown-resource warning', '/bundles/0/resources/0/resource'],
    ['of a bundle whose integration does not exist', { bundles: [{ name: 'start', resources: [{ integration: 'Nowhere', resource: { type: 'group', id: readers } }] }] }, 'unknown-integration error', '/bundles/0/resources/0/integration'],
    ['of an integration that no flow is about', { integrations: [{ name: 'Other', resourceTypes: ['group'] }] }, 'unused-integration info', '/integrations/0'],
  ])('%s', async (_what, set, expected, pointer) => {
    const { lint } = await planned([flow()], set)

    expect(lint.map((each) => `${each.code} ${each.severity} ${each.pointer}`)).toContain(
      `${expected} ${pointer}`,
    )
  })

  test.each<[string, ConfigSet]>([
    ['plain sets', { integrations: [integration], accessFlows: [flow()] }],
    [
      'bundles of what is there',
      { bundles: [{ name: 'start', resources: [{ resource: { type: 'group', id: readers } }] }] },
    ],
    [
      'flows that differ in what they ask for',
      { accessFlows: [flow(), flow({ name: 'zebra', requesters: users(eve) })] },
    ],
    [
      'easier flows beside stricter ones for longer',
      { accessFlows: [flow({ ...approvedBy(engineers), duration: { maximum: 'P7D' } })] },
    ],
    [
      'owners where there are some',
      { integrations: [owned], accessFlows: [flow({ approval: asks })] },
    ],
  ])('of nothing in %s', async (_what, set) => {
    expect((await planned([flow()], set)).lint).toEqual([])
  })
})

describe('a plan', () => {
  test('has another id for another set and for another configuration', async () => {
    const broker = await company([flow()])
    const other = await company([flow({ description: 'On call' })])
    const set = { accessFlows: [flow({ name: 'night' })] }

    const ids = [
      await planOf(broker, set),
      await planOf(broker, set),
      await planOf(broker, { ...set, prune: true }),
      await planOf(other, set),
    ].map(({ planId }) => planId)

    expect(ids[0]).toBe(ids[1])
    expect(new Set(ids).size).toBe(3)
  })

  test('tells a list that grew as a whole, and a changed entry by its place', async () => {
    const { changes } = await planned([flow()], {
      accessFlows: [
        flow({
          requesters: users(mia, ben, eve),
          targets: [{ ...only(readers).targets[0], integration: 'ContosoEntra' } as never],
        }),
      ],
    })

    expect(changes[0]?.fields).toEqual([
      {
        pointer: '/requesters/conditions/0/values',
        before: [mia, ben],
        after: [mia, ben, eve],
      },
      { pointer: '/targets/0/include', after: [{ by: 'id', values: [readers] }] },
    ])
  })
})

describe('the lint', () => {
  test('is explained, code by code', async () => {
    const page = await readFile(new URL('../../docs/config-as-code.md', import.meta.url), 'utf8')
    const explained = [...page.matchAll(/^\| `([a-z-]+)` +\|/gm)].map(([, code]) => code)

    expect(explained.sort()).toEqual([...lintCodes].sort())
  })
})
