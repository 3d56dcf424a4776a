import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { group } from '../../local/seed/groups.ts'
import { person } from '../../local/seed/people.ts'
import { role } from '../../local/seed/roles.ts'
import { afterDuration, forGood, from, pimOf, until } from './pim.ts'
import { errorOf, type Simulator, startSimulator } from './start-simulator.ts'

const nobody = '00000000-0000-4000-8000-00000000dead'

let simulator: Simulator

beforeEach(async () => {
  simulator = await startSimulator()
})

afterEach(() => simulator.stop())

const messages = {
  RoleAssignmentExists: 'The Role assignment already exists.',
  RoleAssignmentDoesNotExist: 'The Role assignment does not exist.',
  ActiveDurationTooShort: 'The Active duration is too short. Miniumum Required is 5 minutes.',
  PendingRoleAssignmentRequest: 'There is already an existing pending Role assignment request.',
}

const refusal = (code: keyof typeof messages) => [400, code, messages[code]]

const against = (...rules: readonly string[]) => [
  400,
  'RoleAssignmentRequestPolicyValidationFailed',
  `The following policy rules failed: ${JSON.stringify(rules)}`,
]

describe.each(['role', 'group'] as const)('Privileged Identity Management of a %s', (kind) => {
  const pim = pimOf(kind, () => simulator)

  test.each([
    { what: '4:59 minutes', window: afterDuration('PT4M59S') },
    { what: 'an end that is past', window: until('2026-01-05T11:00:00Z') },
  ])('refuses $what as too short, and takes five minutes', async ({ window }) => {
    expect(errorOf(await pim.ask(window))).toEqual(refusal('ActiveDurationTooShort'))
    expect(await pim.isHeld()).toBe(false)
    expect((await pim.ask(afterDuration('PT5M'))).status).toBe(201)
  })

  test('refuses a removal within five minutes of the start, whoever asks', async () => {
    await pim.ask(from('2026-01-05T13:00:00Z', 'PT1H'))
    simulator.advance(64.9)

    expect(errorOf(await pim.remove())).toEqual(refusal('ActiveDurationTooShort'))
    expect(await pim.isHeld()).toBe(true)
  })

  test('refuses an update that would end it at once or within five minutes of its start', async () => {
    await pim.ask()
    simulator.advance(3)
    const update = (end: string) => pim.ask({ action: 'adminUpdate', ...until(end) })

    const tooEarly = await update('2026-01-05T12:04:59Z')
    simulator.advance(20)
    const past = await update('2026-01-05T12:10:00Z')

    expect([errorOf(tooEarly), errorOf(past)]).toEqual([
      refusal('ActiveDurationTooShort'),
      refusal('ActiveDurationTooShort'),
    ])
  })

  test('refuses a second assignment: of what is active, of what overlaps, and of what is standing', async () => {
    await pim.addDirectly()
    const standing = await pim.ask()
    await pim.removeDirectly()
    await pim.ask(from('2026-01-05T13:00:00Z', 'PT1H'))
    const overlapping = await pim.ask(from('2026-01-05T13:59:00Z', 'PT1H'))
    simulator.advance(60)
    const active = await pim.ask(from('2026-01-06T13:00:00Z', 'PT1H'))

    expect([standing, overlapping, active].map(errorOf)).toEqual(
      Array.from({ length: 3 }, () => refusal('RoleAssignmentExists')),
    )
  })

  test.each([
    { action: 'adminRemove', scheduleInfo: null },
    { action: 'adminUpdate', ...afterDuration('PT1H') },
    { action: 'adminExtend', ...afterDuration('PT1H') },
  ])('refuses $action of nothing', async (body) => {
    expect(errorOf(await pim.ask(body))).toEqual(refusal('RoleAssignmentDoesNotExist'))
  })

  test('refuses the second of two removals', async () => {
    await pim.ask()
    simulator.advance(5)
    await pim.remove()

    expect(errorOf(await pim.remove())).toEqual(refusal('RoleAssignmentDoesNotExist'))
  })

  test('refuses every other request while one is being provisioned', async () => {
    await simulator.control('PATCH', 'tenant', { provisioningSeconds: 60 })
    await pim.ask()

    const others = [await pim.ask(), await pim.remove()]

    expect(others.map(errorOf)).toEqual([
      refusal('PendingRoleAssignmentRequest'),
      refusal('PendingRoleAssignmentRequest'),
    ])
  })

  test('refuses to cancel what is active, and answers 404 for an unknown request', async () => {
    const { body } = await pim.ask()

    expect((await pim.cancel(body.id)).status).toBe(400)
    expect((await pim.cancel(nobody)).status).toBe(404)
    expect((await pim.get(nobody)).status).toBe(404)
  })

  test.each([
    { what: 'more than 180 days', body: afterDuration('P181D'), rules: ['ExpirationRule'] },
    { what: 'no reason', body: { justification: ' ' }, rules: ['JustificationRule'] },
    {
      what: 'neither reason nor limit',
      body: { justification: null, ...afterDuration('P181D') },
      rules: ['ExpirationRule', 'JustificationRule'],
    },
  ])('refuses $what by the rules of the tenant', async ({ body, rules }) => {
    expect(errorOf(await pim.ask(body))).toEqual(against(...rules))
  })

  test.each(['selfActivate', 'selfDeactivate', 'selfExtend'])(
    'refuses %s to an application',
    async (action) => {
      const [status, code, message] = errorOf(await pim.ask({ action }))

      expect([status, code]).toEqual([400, 'InvalidRoleAssignmentRequest'])
      expect(message).toContain(action)
    },
  )

  test('refuses a removal of what the person activated by himself', async () => {
    await pim.activate('PT1H')
    simulator.advance(10)

    expect(errorOf(await pim.remove())).toEqual(refusal('RoleAssignmentDoesNotExist'))
    expect(await pim.isHeld()).toBe(true)
  })

  test('refuses a principal that is not there', async () => {
    expect(errorOf(await pim.ask({ principalId: nobody }))).toEqual([
      400,
      'SubjectNotFound',
      'The subject is not found.',
    ])
  })

  test('refuses every call of a tenant without the licence, until it has one', async () => {
    const { body } = await pim.ask()
    await simulator.control('PATCH', 'tenant', { premium: false })
    const calls = () =>
      Promise.all([pim.ask(), pim.remove(), pim.get(body.id), pim.cancel(body.id)])

    for (const answer of [...(await calls()), await pim.requests(), ...(await pim.lists())]) {
      expect(errorOf(answer)).toEqual([
        400,
        'AadPremiumLicenseRequired',
        'The tenant needs to have Microsoft Entra ID P2 or Microsoft Entra ID Governance license.',
      ])
    }
    await simulator.control('PATCH', 'tenant', { premium: true })
    expect((await pim.get(body.id)).status).toBe(200)
  })
})

