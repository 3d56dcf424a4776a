import type { AccessKey } from '../access/access.ts'
import { DirectoryUnavailableError } from '../access/errors.ts'
import { pairOfRequest } from '../ledger/ids.ts'
import { openPair, readRequest, type StoredRequest } from '../ledger/pair-ledger.ts'
import { personPartition } from '../ledger/views.ts'
import type { Needs } from './needs.ts'

/** What an approver is told of the person besides the request, and no more of his life than that. */
export interface ApprovalContext {
  /** What he holds through this broker now. */
  readonly grants: readonly {
    readonly id: string
    readonly integration: string
    readonly resource: AccessKey['resource'] & { readonly name: string }
    readonly permission: string
    readonly status: string
    readonly endsAt?: string
  }[]
  /** Whether these are all: only his latest requests are looked at. */
  readonly complete: boolean
  /** Whether he holds the very access by other hands; null when the directory does not tell. */
  readonly standing: boolean | null
}

type ContextNeeds = Pick<Needs, 'tables' | 'directory'>
type Held = Pick<ApprovalContext, 'grants' | 'complete'>

const nothingRead: Held = { grants: [], complete: false }

/** How many of a person's latest requests are looked at. */
const latestRequests = 50
const heldStatuses: ReadonlySet<string> = new Set(['active', 'ending', 'overdue'])

/** What approvers are told beside each of these requests, by its id. */
export async function contextsOf(
  needs: ContextNeeds,
  requests: readonly StoredRequest[],
): Promise<ReadonlyMap<string, ApprovalContext>> {
  const grantees = [...new Set(requests.map(({ key }) => key.grantee))]
  const [standing, ...held] = await Promise.all([
    standingOf(needs, requests),
    ...grantees.map((grantee) => heldBy(needs, grantee)),
  ])
  return new Map(
    requests.map(({ key, reason }, index) => {
      const { grants, complete } = held[grantees.indexOf(key.grantee)] ?? nothingRead
      return [reason.id, { grants, complete, standing: standing[index] ?? null }]
    }),
  )
}

async function heldBy({ tables }: ContextNeeds, grantee: string): Promise<Held> {
  const page = await tables.page(
    'Index',
    personPartition(grantee),
    { from: '0', before: ':' },
    { limit: latestRequests },
  )
  const ids = page.rows.map(({ columns }) => String(columns['requestId']))
  const read = await Promise.all(ids.map((id) => readRequest(tables, id)))
  const grants = read.flatMap((request) =>
    request?.key.grantee === grantee && heldStatuses.has(request.reason.status)
      ? [grantOf(request)]
      : [],
  )
  return { grants, complete: page.next === undefined }
}

function grantOf({ key, reason }: StoredRequest): ApprovalContext['grants'][number] {
  return {
    id: reason.id,
    integration: reason.integration,
    resource: { ...key.resource, name: reason.resourceName },
    permission: key.permission,
    status: reason.status,
    ...(reason.endsAt === undefined ? {} : { endsAt: reason.endsAt }),
  }
}

/** The ledger knows what is ours or was found standing; of the rest the directory is asked. */
async function standingOf(
  { tables, directory }: ContextNeeds,
  requests: readonly StoredRequest[],
): Promise<readonly (boolean | null)[]> {
  const known = await Promise.all(
    requests.map(async ({ reason }) => {
      const { state } = await openPair(tables, pairOfRequest(reason.id) ?? '')
      const held = state?.pair.held
      return held === 'ours' || held === 'standing' ? held === 'standing' : undefined
    }),
  )
  const asked = requests.filter((_, index) => known[index] === undefined)
  const answers = await holdingsOf(directory, asked)
  const seen = new Map(asked.map(({ reason }, index) => [reason.id, answers[index] ?? null]))
  return requests.map(({ reason }, index) => known[index] ?? seen.get(reason.id) ?? null)
}

/** A list of what waits must not fail because the directory cannot be asked about more. */
async function holdingsOf(
  directory: Needs['directory'],
  requests: readonly StoredRequest[],
): Promise<readonly boolean[]> {
  if (requests.length === 0) return []
  try {
    const holdings = await directory.holdsEach(requests.map(({ key }) => key))
    return holdings.map(({ present }) => present)
  } catch (error) {
    if (error instanceof DirectoryUnavailableError) return []
    throw error
  }
}
