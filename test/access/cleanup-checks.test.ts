import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  type AccountFacts,
  type CleanupReason,
  type Spared,
  weighCleanup,
} from '../../shared/access/cleanup-checks.ts'
import type { CleanupRule } from '../../shared/access/cleanup-rule.ts'
import type { CleanupAction } from '../../shared/access/user-cleanup.ts'
import { anAccount, aRule, day, daysAfter, nobodySpared, theFacts } from './cleanup-builders.ts'

const now = daysAfter(90)
const group = '30000000-0000-4000-8000-000000000001'
const held = (over = {}) => ({ id: group, isRoleAssignable: false, isDynamic: false, ...over })
const own = (over = {}) => ({ id: group, kind: 'group', isRoleAssignable: false, ...over }) as const

const weigh = (
  account: Partial<AccountFacts>,
  {
    spared = {},
    rule = {},
    action = 'disable',
    hasOpen = false,
  }: {
    spared?: Partial<Spared>
    rule?: Partial<CleanupRule>
    action?: CleanupAction
    hasOpen?: boolean
  } = {},
): readonly CleanupReason[] =>
  weighCleanup(
    theFacts({
      account: anAccount(account),
      hasOpen,
      spared: { ...nobodySpared, ...spared },
    }),
    aRule(rule),
    action,
    day,
    now,
  )