test('a role is refused at a scope or with an id that is not there, or when it is disabled', async () => {
  const pim = pimOf('role', () => simulator)
  const roleNotFound = [400, 'RoleNotFound', 'The role is not found.']

  expect(errorOf(await pim.ask({ roleDefinitionId: nobody }))).toEqual(roleNotFound)
  expect(errorOf(await pim.ask({ roleDefinitionId: role('Retired Role') }))).toEqual(roleNotFound)
  expect(
    errorOf(await pim.ask({ directoryScopeId: `/administrativeUnits/${nobody}` })).slice(0, 2),
  ).toEqual([400, 'InvalidScope'])
  expect((await pim.ask({ principalId: group('Engineering') })).status).toBe(400)
})

test('a group is not assigned for good', async () => {
  const pim = pimOf('group', () => simulator)

  expect(errorOf(await pim.ask(forGood))).toEqual(against('ExpirationRule'))
})

test.each([
  { name: 'Sales', status: 400, code: 'InvalidRoleAssignmentRequest' },
  { name: 'Company News', status: 400, code: 'InvalidRoleAssignmentRequest' },
  { name: 'File Server Finance', status: 400, code: 'InvalidRoleAssignmentRequest' },
  { name: 'Security Alerts', status: 400, code: 'InvalidRoleAssignmentRequest' },
  { name: 'Newsletter', status: 400, code: 'InvalidRoleAssignmentRequest' },
  { name: 'Executive Devices', status: 403, code: 'Authorization_RequestDenied' },
])('the group $name is refused: $status', async ({ name, status, code }) => {
  const pim = pimOf('group', () => simulator)

  expect(errorOf(await pim.ask({ groupId: group(name) })).slice(0, 2)).toEqual([status, code])
})

test('an unknown group is 404, and a Microsoft 365 group takes people only', async () => {
  const pim = pimOf('group', () => simulator)
  const incidentRoom = { groupId: group('Incident Room') }

  expect(errorOf(await pim.ask({ groupId: nobody }))).toEqual([
    404,
    'ResourceNotFound',
    'The resource is not found.',
  ])
  expect((await pim.ask({ ...incidentRoom, principalId: group('Auditors') })).status).toBe(400)
  expect((await pim.ask({ ...incidentRoom, principalId: person('mia') })).status).toBe(201)
})

describe('a missing application permission', () => {
  const scopes = {
    role: {
      write: 'RoleAssignmentSchedule.ReadWrite.Directory',
      read: 'RoleAssignmentSchedule.Read.Directory',
      remove: 'RoleAssignmentSchedule.Remove.Directory',
    },
    group: {
      write: 'PrivilegedAssignmentSchedule.ReadWrite.AzureADGroup',
      read: 'PrivilegedAssignmentSchedule.Read.AzureADGroup',
      remove: 'PrivilegedAssignmentSchedule.Remove.AzureADGroup',
    },
  }
  const nested = (scope: string) => [
    403,
    'UnknownError',
    JSON.stringify({
      errorCode: 'PermissionScopeNotGranted',
      message: `Authorization failed due to missing permission scope ${scope}.`,
    }),
  ]

  test.each(['role', 'group'] as const)(
    'for a %s is 403 with the scope in nested JSON',
    async (kind) => {
      const poor = await startSimulator({ permissions: ['Directory.Read.All'] })
      const pim = pimOf(kind, () => poor)

      expect(errorOf(await pim.ask())).toEqual(nested(scopes[kind].write))
      expect((await pim.lists()).map(errorOf)).toEqual([
        nested(scopes[kind].read),
        nested(scopes[kind].read),
      ])
      await poor.stop()
    },
  )

  test.each(['role', 'group'] as const)(
    'to assign a %s does not keep from removing it',
    async (kind) => {
      const remover = await startSimulator({ permissions: [scopes[kind].remove] })
      const pim = pimOf(kind, () => remover)

      expect(errorOf(await pim.ask())).toEqual(nested(scopes[kind].write))
      expect(errorOf(await pim.remove())).toEqual(refusal('RoleAssignmentDoesNotExist'))
      await remover.stop()
    },
  )

  test('for groups is not made good by that for roles', async () => {
    const tierZero = await startSimulator({ permissions: ['RoleManagement.ReadWrite.Directory'] })

    expect((await pimOf('role', () => tierZero).ask()).status).toBe(201)
    expect(errorOf(await pimOf('group', () => tierZero).ask())).toEqual(nested(scopes.group.write))
    await tierZero.stop()
  })
})
