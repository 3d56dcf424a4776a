import { describe, expect, test } from 'vitest'
import type { Integration } from '../../shared/access/integration.ts'
import type { MemoryPim } from '../../shared/directory/memory-tenant.ts'
import { planConfig } from '../../shared/operations/config-plan.ts'
import { createReadResources } from '../../shared/operations/read-resources.ts'
import { brokerInMemory, flow, integration } from './broker-in-memory.ts'

const hour = 3_600_000
const byPim = { mechanism: { group: 'pim' } } as const

const lint = async (over: Partial<Integration>, pim: Partial<MemoryPim>, groups = 1) => {
  const broker = await brokerInMemory([])
  for (let made = 1; made < groups; made++) {
    const id = `31000000-0000-4000-8000-${String(made).padStart(12, '0')}`
    broker.directory.addGroup({ id, name: `Group ${made}` })
  }
  broker.directory.setPim(pim)
  const set = { integrations: [{ ...integration, ...over }], accessFlows: [flow()] }
  const readResources = createReadResources(broker.needs.tables)
  const plan = await planConfig(broker.needs, broker.readConfiguration, readResources, set)
  if (plan.kind === 'refused') throw new Error(`Cannot plan: ${plan.detail}`)
  return plan.lint.filter(({ code }) => code === 'beyond-pim-policy' || code === 'not-checked')
}

describe('a plan of a flow of eight hours by PIM', () => {
  test('warns where the policy of a resource allows less than window and margin', async () => {
    expect(await lint(byPim, { longestMilliseconds: 8 * hour })).toEqual([
      {
        code: 'beyond-pim-policy',
        severity: 'warning',
        pointer: '/accessFlows/0/duration/maximum',
        detail:
          'The PIM policy of "Production Readers" allows at most 480 minutes, and a schedule for the longest window takes 490.',
      },
    ])
  })

  test.each<[what: string, over: Partial<Integration>, longest: number]>([
    ['the policy allows it', byPim, 9 * hour],
    ['Entra ends it, so that it needs no margin', { ...byPim, endBy: 'entra' }, 8 * hour],
    ['access is given plainly', {}, hour],
    ['only roles are given by PIM', { mechanism: { 'directory-role': 'pim' } }, hour],
  ])('says nothing where %s', async (_, over, longestMilliseconds) => {
    expect(await lint(over, { longestMilliseconds })).toEqual([])
  })

  test('says what it could not look at', async () => {
    const [unlicensed] = await lint(byPim, { isLicensed: false })
    const tooMany = await lint(byPim, { longestMilliseconds: 9 * hour }, 30)

    expect(unlicensed).toMatchObject({
      code: 'not-checked',
      detail: expect.stringContaining('no licence for Privileged Identity Management'),
    })
    expect(tooMany).toMatchObject([
      { code: 'not-checked', detail: expect.stringContaining('More than 20 PIM policies') },
    ])
  })
})
