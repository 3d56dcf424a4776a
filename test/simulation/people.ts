import type { AccessKey } from '../../shared/access/access.ts'
import type { AccessFlow } from '../../shared/access/flow.ts'
import type { Integration } from '../../shared/access/integration.ts'
import { automatic, team } from '../operations/automatic-in-memory.ts'
import {
  ben,
  flow,
  integration,
  mia,
  petra,
  readers,
  tenantId,
  zoe,
} from '../operations/broker-in-memory.ts'

/** A small world, so that everything meets everything. */
export const idOf: Readonly<Record<string, string>> = {
  mia,
  ben,
  petra,
  zoe,
  readers,
  team,
  writers: '30000000-0000-4000-8000-000000000002',
  approvers: '30000000-0000-4000-8000-000000000003',
}

export function named(name: string): string {
  const id = idOf[name]
  if (id === undefined) throw new Error(`Cannot tell a story about ${name}: nobody is called so`)
  return id
}

export const accessOf = (who: string, resource: string): AccessKey => ({
  tenantId,
  grantee: named(who),
  resource: { type: 'group', id: named(resource) },
  permission: 'member',
})

const approver = (name: string) => ({ type: 'user', id: named(name) }) as const

/** What others take away is told by the first, and added again by the second. */
export const integrations: readonly Integration[] = [
  integration,
  { ...integration, name: 'Guarded', drift: 'enforce' },
  { ...integration, name: 'Scheduled', mechanism: { group: 'pim' } },
  { ...integration, name: 'Leased', mechanism: { group: 'pim' }, endBy: 'entra' },
]

const hour = 3_600_000

/** Members of the team have both groups, an hour at a time. */
export const automaticFlow: AccessFlow = automatic({
  duration: { maximum: 'PT1H' },
  targets: [
    {
      integration: 'ContosoEntra',
      resourceType: 'group',
      permissions: ['member'],
      include: [{ by: 'id', values: [named('readers'), named('writers')] }],
    },
  ],
})

export const automaticMaximum = hour

export const flows: readonly AccessFlow[] = [
  flow({ name: 'oncall', duration: { maximum: 'PT8H' } }),
  flow({
    name: 'guarded',
    duration: { maximum: 'PT8H' },
    targets: [{ integration: 'Guarded', resourceType: 'group', permissions: ['member'] }],
  }),
  // By schedules that the directory ends too: after a margin, and at their very time.
  ...(['Scheduled', 'Leased'] as const).map((name) =>
    flow({
      name: name.toLowerCase(),
      duration: { maximum: 'PT8H' },
      targets: [{ integration: name, resourceType: 'group', permissions: ['member'] }],
    }),
  ),
  flow({ name: 'project', duration: { maximum: 'P90D' } }),
  flow({
    name: 'asked',
    duration: { maximum: 'PT1H' },
    // Mia may decide as well, but never about herself.
    approval: {
      mode: 'any-of',
      steps: [
        { approvers: [approver('petra'), approver('mia')], escalateAfter: 'PT1M' },
        { approvers: [{ type: 'group', id: named('approvers') }] },
      ],
      timeout: 'PT5M',
    },
  }),
]

export const maximumOf: Readonly<Record<string, number>> = {
  oncall: 8 * hour,
  guarded: 8 * hour,
  scheduled: 8 * hour,
  leased: 8 * hour,
  project: 90 * 24 * hour,
  asked: hour,
}
