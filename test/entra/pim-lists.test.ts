import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { group } from '../../local/seed/groups.ts'
import { principalId } from '../../local/seed/ids.ts'
import { person } from '../../local/seed/people.ts'
import { role, unit } from '../../local/seed/roles.ts'
import { seedTenant } from '../../local/seed/seed-tenant.ts'
import { pimOf } from './pim.ts'
import { type Simulator, startSimulator } from './start-simulator.ts'

let simulator: Simulator

beforeAll(async () => {
  simulator = await startSimulator({
    tenant: {
      ...seedTenant,
      roleEligibilities: [
        {
          id: 'eligibility1',
          principalId: person('omar'),
          roleDefinitionId: role('Reports Reader'),
          directoryScopeId: '/',
          startDateTime: '2026-01-01T00:00:00Z',
          endDateTime: null,
        },
      ],
    },
  })
})

afterAll(() => simulator.stop())

const roles = pimOf('role', () => simulator)
const groups = pimOf('group', () => simulator)

describe('what is active of roles', () => {
  test('names the entry it made in the directory and the schedule it is from', async () => {
    const { body } = await roles.ask({
      ticketInfo: { ticketNumber: 'INC-1', ticketSystem: 'Desk' },
    })
    const [instance] = await roles.instances()
    const origin = await simulator.graph(
      'GET',
      `/roleManagement/directory/roleAssignments/${instance.roleAssignmentOriginId}`,
    )

    expect(instance).toEqual({
      id: `${instance.roleAssignmentOriginId}-e`,
      principalId: person('mia'),
      roleDefinitionId: role('Reports Reader'),
      directoryScopeId: '/',
      appScopeId: null,
      startDateTime: '2026-01-05T12:00:00.000Z',
      endDateTime: '2026-01-05T14:00:00.000Z',
      assignmentType: 'Assigned',
      memberType: 'Direct',
      roleAssignmentOriginId: expect.stringMatching(/-1$/),
      roleAssignmentScheduleId: body.targetScheduleId,
    })
    expect(origin.body).toMatchObject({ principalId: person('mia'), directoryScopeId: '/' })
    expect(body).toMatchObject({
      targetScheduleId: body.id,
      ticketInfo: { ticketNumber: 'INC-1', ticketSystem: 'Desk' },
      createdBy: { application: null, device: null, user: { id: principalId(1) } },
    })
  })

  test('shows a standing assignment as one without an end', async () => {
    expect(await roles.instances(`principalId eq '${person('helen')}'`)).toEqual([
      expect.objectContaining({
        roleDefinitionId: role('Global Reader'),
        assignmentType: 'Assigned',
        memberType: 'Direct',
        endDateTime: null,
      }),
    ])
  })

  test('shows members of a group that holds a role as holding it through the group', async () => {
    await roles.ask({ principalId: group('Directory Role Holders') })
    const instances = await roles.instances(`roleDefinitionId eq '${role('Reports Reader')}'`)
    const ofGroup = instances.filter((one: { memberType: string }) => one.memberType === 'Group')

    expect(ofGroup).toMatchObject([{ principalId: person('zoe'), assignmentType: 'Assigned' }])
  })

  test('tells a person’s own activation from what was assigned, and ends it too', async () => {
    const ivan = { principalId: person('ivan') }
    await roles.activate('PT1H', ivan)
    const filter = `principalId eq '${person('ivan')}'`

    expect(await roles.instances(filter)).toMatchObject([
      { assignmentType: 'Activated', endDateTime: '2026-01-05T13:00:00.000Z' },
    ])
    expect((await roles.ask(ivan)).body.error.code).toBe('RoleAssignmentExists')
  })

  test('is told apart by scope', async () => {
    const directoryScopeId = `/administrativeUnits/${unit('Lisbon Service Desk Scope')}`
    const leila = { principalId: person('leila'), directoryScopeId }

    expect((await roles.ask(leila)).status).toBe(201)
    expect((await roles.ask({ ...leila, directoryScopeId: '/' })).status).toBe(201)
    expect(
      await roles.instances(
        `principalId eq '${person('leila')}' and directoryScopeId eq '${directoryScopeId}'`,
      ),
    ).toHaveLength(1)
  })
})

