import { afterEach, describe, expect, test } from 'vitest'
import { classifyScheduleError } from '../../shared/directory/classify-schedule-error.ts'
import { createGraphDirectory } from '../../shared/directory/graph-directory.ts'
import type { Wait } from '../../shared/directory/graph-reads.ts'
import {
  ann,
  graphError,
  group,
  membership,
  role,
  type Script,
  startScriptedGraph,
  tenantId,
  tokenForTests,
  unit,
  unitRole,
} from './scripted-graph.ts'

const noon = new Date('2026-01-05T12:00:00Z')
const limits = { deadline: new Date('2026-01-05T12:00:20Z'), attemptId: 'attempt-1' }
const asked = { endsAt: '2026-01-05T13:10:00.000Z', justification: 'Request 1' }
const requestId = '60000000-0000-0000-0000-00000000000e'
const requests = '/identityGovernance/privilegedAccess/group/assignmentScheduleRequests'
const stops: (() => Promise<void>)[] = []

/** Pauses between polls pass at once; the deadline never comes. */
const quick: Wait = (milliseconds) =>
  milliseconds > 5_000 ? new Promise(() => undefined) : Promise.resolve()
/** The deadline passes at once, and so does every pause. */
const over: Wait = () => new Promise((resolve) => setTimeout(resolve, 20))

async function graph(script: Script, wait: Wait = quick) {
  const server = await startScriptedGraph(script)
  stops.push(server.stop)
  const directory = createGraphDirectory({
    credential: tokenForTests,
    baseUrl: server.url,
    tenantId,
    now: () => noon,
    wait,
  })
  return { ...server, directory }
}

const request = (status: string) => ({
  id: requestId,
  status,
  targetScheduleId: `${group}_member_${requestId}`,
  scheduleInfo: { startDateTime: '2026-01-05T12:00:03Z' },
})

afterEach(async () => {
  for (const stop of stops.splice(0)) await stop()
})

describe('The directory on Graph, giving access for a time', () => {
  test('asks for a group by its access id, beginning before now and ending at the instant', async () => {
    const { directory, seen } = await graph(() => ({ status: 201, body: request('Provisioned') }))

    const outcome = await directory.add(membership, limits, asked)

    expect(outcome).toEqual({
      kind: 'done',
      graphRequestId: 'graph-request-1',
      schedule: {
        id: `${group}_member_${requestId}`,
        by: 'assigned',
        startedAt: '2026-01-05T12:00:03.000Z',
        endsAt: asked.endsAt,
      },
    })
    expect(seen).toMatchObject([
      {
        method: 'POST',
        path: requests,
        headers: { 'client-request-id': 'attempt-1' },
        body: {
          action: 'adminAssign',
          principalId: ann,
          groupId: group,
          accessId: 'member',
          justification: 'Request 1',
          scheduleInfo: {
            startDateTime: '2026-01-05T11:59:00.000Z',
            expiration: { type: 'afterDateTime', endDateTime: asked.endsAt },
          },
        },
      },
    ])
  })

  test('asks for a role at its scope', async () => {
    const { directory, seen } = await graph(() => ({ status: 201, body: request('Provisioned') }))

    await directory.add(unitRole, limits, asked)

    expect(seen[0]).toMatchObject({
      path: '/roleManagement/directory/roleAssignmentScheduleRequests',
      body: {
        principalId: ann,
        roleDefinitionId: role,
        directoryScopeId: `/administrativeUnits/${unit}`,
      },
    })
  })

  test('asks on until the request is final, also past a replica that does not know it', async () => {
    const later = [404, 'PendingProvisioning', 'Provisioned'] as const
    let polls = 0
    const { directory, seen } = await graph(({ method }) => {
      if (method === 'POST') return { status: 201, body: request('PendingScheduleCreation') }
      const state = later[polls++]
      return typeof state === 'string' ? { body: request(state) } : { status: 404, body: {} }
    })

    expect(await directory.add(membership, limits, asked)).toMatchObject({ kind: 'done' })
    expect(seen.slice(1).map(({ path }) => path)).toEqual(
      later.map(() => `${requests}/${requestId}`),
    )
  })

  test.each(['Failed', 'Denied', 'Canceled', 'Revoked'])(
    'is not done when its request is %s',
    async (status) => {
      const { directory } = await graph(() => ({ status: 201, body: request(status) }))

      expect(await directory.add(membership, limits, asked)).toMatchObject({ kind: 'not-applied' })
    },
  )

  test('is unclear when the request is not final in time', async () => {
    const pending = request('PendingProvisioning')
    const { directory } = await graph(
      ({ method }) => ({ status: method === 'POST' ? 201 : 200, body: pending }),
      over,
    )

    expect(await directory.add(membership, limits, asked)).toMatchObject({ kind: 'ambiguous' })
  })

  test('moves the end of a schedule and leaves its start', async () => {
    const instance = {
      principalId: ann,
      groupId: group,
      accessId: 'member',
      assignmentType: 'assigned',
      memberType: 'direct',
      startDateTime: '2026-01-05T11:00:00Z',
      endDateTime: '2026-01-05T12:10:00Z',
      assignmentScheduleId: 'ours',
    }
    const { directory, seen } = await graph(({ method }) =>
      method === 'GET'
        ? { body: { value: [instance] } }
        : { status: 201, body: request('Provisioned') },
    )
    const own = { id: 'ours', endsAt: '2026-01-05T12:10:00.000Z' }

    const outcome = await directory.reschedule(membership, limits, own, asked)

    expect(outcome).toMatchObject({ kind: 'done', schedule: { endsAt: asked.endsAt } })
    expect(seen.at(-1)?.body).toMatchObject({
      action: 'adminUpdate',
      scheduleInfo: {
        startDateTime: '2026-01-05T11:00:00Z',
        expiration: { type: 'afterDateTime', endDateTime: asked.endsAt },
      },
    })
  })

  test('takes nothing where the read of what is there gets no answer', async () => {
    const { directory, seen } = await graph(() => ({ status: 503, body: 'busy' }))

    const outcome = await directory.unschedule(membership, limits, asked)

    expect(outcome).toMatchObject({ kind: 'not-applied' })
    expect(seen.every(({ method }) => method === 'GET')).toBe(true)
  })

  test('overlooks what comes through a group, and what is of another scope', async () => {
    const instance = {
      principalId: ann,
      roleDefinitionId: role,
      directoryScopeId: `/administrativeUnits/${unit}`,
      assignmentType: 'Assigned',
      memberType: 'Direct',
      startDateTime: '2026-01-05T11:00:00Z',
      endDateTime: null,
      roleAssignmentScheduleId: 'ours',
    }
    const value = [
      { ...instance, memberType: 'Group', roleAssignmentScheduleId: 'nested' },
      { ...instance, directoryScopeId: '/', roleAssignmentScheduleId: 'elsewhere' },
      instance,
    ]
    const { directory } = await graph(() => ({
      body: { responses: [{ id: '0', status: 200, body: { value } }] },
    }))

    expect(await directory.schedulesOf([unitRole])).toEqual([
      { id: 'ours', by: 'assigned', startedAt: '2026-01-05T11:00:00Z' },
    ])
  })
})

