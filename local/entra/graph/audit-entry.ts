import { randomUUID } from 'node:crypto'
import type { Change } from '../collections.ts'
import type { GraphCall } from './graph-call.ts'

interface Entry {
  readonly activity: string
  readonly category: string
  readonly operation: 'Assign' | 'Unassign' | 'Update' | 'Delete' | 'Add'
  readonly target: string
  /** Name and new value of what the entry is about, such as `Group.ObjectID`. */
  readonly about?: readonly [name: string, value: string]
  /** The service that wrote it, if it is not the directory itself. */
  readonly service?: string
  /** A part of Entra that did it, in place of the application that calls. */
  readonly by?: string
}

/** When and in whose name something is written down. */
export type AuditSource = Pick<GraphCall, 'now' | 'tenant' | 'appId'>

/** The line that a write leaves in the directory's own audit log. */
export function auditEntry({ now, tenant, appId }: AuditSource, entry: Entry): Change {
  const id = `Directory_${randomUUID()}`
  const principals = entry.by === undefined ? [...tenant.servicePrincipals.values()] : []
  const application = principals.find((one) => one.appId === appId)
  const user = tenant.users.get(entry.target)
  const value = {
    id,
    category: entry.category,
    correlationId: randomUUID(),
    result: 'success',
    resultReason: '',
    activityDisplayName: entry.activity,
    activityDateTime: now.toISOString(),
    loggedByService: entry.service ?? 'Core Directory',
    operationType: entry.operation,
    initiatedBy: {
      user: null,
      app: {
        appId: null,
        displayName: entry.by ?? application?.displayName ?? null,
        servicePrincipalId: application?.id ?? null,
        servicePrincipalName: null,
      },
    },
    targetResources: [
      {
        id: entry.target,
        displayName: null,
        type: user === undefined ? 'Other' : 'User',
        userPrincipalName: user?.userPrincipalName ?? null,
        groupType: null,
        modifiedProperties:
          entry.about === undefined
            ? []
            : [
                {
                  displayName: entry.about[0],
                  oldValue: null,
                  newValue: JSON.stringify(entry.about[1]),
                },
              ],
      },
    ],
    additionalDetails: [],
  }
  return { put: 'audits', id, value }
}
