import type { Request } from './answers.ts'
import type { Context } from './context.ts'
import { type Fact, facts, type Style, shown, table } from './text.ts'
import { durationWords, localTime, relative } from './time.ts'

const styles: Readonly<Record<string, Style>> = {
  active: 'green',
  'pending-approval': 'yellow',
  scheduled: 'cyan',
  granting: 'cyan',
  ending: 'cyan',
  overdue: 'red',
  failed: 'red',
  denied: 'red',
  'timed-out': 'red',
}

/** Requests one a line. */
export function requestTable(requests: readonly Request[], { world }: Context): string {
  const now = world.now()
  return table<Request>(
    requests,
    [
      { head: 'STATUS', cell: ({ status }) => status, style: ({ status }) => styles[status] },
      { head: 'RESOURCE', cell: ({ resource }) => resource.name, mayShrink: true },
      { head: 'AS', cell: ({ permission }) => permission },
      { head: 'FOR', cell: ({ granteeName }) => granteeName, mayShrink: true },
      { head: 'FLOW', cell: ({ accessFlow }) => accessFlow?.name, mayShrink: true },
      { head: 'TIME', cell: (request) => whenOf(request, now) },
      { head: 'ID', cell: ({ id }) => id },
    ],
    world.out,
  )
}

/** What is next for it, or how long ago it was over. */
function whenOf(
  { status, startsAt, endsAt, endedAt, createdAt, duration }: Request,
  now: Date,
): string | undefined {
  if (endedAt !== undefined) return `ended ${relative(endedAt, now)}`
  if (status === 'active' || status === 'ending' || status === 'overdue') {
    return `ends ${relative(endsAt, now)}`
  }
  if (status === 'scheduled') return `starts ${relative(startsAt, now)}`
  if (status === 'pending-approval' && duration !== undefined)
    return `for ${durationWords(duration)}`
  return relative(createdAt, now)
}

/** Everything about one request. */
export function requestFacts(request: Request, { world }: Context): string {
  const now = world.now()
  const { resource, approval } = request
  const time = (at: string | undefined) => {
    const local = localTime(at, world.timeZone)
    return local === undefined ? undefined : `${local} (${relative(at, now)})`
  }
  const lines = facts(
    [
      ['Request', request.id],
      ['Status', request.status, styles[request.status]],
      ['Resource', `${resource.name} (${request.permission})`],
      ['', [resource.type, resource.id, resource.scope].filter(Boolean).join(' ')],
      ['For', request.granteeName],
      [
        'Asked by',
        request.requesterName === request.granteeName ? undefined : request.requesterName,
      ],
      ['Flow', `${request.accessFlow?.name ?? ''} (${request.integration})`],
      ['Duration', request.duration === undefined ? undefined : durationWords(request.duration)],
      ['Reason', request.justification],
      ['Ticket', request.ticket],
      ['Extends', request.extends],
      ['Asked', time(request.createdAt)],
      ['Starts', request.grantedAt === undefined ? time(request.startsAt) : undefined],
      ['Granted', time(request.grantedAt)],
      ['Ends', request.endedAt === undefined ? time(request.endsAt) : undefined],
      ['Ended', time(request.endedAt)],
      ['Why', request.endReason],
      ['Problem', request.problem?.detail],
      ...(approval === undefined ? [] : approvalFacts(approval, now)),
    ],
    world.out,
  )
  const { accessDetails } = request
  return accessDetails === undefined
    ? lines
    : [lines, '', 'How to use it:', linesOf(accessDetails)].join('\n')
}

/** Steps of an approval: who may decide, and who did. */
function approvalFacts({ steps }: NonNullable<Request['approval']>, now: Date): readonly Fact[] {
  return steps.flatMap(({ state = 'open', approvers = [], decisions = [], opensAt }, index) => [
    [
      `Step ${index + 1}`,
      `${state}${state === 'waiting' && opensAt !== undefined ? `, opens ${relative(opensAt, now)}` : ''}: ${approverNames(approvers) || 'nobody'}`,
    ] as const,
    ...decisions.map(({ name, approver, decision, reason }): Fact => {
      const said = reason === undefined ? '' : `, "${reason}"`
      return ['', `${name ?? approver} said ${decision}${said}`]
    }),
  ])
}

const mostNames = 10

/** Who may decide, by name. */
export function approverNames(
  approvers: readonly {
    readonly people?: readonly { readonly name: string }[] | undefined
    readonly groups?: readonly { readonly name: string }[] | undefined
  }[],
): string {
  const names = approvers.flatMap(({ people = [], groups = [] }) =>
    [...groups, ...people].map(({ name }) => name),
  )
  const more = names.length > mostNames ? ` and ${names.length - mostNames} more` : ''
  return `${[...new Set(names)].slice(0, mostNames).join(', ')}${more}`
}

function linesOf(text: string): string {
  return text
    .split('\n')
    .map(shown)
    .map((line) => `  ${line}`)
    .join('\n')
}
