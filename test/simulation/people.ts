import type { AccessKey } from '../../shared/access/access.ts'
import type { AccessFlow } from '../../shared/access/flow.ts'
import { ben, flow, mia, petra, readers, tenantId, zoe } from '../operations/broker-in-memory.ts'

/** A small world, so that everything meets everything. */
export const idOf: Readonly<Record<string, string>> = {
  mia,
  ben,
  petra,
  zoe,
  readers,
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

export const flows: readonly AccessFlow[] = [
  flow({ name: 'oncall', duration: { maximum: 'PT8H' } }),
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
  oncall: 8 * 3_600_000,
  project: 90 * 86_400_000,
  asked: 3_600_000,
}
