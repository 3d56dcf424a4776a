/** What Privileged Identity Management keeps, apart from the entries that it puts into the directory. */

/** A directory role at a scope, in one principal's hand. */
export interface RoleTarget {
  readonly kind: 'role'
  readonly principalId: string
  readonly roleDefinitionId: string
  readonly directoryScopeId: string
}

/** Membership or ownership of a group, in one principal's hand. */
export interface GroupTarget {
  readonly kind: 'group'
  readonly principalId: string
  readonly groupId: string
  readonly accessId: 'member' | 'owner'
}

export type PimTarget = RoleTarget | GroupTarget

export interface PimSchedule {
  readonly id: string
  readonly target: PimTarget
  /** `Activated` is a person's own doing; an application's is `Assigned`. */
  readonly assignmentType: 'Assigned' | 'Activated'
  /** When it becomes active, or became. */
  readonly startDateTime: string
  /** Null: it stays. */
  readonly endDateTime: string | null
  /** Whether its entry was put into the directory. */
  readonly isActive: boolean
  /** The entry in `roleAssignments`; null while it waits, and for groups. */
  readonly assignmentId: string | null
  /** Id of the request that made it. */
  readonly createdUsing: string
  readonly createdDateTime: string
  readonly modifiedDateTime: string | null
}

export interface PimScheduleInfo {
  readonly startDateTime: string
  readonly expiration: {
    readonly type: string
    readonly endDateTime: string | null
    readonly duration: string | null
  }
}

export interface PimRequest {
  readonly id: string
  readonly target: PimTarget
  readonly action: string
  readonly status:
    | 'Provisioned'
    | 'Granted'
    | 'PendingProvisioning'
    | 'Revoked'
    | 'Canceled'
    | 'Failed'
  readonly createdDateTime: string
  readonly completedDateTime: string | null
  /** Id of the service principal that asked. */
  readonly createdBy: string
  readonly justification: string | null
  readonly ticketInfo: {
    readonly ticketNumber: string | null
    readonly ticketSystem: string | null
  }
  readonly scheduleInfo: PimScheduleInfo | null
  readonly targetScheduleId: string
  readonly isValidationOnly: boolean
}
