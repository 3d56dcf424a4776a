import type { SimulatedGroup } from '../entra/tenant.ts'
import { groupId, ownerKey } from './ids.ts'
import { department, employeeNumber, everyone, person } from './people.ts'

interface Row {
  readonly name: string
  readonly description: string
  readonly members?: readonly string[]
  readonly owners?: readonly string[]
  readonly over?: Partial<SimulatedGroup>
}

const unified: Partial<SimulatedGroup> = {
  groupTypes: ['Unified'],
  mailEnabled: true,
  securityEnabled: false,
  visibility: 'Private',
}
const dynamic = (membershipRule: string): Partial<SimulatedGroup> => ({
  groupTypes: ['DynamicMembership'],
  membershipRule,
})

const ownedBy = (key: string): Partial<SimulatedGroup> => ({ extensions: { [ownerKey]: key } })

const managers = ['ben', 'ines', 'petra', 'ruth', 'jorge', 'nora', 'rosa', 'uma'].map(person)

/** The numbers count from one in this order, and stay: add new ones at the end. */
const rows: readonly Row[] = [
  {
    name: 'Engineering',
    description: 'Everybody who builds the product',
    members: [...department('Engineering')],
    owners: [person('ben')],
  },
  {
    name: 'Operations',
    description: 'Everybody who runs the product',
    members: [...department('Operations')],
    owners: [person('petra')],
  },
  {
    name: 'On Call',
    description: 'Whoever may be woken up: engineering and operations (nested groups)',
    members: [groupId(1), groupId(2)],
    owners: [person('petra')],
  },
  {
    name: 'Production Readers',
    description: 'Read access to production systems; empty but for those on duty',
    owners: [person('petra')],
    over: ownedBy(employeeNumber('petra')),
  },
  {
    name: 'Production Writers',
    description: 'Write access to production systems',
    members: [person('farah')],
    owners: [person('petra')],
  },
  {
    name: 'Database Operators',
    description: 'Restores and schema changes',
    members: [person('farah')],
    owners: [person('farah'), person('petra')],
    over: ownedBy(employeeNumber('farah')),
  },
  {
    name: 'Network Operators',
    description: 'Firewalls and routing',
    members: [person('ivan')],
    owners: [person('petra')],
  },
  {
    name: 'Service Desk',
    description: 'First line of support',
    members: [...department('Service Desk')],
    owners: [person('jorge')],
  },
  {
    name: 'Managers',
    description: 'Everybody with direct reports',
    members: managers,
    owners: [person('rosa')],
  },
  {
    name: 'Payments Team',
    description: 'Code and alerts of the payments service',
    members: [person('arjun'), person('elif')],
    owners: [person('ben')],
    over: ownedBy(employeeNumber('ben')),
  },
  {
    name: 'Finance Month End',
    description: 'Posting periods around the end of the month',
    members: [person('paolo')],
    owners: [person('nora')],
    over: ownedBy('Finance'),
  },
  {
    name: 'Customer Data Readers',
    description: 'Personal data of customers, for support cases',
    owners: [person('uma')],
    over: ownedBy('Sales'),
  },
  { name: 'Build Approvers', description: 'Release to production', members: [person('ben')] },
  { name: 'Break Glass', description: 'Emergency accounts; protected', members: [person('ruth')] },
  { name: 'Empty Project', description: 'Nobody has joined yet' },
  {
    name: 'Identity Administrators',
    description: 'Administrators of entra-jit',
    members: [person('ada')],
    owners: [person('ruth')],
  },
  {
    name: 'Auditors',
    description: 'Read everything, change nothing',
    members: [person('audrey')],
    owners: [person('ruth')],
  },
  {
    name: 'Directory Role Holders',
    description: 'Role-assignable: members hold directory roles through it',
    members: [person('zoe')],
    owners: [person('ada')],
    over: { isAssignableToRole: true, visibility: 'Private' },
  },
  {
    name: 'Executive Devices',
    description: 'Lies in a restricted administrative unit',
    members: [person('helen')],
  },
  {
    name: 'All Staff',
    description: 'Follows a rule',
    members: everyone,
    over: dynamic('(user.userType -eq "Member")'),
  },
  {
    name: 'Sales',
    description: 'Follows a rule',
    members: [...department('Sales')],
    over: dynamic('(user.department -eq "Sales")'),
  },
  {
    name: 'File Server Finance',
    description: 'Mastered on-premises',
    members: [...department('Finance')],
    over: { onPremisesSyncEnabled: true },
  },
  {
    name: 'Security Alerts',
    description: 'Mail-enabled security group',
    members: [person('sean')],
    over: { mailEnabled: true },
  },
  {
    name: 'Newsletter',
    description: 'Distribution list',
    members: everyone,
    over: { mailEnabled: true, securityEnabled: false },
  },
  {
    name: 'Incident Room',
    description: 'Microsoft 365 group with a chat and files',
    members: [person('omar'), person('hana')],
    owners: [person('petra')],
    over: unified,
  },
  {
    name: 'Company News',
    description: 'Microsoft 365 group that follows a rule',
    members: everyone,
    owners: [person('rosa')],
    over: {
      ...unified,
      groupTypes: ['Unified', 'DynamicMembership'],
      membershipRule: '(user.accountEnabled -eq true)',
    },
  },
]

/** Object id of a group, by name. */
export function group(name: string): string {
  const index = rows.findIndex((row) => row.name === name)
  if (index < 0) throw new Error(`Cannot seed the company: there is no group ${name}`)
  return groupId(index + 1)
}

export const groups: readonly SimulatedGroup[] = rows.map((row) => {
  const nickname = row.name.toLowerCase().replaceAll(' ', '-')
  const made: SimulatedGroup = {
    id: group(row.name),
    displayName: row.name,
    description: row.description,
    mail: null,
    mailNickname: nickname,
    mailEnabled: false,
    securityEnabled: true,
    groupTypes: [],
    membershipRule: null,
    isAssignableToRole: null,
    onPremisesSyncEnabled: null,
    visibility: null,
    createdDateTime: '2024-03-01T08:00:00Z',
    members: row.members ?? [],
    owners: row.owners ?? [],
    ...row.over,
  }
  return made.mailEnabled ? { ...made, mail: `${nickname}@contoso.example` } : made
})