describe('what is active of groups', () => {
  const inGroup = `groupId eq '${group('Production Writers')}'`

  test('shows standing members and owners beside what ends, with enums in lower case', async () => {
    const { body } = await groups.ask({ groupId: group('Production Writers') })

    expect(body.targetScheduleId).toBe(`${group('Production Writers')}_member_${body.id}`)
    const instances = await groups.instances(inGroup)
    expect(instances).toHaveLength(3)
    expect(instances).toEqual(
      expect.arrayContaining([
        {
          id: body.targetScheduleId,
          principalId: person('mia'),
          groupId: group('Production Writers'),
          accessId: 'member',
          startDateTime: '2026-01-05T12:00:00.000Z',
          endDateTime: '2026-01-05T14:00:00.000Z',
          assignmentType: 'assigned',
          memberType: 'direct',
          assignmentScheduleId: body.targetScheduleId,
        },
        expect.objectContaining({
          ...{ principalId: person('farah'), accessId: 'member' },
          ...{ assignmentType: 'assigned', endDateTime: null },
        }),
        expect.objectContaining({ principalId: person('petra'), accessId: 'owner' }),
      ]),
    )
  })

  test('an owner for a while is one in the group itself', async () => {
    await groups.ask({ principalId: person('hana'), accessId: 'owner' })
    const path = `/groups/${group('Production Readers')}/owners?$select=id`

    expect((await simulator.graph('GET', path)).body.value).toContainEqual(
      expect.objectContaining({ id: person('hana') }),
    )
  })

  test('is told of one group or one principal, never of all', async () => {
    const path = '/identityGovernance/privilegedAccess/group/assignmentScheduleInstances'

    expect((await simulator.graph('GET', path)).status).toBe(400)
    expect((await simulator.graph('GET', `${path}?$filter=accessId eq 'member'`)).status).toBe(400)
  })
})

describe('requests and schedules', () => {
  test('are found by principal, role, scope and status', async () => {
    const gustav = { principalId: person('gustav') }
    await roles.ask(gustav)
    await roles.ask({ ...gustav, roleDefinitionId: role('Directory Readers') })
    const filter = encodeURIComponent(
      `principalId eq '${person('gustav')}' and roleDefinitionId eq '${role('Directory Readers')}' and directoryScopeId eq '/' and status eq 'Provisioned'`,
    )

    const { body } = await roles.requests(`?$filter=${filter}&$select=id,status`)

    expect(body.value).toEqual([{ id: expect.any(String), status: 'Provisioned' }])
  })

  test('of roles and of groups are kept apart', async () => {
    const { body } = await roles.ask({ principalId: person('kofi') })

    expect((await groups.get(body.id)).status).toBe(404)
    expect((await roles.get(body.id)).status).toBe(200)
  })

  test('tell a schedule that waits from one that is active', async () => {
    const later = {
      startDateTime: '2026-02-01T00:00:00Z',
      expiration: { type: 'afterDateTime', endDateTime: '2026-02-02T00:00:00Z' },
    }
    await roles.ask({ principalId: person('olga'), scheduleInfo: later })
    const ofOlga = `principalId eq '${person('olga')}'`

    expect(await roles.schedules(ofOlga)).toMatchObject([
      {
        status: 'Granted',
        scheduleInfo: {
          expiration: { type: 'afterDateTime', endDateTime: '2026-02-02T00:00:00.000Z' },
        },
      },
    ])
    expect(await roles.instances(ofOlga)).toEqual([])
  })
})

test('roles that somebody may activate himself are listed as the tenant was seeded', async () => {
  const { body } = await simulator.graph(
    'GET',
    `/roleManagement/directory/roleEligibilityScheduleInstances?$filter=principalId eq '${person('omar')}'`,
  )

  expect(body.value).toMatchObject([{ id: 'eligibility1', memberType: 'Direct' }])
})
