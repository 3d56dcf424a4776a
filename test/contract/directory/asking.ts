import type { AccessKey, Permission, ResourceRef } from '../../../shared/access/access.ts'

interface Asker {
  readonly tenantId: string
  readonly person: string
  now(): Date
}

/** What the contracts ask with: limits of one write after the other, and accesses of one person. */
export function createAsking(asker: () => Asker) {
  let attempts = 0
  return {
    limits: () => ({
      deadline: new Date(asker().now().getTime() + 20_000),
      attemptId: `00000000-0000-4000-8000-${String(++attempts).padStart(12, '0')}`,
    }),
    to: (resource: ResourceRef, permission: Permission): AccessKey => {
      const { tenantId, person } = asker()
      return { tenantId, grantee: person, resource, permission }
    },
  }
}
