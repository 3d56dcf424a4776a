import { group } from './groups.ts'
import { person } from './people.ts'
import { role, unit } from './roles.ts'

/** The integration and the access flows that the local company starts with. */
export const seedConfiguration = {
  integrations: [
    {
      name: 'ContosoEntra',
      resourceTypes: ['group', 'directory-role'],
      owner: { attribute: 'user', values: [person('ruth')] },
      resourceOwner: { keyName: 'owners', attribute: 'user' },
      customAccessDetails:
        'Sign in again to see the access. Questions: the identity team, or the incident room.',
    },
  ],
  accessFlows: [
    {
      name: 'oncall',
      description: 'Whoever is on call reads production, over HTTP and by message',
      intake: ['http', 'service-bus'],
      requesters: anyOf('group', group('On Call')),
      targets: [
        {
          integration: 'ContosoEntra',
          resourceType: 'group',
          permissions: ['member'],
          include: [{ by: 'name', values: ['Production *'] }],
          exclude: [{ by: 'name', values: ['Production Writers'] }],
        },
      ],
      duration: { maximum: 'PT8H', default: 'PT1H' },
      justification: { required: true },
    },
    {
      name: 'production-writers',
      description: 'Write access to production: its owner approves, after ten minutes the CISO may',
      requesters: anyOf('group', group('On Call')),
      targets: [
        {
          integration: 'ContosoEntra',
          resourceType: 'group',
          permissions: ['member'],
          include: [{ by: 'name', values: ['Production Writers'] }],
        },
      ],
      approval: {
        mode: 'any-of',
        steps: [
          { approvers: ['resource-owner'], escalateAfter: 'PT10M' },
          { approvers: ['integration-owner'] },
        ],
        timeout: 'PT4H',
      },
      duration: { maximum: 'PT2H', default: 'PT30M' },
      justification: { required: true },
    },
    {
      name: 'reports-reader',
      description: 'Managers look at usage reports',
      requesters: anyOf('group', group('Managers')),
      targets: [
        {
          integration: 'ContosoEntra',
          resourceType: 'directory-role',
          permissions: ['active'],
          include: [{ by: 'id', values: [role('Reports Reader')] }],
        },
      ],
      duration: { maximum: 'PT4H', default: 'PT1H' },
      justification: { required: true },
    },
    {
      name: 'helpdesk-unit',
      description: `The service desk helps accounts of one unit (scope /administrativeUnits/${unit('Lisbon Service Desk Scope')})`,
      requesters: anyOf('group', group('Service Desk')),
      targets: [
        {
          integration: 'ContosoEntra',
          resourceType: 'directory-role',
          permissions: ['active'],
          include: [{ by: 'id', values: [role('Helpdesk Administrator')] }],
        },
      ],
      duration: { maximum: 'PT2H', default: 'PT30M' },
      justification: { required: true },
    },
    {
      name: 'lead-for-team',
      description:
        'Managers make somebody of engineering an owner of the payments team for a while',
      requesters: anyOf('group', group('Managers')),
      grantees: anyOf('group', group('Engineering')),
      targets: [
        {
          integration: 'ContosoEntra',
          resourceType: 'group',
          permissions: ['owner', 'member'],
          include: [{ by: 'id', values: [group('Payments Team')] }],
        },
      ],
      duration: { maximum: 'P7D', default: 'P1D' },
      justification: { required: true },
    },
  ],
}

function anyOf(type: 'user' | 'group', ...values: readonly string[]) {
  return { operator: 'or', conditions: [{ type, match: 'is', values }] }
}