describe('an account', () => {
  test('that nothing speaks for may be touched', () => {
    expect(weigh({})).toEqual([])
  })

  test('that is gone is left alone', () => {
    expect(weighCleanup(theFacts({ account: 'gone' }), aRule(), 'delete', day, now)).toEqual([
      'person-gone',
    ])
  })

  test.each<[string, Partial<AccountFacts>, CleanupReason]>([
    ['is of another type', { userType: 'member' }, 'user-type'],
    ['is synchronised', { isSynchronised: true }, 'synchronised'],
    ['is in a restricted unit', { isManagementRestricted: true }, 'restricted-unit'],
    ['holds a role', { holdsRole: true }, 'directory-role'],
    ['signed in lately', { lastSignIn: daysAfter(61) }, 'signed-in'],
    ['is disabled by others', { enabled: false }, 'already-disabled'],
    ['has an application role', { appRoles: 1 }, 'holds-other-access'],
    ['has people reporting to him', { hasReports: true }, 'approver'],
    [
      'owns this product',
      { owned: [own({ kind: 'application', appId: 'a0000000-0000-4000-8000-000000000001' })] },
      'own-identity',
    ],
    ['is in another group', { groups: [held()] }, 'holds-other-access'],
  ])('is not touched when it %s', (_what, account, reason) => {
    expect(weigh(account)).toEqual([reason])
  })

  test.each<[string, Partial<AccountFacts>]>([
    ['member', { groups: [held({ isRoleAssignable: true })] }],
    ['owner', { owned: [own({ isRoleAssignable: true })] }],
  ])(
    'is not touched as %s of a role-assignable group, even where other access is ignored',
    (_as, account) => {
      expect(weigh(account, { rule: { ignoreOtherAccess: true } })).toEqual([
        'role-assignable-group',
      ])
    },
  )

  test('may be in groups whose members follow from a rule', () => {
    expect(weigh({ groups: [held({ isDynamic: true })] })).toEqual([])
  })

  test('may hold other access where the integration ignores it', () => {
    expect(weigh({ groups: [held()], appRoles: 2 }, { rule: { ignoreOtherAccess: true } })).toEqual(
      [],
    )
  })

  test.each(['administrators', 'approvers', 'protected'] as const)(
    'is spared as one of the %s, itself or by its group',
    (who) => {
      const reason = who === 'protected' ? who : who.slice(0, -1)
      const rule = { ignoreOtherAccess: true }
      expect(weigh({}, { spared: { [who]: new Set([anAccount().id]) } })).toEqual([reason])
      expect(weigh({ groups: [held()] }, { rule, spared: { [who]: new Set([group]) } })).toEqual([
        reason,
      ])
      expect(weigh({}, { spared: { [who]: 'unknown' } })).toEqual(['unclear'])
    },
  )

  test('is spared where it is an identity of this product', () => {
    expect(weigh({}, { spared: { ownIds: new Set([anAccount().id]) } })).toEqual(['own-identity'])
  })

  test('that owns an application of others, or a group, is not taken for this product', () => {
    const rule = { ignoreOtherAccess: true }
    const other = own({ kind: 'application', appId: 'a0000000-0000-4000-8000-000000000002' })

    expect(weigh({ owned: [other, own()] }, { rule })).toEqual([])
  })

  test('with people reporting to it is not spared where no integration asks managers', () => {
    expect(weigh({ hasReports: true }, { spared: { managersApprove: false } })).toEqual([])
  })

  test('that owns an application only is no owner of groups', () => {
    const app = own({ kind: 'application', appId: 'a0000000-0000-4000-8000-000000000002' })

    expect(weigh({ owned: [app] }, { spared: { groupOwnersApprove: true } })).toEqual([])
    expect(weigh({ owned: [app, own()] })).toEqual(['holds-other-access'])
  })

  test('of which neither age nor sign-in is told is not touched', () => {
    const { createdAt: _, ...account } = anAccount({ lastSignIn: undefined })

    expect(weighCleanup(theFacts({ account }), aRule(), 'delete', day, now)).toEqual([
      'sign-in-unknown',
    ])
  })

  test('that is disabled already may still be deleted', () => {
    expect(weigh({ enabled: false }, { action: 'delete' })).toEqual([])
  })

  test('is told all that speaks for it, in the order of the words', () => {
    const account = { userType: 'member', isSynchronised: true, holdsRole: true } as const

    expect(weigh(account, { hasOpen: true })).toEqual([
      'active-or-pending',
      'directory-role',
      'synchronised',
      'user-type',
    ])
  })

  test('with open access or a request is not touched', () => {
    expect(weigh({}, { hasOpen: true })).toEqual(['active-or-pending'])
  })

  test('of an owner of groups is spared where an integration asks the owners', () => {
    const rule = { ignoreOtherAccess: true }
    expect(weigh({ owned: [own()] }, { rule })).toEqual([])
    expect(weigh({ owned: [own()] }, { rule, spared: { groupOwnersApprove: true } })).toEqual([
      'approver',
    ])
  })

  test.each<
    [string, Partial<AccountFacts>, Partial<CleanupRule>, CleanupAction, readonly CleanupReason[]]
  >([
    ['unreadable', { lastSignIn: 'unknown' }, {}, 'disable', ['sign-in-unknown']],
    ['unreadable', { lastSignIn: 'unknown' }, { signInWithinDays: 0 }, 'disable', []],
    [
      'unreadable',
      { lastSignIn: 'unknown' },
      { signInWithinDays: 0 },
      'delete',
      ['sign-in-unknown'],
    ],
    ['missing of an old account', { lastSignIn: undefined }, {}, 'delete', []],
    [
      'missing of a young account',
      { lastSignIn: undefined, createdAt: daysAfter(61) },
      {},
      'delete',
      ['sign-in-unknown'],
    ],
    ['just outside the period', { lastSignIn: daysAfter(60) }, {}, 'delete', []],
    [
      'missing of an account as old as the period',
      { lastSignIn: undefined, createdAt: daysAfter(60) },
      {},
      'delete',
      [],
    ],
    ['of today, where none counts', { lastSignIn: now }, { signInWithinDays: 0 }, 'delete', []],
  ])('whose sign-in is %s (%o, %o) is answered for %s', (_what, account, rule, action, reasons) => {
    expect(weigh(account, { rule, action })).toEqual(reasons)
  })

  test('is never touched when any part of it cannot be read', () => {
    const parts = ['groups', 'owned', 'holdsRole', 'appRoles', 'hasReports', 'enabled'] as const
    fc.assert(
      fc.property(fc.subarray([...parts], { minLength: 1 }), (unknown) => {
        const account = Object.fromEntries(unknown.map((part) => [part, 'unknown']))
        expect(weigh(account)).toContain('unclear')
      }),
    )
  })
})
