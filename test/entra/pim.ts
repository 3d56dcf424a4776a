import { group } from '../../local/seed/groups.ts'
import { person } from '../../local/seed/people.ts'
import { role } from '../../local/seed/roles.ts'
import type { Simulator } from './start-simulator.ts'

/** Requests to Privileged Identity Management as the tests make them, with overrides. */

type Body = Readonly<Record<string, unknown>>

const requests = {
  role: '/roleManagement/directory/roleAssignmentScheduleRequests',
  group: '/identityGovernance/privilegedAccess/group/assignmentScheduleRequests',
}

const lists = {
  role: '/roleManagement/directory/roleAssignment',
  group: '/identityGovernance/privilegedAccess/group/assignment',
}

const targets = {
  role: {
    principalId: person('mia'),
    roleDefinitionId: role('Reports Reader'),
    directoryScopeId: '/',
  },
  group: { principalId: person('mia'), groupId: group('Production Readers'), accessId: 'member' },
}

export const afterDuration = (duration: string) => ({
  scheduleInfo: { expiration: { type: 'afterDuration', duration } },
})

export const until = (endDateTime: string) => ({
  scheduleInfo: { expiration: { type: 'afterDateTime', endDateTime } },
})

export const forGood = { scheduleInfo: { expiration: { type: 'noExpiration' } } }

export const from = (startDateTime: string, duration: string) => ({
  scheduleInfo: { startDateTime, expiration: { type: 'afterDuration', duration } },
})

/** The calls of one kind, about Mia and one resource unless told otherwise. */
export function pimOf(kind: 'role' | 'group', simulator: () => Simulator) {
  const ask = (body: Body = {}) =>
    simulator().graph('POST', requests[kind], {
      ...targets[kind],
      action: 'adminAssign',
      justification: 'JIT 8c1f',
      ...afterDuration('PT2H'),
      ...body,
    })
  const list = (name: 'Schedules' | 'ScheduleInstances', filter: string) =>
    simulator().graph('GET', `${lists[kind]}${name}?$filter=${encodeURIComponent(filter)}`)
  const mine = `principalId eq '${person('mia')}'`
  const { principalId, roleDefinitionId } = targets.role
  const links = `/groups/${targets.group.groupId}/members`
  const assignments = '/roleManagement/directory/roleAssignments'
  const directAssignments = async () => {
    const filter = encodeURIComponent(`${mine} and roleDefinitionId eq '${roleDefinitionId}'`)
    return (await simulator().graph('GET', `${assignments}?$filter=${filter}`)).body.value
  }
  return {
    ask,
    remove: (body: Body = {}) => ask({ action: 'adminRemove', scheduleInfo: null, ...body }),
    get: (id: string) => simulator().graph('GET', `${requests[kind]}/${id}`),
    requests: (query = '') => simulator().graph('GET', `${requests[kind]}${query}`),
    cancel: (id: string) => simulator().graph('POST', `${requests[kind]}/${id}/cancel`),
    instances: async (filter = mine) => (await list('ScheduleInstances', filter)).body.value,
    schedules: async (filter = mine) => (await list('Schedules', filter)).body.value,
    lists: () => Promise.all([list('Schedules', mine), list('ScheduleInstances', mine)]),
    /** The person does it himself, as in the portal. */
    activate: (duration: string, over: Body = {}) =>
      simulator().control('POST', 'activations', { ...targets[kind], duration, ...over }),
    /** Whether Mia's entry is in the directory itself. */
    isHeld: async () =>
      kind === 'group'
        ? (await simulator().graph('GET', `${links}/${principalId}/$ref`)).status === 200
        : (await directAssignments()).length === 1,
    /** Puts the entry there without Privileged Identity Management. */
    addDirectly: () =>
      kind === 'group'
        ? simulator().graph('POST', `${links}/$ref`, {
            '@odata.id': `https://graph.microsoft.com/v1.0/directoryObjects/${principalId}`,
          })
        : simulator().graph('POST', assignments, targets.role),
    removeDirectly: async () => {
      const path =
        kind === 'group'
          ? `${links}/${principalId}/$ref`
          : `${assignments}/${(await directAssignments())[0].id}`
      return simulator().graph('DELETE', path)
    },
  }
}
