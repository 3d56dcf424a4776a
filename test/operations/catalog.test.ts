import { describe, expect, test } from 'vitest'
import type { AccessFlow } from '../../shared/access/flow.ts'
import { createReadCatalog } from '../../shared/operations/catalog.ts'
import { createReadConfiguration } from '../../shared/operations/system-stream.ts'
import { ben, brokerInMemory, flow, mia, readers, tenantId } from './broker-in-memory.ts'

const caller = { id: mia, tenantId, kind: 'user', roles: [] } as const
const approval = {
  mode: 'all-of',
  steps: [{ approvers: ['manager', 'resource-owner'] }],
} as const

const catalogOf = async (...flows: readonly AccessFlow[]) => {
  const { needs, directory } = await brokerInMemory(flows)
  const attributes = { department: 'Engineering' }
  directory.addUser({ id: mia, displayName: 'Mia', attributes, managerId: ben })
  const readConfiguration = createReadConfiguration(needs.tables)
  return createReadCatalog(needs, readConfiguration, async () => undefined)(caller, {})
}

describe('the catalogue', () => {
  test('tells of the flow that would be taken: its times, and that it is automatic', async () => {
    const items = await catalogOf(
      flow({ name: 'a-asks', approval, duration: { maximum: 'P7D', default: 'P1D' } }),
      flow({ name: 'b-automatic', duration: { maximum: 'PT4H', default: 'PT1H' } }),
    )

    expect(items).toEqual([
      {
        integration: 'ContosoEntra',
        resource: { type: 'group', id: readers, name: 'Production Readers' },
        permissions: ['member'],
        accessFlows: ['b-automatic', 'a-asks'],
        maximumDuration: 'PT4H',
        defaultDuration: 'PT1H',
        approval: 'automatic',
        hasAccessDetails: false,
      },
    ])
  })

  test('tells how many have to agree, and names no default where the flow has none', async () => {
    const [item] = await catalogOf(
      flow({ name: 'a', approval }),
      flow({
        name: 'b',
        approval: { ...approval, steps: [...approval.steps, ...approval.steps] },
        duration: { maximum: 'P7D', default: 'P1D' },
      }),
    )

    expect(item).toMatchObject({
      accessFlows: ['a', 'b'],
      maximumDuration: 'PT8H',
      approval: 'needed',
      approvalMode: 'all-of',
      necessaryDecisions: 2,
    })
    expect(item).not.toHaveProperty('defaultDuration')
  })

  test.each([
    {
      who: 'whose department fits',
      condition: {
        type: 'attribute',
        attribute: 'department',
        match: 'is',
        values: ['engineering'],
      },
      count: 1,
    },
    {
      who: 'whose department does not fit',
      condition: { type: 'attribute', attribute: 'department', match: 'is', values: ['Sales'] },
      count: 0,
    },
    { who: 'whose manager fits', condition: { type: 'manager', values: [ben] }, count: 1 },
    { who: 'whose manager does not fit', condition: { type: 'manager', values: [mia] }, count: 0 },
  ] as const)('shows a caller $who $count resources', async ({ condition, count }) => {
    const requesters = { operator: 'and', conditions: [condition] } as const

    expect(await catalogOf(flow({ requesters }))).toHaveLength(count)
  })
})
