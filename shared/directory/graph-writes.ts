import type { AccessKey } from '../access/access.ts'
import { DirectoryUnavailableError } from '../access/errors.ts'
import { classifyGraphError, type Write } from './classify-graph-error.ts'
import type { WriteLimits, WriteOutcome } from './directory.ts'
import type { ReadHolding } from './graph-holdings.ts'
import type { GraphHost } from './graph-host.ts'
import {
  addLinkPath,
  addRoleAssignmentPath,
  directoryScopeId,
  isObjectId,
  linkPath,
  linksOf,
  objectReference,
  roleAssignmentPath,
  roleScope,
  userPath,
} from './graph-paths.ts'
import { errorOf, type Wait, withinTime } from './graph-reads.ts'
import {
  type GraphAnswer,
  type GraphCall,
  requestIdOf,
  type SendToGraph,
  TransportFailure,
} from './graph-transport.ts'
import type { WriteGovernor } from './write-governor.ts'

interface Needs {
  readonly send: SendToGraph
  readonly holds: ReadHolding
  readonly tenantId: string
  readonly host: GraphHost
  readonly now: () => Date
  readonly wait: Wait
  readonly governor: Pick<WriteGovernor, 'pause' | 'heed'>
}

type WriteCall = Pick<GraphCall, 'path' | 'body'> & { readonly method: 'POST' | 'DELETE' }

/** The two writes of the broker: each is sent once, and is over by its deadline. */
export function createGraphWrites(needs: Needs) {
  return {
    add: (access: AccessKey, limits: WriteLimits): Promise<WriteOutcome> =>
      write(needs, { operation: 'add', access }, limits, async () =>
        additionOf(needs.host, access),
      ),

    remove: (access: AccessKey, limits: WriteLimits, assignmentId?: string) =>
      write(needs, { operation: 'remove', access }, limits, (signal) =>
        removalOf(needs, access, assignmentId, signal),
      ),
  }
}

async function write(
  needs: Needs,
  what: Write,
  limits: WriteLimits,
  prepare: (signal: AbortSignal) => Promise<WriteCall | undefined>,
): Promise<WriteOutcome> {
  const problem = unnameable(what.access, needs.tenantId)
  if (problem !== undefined) return { kind: 'refused', reason: 'invalid', detail: problem }
  const milliseconds = limits.deadline.getTime() - needs.now().getTime()
  if (milliseconds <= 0) return { kind: 'not-applied', detail: 'Cannot write: no time is left' }
  return withinTime(needs.wait, milliseconds, async (signal) => {
    try {
      const call = await prepare(signal)
      if (call === undefined) return { kind: 'already' }
      const answer = await needs.send({ ...call, requestId: limits.attemptId, signal })
      const outcome = outcomeOf(what, answer, needs.now())
      tellGovernor(needs.governor, answer, outcome)
      return outcome.kind === 'already'
        ? await explained(needs, what, outcome, answer, signal)
        : outcome
    } catch (error) {
      return failedOutcome(error)
    }
  })
}

function additionOf(host: GraphHost, access: AccessKey): WriteCall {
  if (access.resource.type === 'group') {
    return {
      method: 'POST',
      path: addLinkPath(access.resource.id, linksOf(access.permission)),
      body: { '@odata.id': objectReference(host, access.grantee) },
    }
  }
  return {
    method: 'POST',
    path: addRoleAssignmentPath(),
    body: {
      '@odata.type': '#microsoft.graph.unifiedRoleAssignment',
      roleDefinitionId: access.resource.id,
      principalId: access.grantee,
      directoryScopeId: directoryScopeId(access.resource),
    },
  }
}

/** `undefined` where there is no assignment that could be removed. */
async function removalOf(
  { holds }: Needs,
  access: AccessKey,
  assignmentId: string | undefined,
  signal: AbortSignal,
): Promise<WriteCall | undefined> {
  if (access.resource.type === 'group') {
    const path = linkPath(access.resource.id, linksOf(access.permission), access.grantee)
    return { method: 'DELETE', path }
  }
  const id = assignmentId ?? (await holds(access, signal)).assignmentId
  return id === undefined ? undefined : { method: 'DELETE', path: roleAssignmentPath(id) }
}

function outcomeOf(what: Write, answer: GraphAnswer, now: Date): WriteOutcome {
  const graphRequestId = requestIdOf(answer)
  const told = graphRequestId === undefined ? {} : { graphRequestId }
  if (answer.status >= 200 && answer.status < 300) {
    const id = (answer.body as { id?: unknown } | undefined)?.id
    return { kind: 'done', ...told, ...(typeof id === 'string' ? { assignmentId: id } : {}) }
  }
  const retryAfter = answer.headers.get('retry-after')
  return classifyGraphError(
    what,
    {
      status: answer.status,
      ...errorOf(answer.body),
      ...told,
      ...(retryAfter === null ? {} : { retryAfter }),
    },
    now,
  )
}

/** What the directory says of its limits counts for all writes, not only for this one. */
function tellGovernor(
  governor: Needs['governor'],
  { headers }: GraphAnswer,
  outcome: WriteOutcome,
) {
  const share = headers.get('x-ms-throttle-limit-percentage')
  if (share !== null) governor.heed(Number(share))
  if (outcome.kind !== 'not-applied' || outcome.retryAfterSeconds === undefined) return
  governor.pause(outcome.retryAfterSeconds)
}

/**
 * Finds out whether the person is gone, where a removal found nothing.
 *
 * Graph says the same of somebody without the link and of somebody who is no more.
 */
async function explained(
  { send }: Needs,
  { operation, access }: Write,
  outcome: WriteOutcome & { kind: 'already' },
  { status }: GraphAnswer,
  signal: AbortSignal,
): Promise<WriteOutcome> {
  if (operation === 'add' || outcome.missing !== undefined || status !== 404) return outcome
  try {
    const person = await send({ method: 'GET', path: userPath(access.grantee), signal })
    const isGone = person.status === 404 && errorOf(person.body).code !== ''
    return isGone ? { ...outcome, missing: 'grantee' } : outcome
  } catch (error) {
    if (error instanceof TransportFailure) return outcome
    throw error
  }
}

function failedOutcome(error: unknown): WriteOutcome {
  if (error instanceof TransportFailure) {
    const kind = error.kind === 'reply-lost' ? 'ambiguous' : 'not-applied'
    return { kind, detail: error.message }
  }
  // The assignment to remove could not be read, so nothing was sent.
  if (error instanceof DirectoryUnavailableError) {
    const seconds = error.retryAfterSeconds
    return {
      kind: 'not-applied',
      detail: error.message,
      ...(seconds === undefined ? {} : { retryAfterSeconds: seconds }),
    }
  }
  throw error
}

function unnameable(access: AccessKey, ownTenant: string): string | undefined {
  const { tenantId, grantee, resource, permission } = access
  if (tenantId.toLowerCase() !== ownTenant.toLowerCase()) {
    return 'Cannot write to the tenant: it is not the one of this connector'
  }
  if (!isObjectId(grantee)) return 'Cannot name the grantee: it is no object id'
  if (!isObjectId(resource.id)) return 'Cannot name the resource: it is no object id'
  if ((resource.type === 'group') === (permission === 'active')) {
    return `Cannot give ${permission} of a ${resource.type}: there is no such permission`
  }
  if (resource.type === 'directory-role' && roleScope(resource) === undefined) {
    return 'Cannot name the scope: it is neither tenant nor administrative unit'
  }
  return undefined
}
