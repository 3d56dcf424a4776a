/** What a tenant consists of, as the simulator keeps it. Field names are those of Graph. */

/** Directory extensions by full name, `extension_<application id without dashes>_<name>`. */
export type SimulatedExtensions = Readonly<Record<string, string>>

export interface SimulatedUser {
  readonly id: string
  readonly userPrincipalName: string
  readonly displayName: string
  readonly givenName: string | null
  readonly surname: string | null
  readonly mail: string | null
  readonly jobTitle: string | null
  readonly department: string | null
  readonly officeLocation: string | null
  readonly companyName: string | null
  readonly employeeId: string | null
  readonly userType: 'Member' | 'Guest'
  readonly accountEnabled: boolean
  readonly onPremisesSyncEnabled: boolean | null
  readonly createdDateTime: string
  /** Object id of the manager. */
  readonly manager: string | null
  readonly extensions?: SimulatedExtensions
  /** Ids of those who answer for a guest. */
  readonly sponsors?: readonly string[]
  /** Shown to those who ask for it by name, with the permission and the licence. */
  readonly signInActivity?: {
    readonly lastSignInDateTime: string | null
    readonly lastNonInteractiveSignInDateTime: string | null
    readonly lastSuccessfulSignInDateTime: string | null
  }
}

export interface SimulatedGroup {
  readonly id: string
  readonly displayName: string
  readonly description: string | null
  readonly mail: string | null
  readonly mailNickname: string
  readonly mailEnabled: boolean
  readonly securityEnabled: boolean
  /** `Unified`, `DynamicMembership` or both; empty for a plain group. */
  readonly groupTypes: readonly string[]
  readonly membershipRule: string | null
  readonly isAssignableToRole: boolean | null
  readonly onPremisesSyncEnabled: boolean | null
  readonly visibility: string | null
  readonly createdDateTime: string
  /** Ids of users, groups and service principals. */
  readonly members: readonly string[]
  readonly owners: readonly string[]
  readonly extensions?: SimulatedExtensions
}

export interface SimulatedServicePrincipal {
  readonly id: string
  readonly appId: string
  readonly displayName: string
  readonly servicePrincipalType: 'Application' | 'ManagedIdentity'
  readonly accountEnabled: boolean
  /** What its tokens may carry in `roles`. */
  readonly appRoles?: readonly { readonly id: string; readonly value: string }[]
}

export interface SimulatedRoleDefinition {
  readonly id: string
  readonly displayName: string
  readonly description: string | null
  readonly isBuiltIn: boolean
  readonly isEnabled: boolean
  readonly isPrivileged: boolean
}

export interface SimulatedRoleAssignment {
  readonly id: string
  readonly principalId: string
  readonly roleDefinitionId: string
  /** `/` or `/administrativeUnits/<id>`. */
  readonly directoryScopeId: string
}

/** A role that somebody may activate by himself. */
export interface SimulatedRoleEligibility extends SimulatedRoleAssignment {
  readonly startDateTime: string
  readonly endDateTime: string | null
}

export interface SimulatedAdministrativeUnit {
  readonly id: string
  readonly displayName: string
  readonly description: string | null
  readonly isMemberManagementRestricted: boolean
  readonly members: readonly string[]
}

/** An application that signs in by itself, or in whose name people sign in. */
export interface SimulatedClient {
  readonly clientId: string
  readonly secret: string
  /** Id of its service principal. */
  readonly servicePrincipalId: string
  /** Application roles of the product's API that its own tokens carry. */
  readonly apiRoles: readonly string[]
  /** Application permissions of Graph that its tokens carry, such as `GroupMember.ReadWrite.All`. */
  readonly graphRoles: readonly string[]
}

/** Application roles of the product's API that people hold, by object id of user or group. */
export interface SimulatedApiRole {
  readonly principalId: string
  readonly role: string
}

export interface SimulatedTenant {
  readonly tenantId: string
  readonly displayName: string
  /** Whether it has the licence for Privileged Identity Management. */
  readonly premium: boolean
  /** Audience of the tokens of the product's API. */
  readonly apiClientId: string
  readonly users: readonly SimulatedUser[]
  readonly groups: readonly SimulatedGroup[]
  readonly servicePrincipals: readonly SimulatedServicePrincipal[]
  readonly roleDefinitions: readonly SimulatedRoleDefinition[]
  readonly roleAssignments: readonly SimulatedRoleAssignment[]
  readonly roleEligibilities: readonly SimulatedRoleEligibility[]
  readonly administrativeUnits: readonly SimulatedAdministrativeUnit[]
  readonly clients: readonly SimulatedClient[]
  readonly apiRoles: readonly SimulatedApiRole[]
}
