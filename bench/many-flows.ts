import type { PeopleFacts } from '../shared/access/conditions.ts'
import type { Policy, Question, VersionedFlow } from '../shared/access/evaluate.ts'

const idOf = (kind: string, index: number) =>
  `${kind}0000000-0000-4000-8000-${String(index).padStart(12, '0')}`

const requester = idOf('2', 1)

/**
 * Flows as a large company has them: most are about other resources, one in ten covers what is asked
 * for, and each of those has every rule there is.
 */
export function manyFlows(count: number): readonly VersionedFlow[] {
  return Array.from({ length: count }, (_, index) => ({
    name: `team-${index}`,
    version: 1,
    description: `Team ${index} works on its own resources`,
    intake: ['http'],
    requesters: {
      operator: 'and',
      conditions: [
        { type: 'attribute', attribute: 'userType', match: 'is', values: ['member'] },
        {
          operator: 'or',
          conditions: [
            { type: 'group', values: [idOf('3', index), idOf('3', index + 1)] },
            { type: 'attribute', attribute: 'department', match: 'starts-with', values: ['Eng'] },
          ],
        },
      ],
    },
    targets: [
      {
        integration: 'ContosoEntra',
        resourceType: 'group',
        permissions: ['member'],
        include: [{ by: 'name', values: [index % 10 === 0 ? 'Production *' : `Team ${index} *`] }],
        exclude: [{ by: 'name', values: ['* Administrators'] }],
      },
    ],
    approval: { mode: 'any-of', steps: [{ approvers: ['manager'], escalateAfter: 'PT1H' }] },
    timeframe: {
      days: ['mon', 'tue', 'wed', 'thu', 'fri'],
      from: '07:00',
      to: '19:00',
      timeZone: index % 2 === 0 ? 'Europe/Berlin' : 'America/New_York',
    },
    duration: { maximum: 'PT8H', default: 'PT1H' },
    justification: { required: true, pattern: '.{10,}' },
    ticket: { required: true, pattern: '[A-Z]{2,5}-[0-9]+' },
    labels: ['generated'],
  }))
}

export function policyOf(flows: readonly VersionedFlow[]): Policy {
  return {
    integrations: [
      {
        name: 'ContosoEntra',
        resourceTypes: ['group', 'directory-role'],
        exclude: [{ by: 'name', values: ['Break Glass *'] }],
      },
    ],
    flows,
  }
}

export const sampleQuestion: Question = {
  requesterId: requester,
  granteeId: requester,
  resource: { ref: { type: 'group', id: idOf('4', 1) }, name: 'Production Readers' },
  permission: 'member',
  durationMilliseconds: 3_600_000,
  startsAt: new Date('2026-01-05T12:00:00Z'),
  intake: 'http',
  justification: 'errors in the checkout',
  ticket: 'INC-4711',
}

export const sampleFacts: PeopleFacts = {
  isMember: (_person, group) => group === idOf('3', 7),
  managerOf: () => idOf('2', 2),
  attributeOf: (_person, attribute) => (attribute === 'userType' ? 'Member' : 'Engineering'),
}
