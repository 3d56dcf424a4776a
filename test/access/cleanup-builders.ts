import type { AccountFacts, CleanupFacts, Spared } from '../../shared/access/cleanup-checks.ts'
import type { CleanupRule } from '../../shared/access/cleanup-rule.ts'

export const day = 86_400_000
/** The end of the last access in these tests. */
export const ended = new Date('2026-01-05T12:00:00Z')
export const daysAfter = (days: number) => new Date(ended.getTime() + days * day)

export const aRule = (over: Partial<CleanupRule> = {}): CleanupRule => ({
  integration: 'ContosoEntra',
  integrations: ['ContosoEntra'],
  wanted: 'disable',
  action: 'disable',
  userTypes: ['guest'],
  announceDays: 7,
  signInWithinDays: 30,
  maxPerDay: 20,
  maxShare: 0.05,
  protected: [],
  ignoreOtherAccess: false,
  lastAccessEndedAt: ended,
  dueAt: daysAfter(90),
  ...over,
})

export const anAccount = (over: Partial<AccountFacts> = {}): AccountFacts => ({
  id: '20000000-0000-4000-8000-000000000009',
  name: 'Gina',
  userType: 'guest',
  enabled: true,
  createdAt: new Date('2024-01-01T00:00:00Z'),
  isSynchronised: false,
  isManagementRestricted: false,
  lastSignIn: new Date('2025-01-01T00:00:00Z'),
  groups: [],
  owned: [],
  holdsRole: false,
  appRoles: 0,
  hasReports: false,
  ...over,
})

export const nobodySpared: Spared = {
  administrators: new Set(),
  approvers: new Set(),
  protected: new Set(),
  managersApprove: true,
  groupOwnersApprove: false,
  ownApplications: new Set(['a0000000-0000-4000-8000-000000000001']),
  ownIds: new Set(),
}

export const theFacts = (over: Partial<CleanupFacts> = {}): CleanupFacts => ({
  account: anAccount(),
  hasOpen: false,
  spared: nobodySpared,
  ...over,
})