describe('What Privileged Identity Management says no with', () => {
  test.each([
    ['add', 400, 'RoleAssignmentExists', { kind: 'already' }],
    ['update', 400, 'RoleAssignmentDoesNotExist', { kind: 'already' }],
    ['remove', 400, 'RoleAssignmentDoesNotExist', { kind: 'already' }],
    ['add', 400, 'PendingRoleAssignmentRequest', { kind: 'not-applied' }],
    ['add', 404, 'ResourceNotFound', { kind: 'not-applied' }],
    ['add', 400, 'SubjectNotFound', { kind: 'refused', reason: 'grantee-gone' }],
    ['add', 400, 'RoleNotFound', { kind: 'refused', reason: 'resource-gone' }],
    ['add', 400, 'InvalidScope', { kind: 'refused', reason: 'resource-gone' }],
    ['add', 400, 'AadPremiumLicenseRequired', { kind: 'refused', reason: 'unlicensed' }],
    [
      'update',
      400,
      'RoleAssignmentRequestPolicyValidationFailed',
      { kind: 'refused', reason: 'policy' },
    ],
    ['add', 400, 'ActiveDurationTooShort', { kind: 'refused', reason: 'policy' }],
    ['add', 400, 'InvalidRoleAssignmentRequest', { kind: 'refused', reason: 'invalid' }],
    ['add', 503, 'RoleAssignmentExists', { kind: 'ambiguous' }],
    ['add', 429, 'TooManyRequests', { kind: 'not-applied' }],
  ] as const)('%s: %d %s', (operation, status, code, expected) => {
    const outcome = classifyScheduleError(
      { operation, access: membership },
      { status, code, message: 'No.' },
      noon,
    )

    expect(outcome).toMatchObject(expected)
  })

  test('the missing permission hides in the message', () => {
    const { message } = graphError(
      '',
      '{"errorCode":"PermissionScopeNotGranted","message":"No."}',
    ).error
    const outcome = classifyScheduleError(
      { operation: 'add', access: membership },
      { status: 403, code: 'UnknownError', message },
      noon,
    )

    expect(outcome).toMatchObject({ kind: 'refused', reason: 'forbidden' })
  })
})
