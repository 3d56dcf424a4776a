import { group } from '../seed/groups.ts'
import { person, users } from '../seed/people.ts'
import type { ReadyFile } from '../stack/ready-file.ts'
import type { SampleRequests } from './run-sample.ts'

const roles: readonly (readonly [account: string, is: string])[] = [
  ['mia', 'engineer on call: asks for access'],
  ['ben', 'engineering manager: asks for his team'],
  ['ada', 'administrator (Access.Admin)'],
  ['audrey', 'auditor (Access.Auditor)'],
  ['omar', 'engineer of operations: asks by message'],
]

/** Whom to be, to try things out. */
export const samplePeople: ReadyFile['people'] = roles.map(([name, is]) => {
  const id = person(name)
  const userPrincipalName = users.find((user) => user.id === id)?.userPrincipalName ?? ''
  return { name, is, id, userPrincipalName, password: 'local' }
})

const body = {
  resource: { type: 'group', id: group('Production Readers') },
  duration: 'PT6S',
  accessFlow: 'oncall',
}

/** One short request over each way in. */
export const sampleRequests: SampleRequests = {
  http: { as: 'mia', body: { ...body, justification: 'Errors in checkout, looking at the logs' } },
  serviceBus: {
    as: 'omar',
    body: { ...body, justification: 'Alert 4711: latency of the database' },
  },
}
