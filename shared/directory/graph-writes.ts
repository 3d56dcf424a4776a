import type { AccessKey } from '../access/access.ts'
import { classifyGraphError, type Write } from './classify-graph-error.ts'
import type { WriteLimits, WriteOutcome } from './directory.ts'
import type { ReadHolding } from './graph-holdings.ts'
import type { GraphHost } from './graph-host.ts'
import {
  addLinkPath,
  addRoleAssignmentPath,
  directoryScopeId,
  linkPath,
  linksOf,
  objectReference,
  roleAssignmentPath,
  userPath,
} from './graph-paths.ts'
import { errorOf, type Wait } from './graph-reads.ts'
import {
  type GraphAnswer,
  type GraphCall,
  type SendToGraph,
  TransportFailure,
} from './graph-transport.ts'
import { errorAnswerOf, isSuccess, tellGovernor, toldBy, writeWithin } from './graph-write-call.ts'
import type { WriteGovernor } from './write-governor.ts'

/** What writes to Graph are made with. */
export interface GraphWriteNeeds {
  readonly send: SendToGraph
  readonly holds: ReadHolding
  readonly tenantId: string
  readonly host: GraphHost
  readonly now: () => Date
  readonly wait: Wait
  readonly governor: Pick<WriteGovernor, 'pause' | 'heed'>
}

type WriteCall = Pick<GraphCall, 'path' | 'body'> & { readonly method: 'POST' | 'DELETE' }

/** The writes of plain entries: each is sent once, and is over by its deadline. */
export function createGraphWrites(needs: GraphWriteNeeds) {
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

function write(
  needs: GraphWriteNeeds,
  what: Write,
  limits: WriteLimits,
  prepare: (signal: AbortSignal) => Promise<WriteCall | undefined>,
): Promise<WriteOutcome> {
  return writeWithin(needs, what.access, limits, async (signal) => {
    const call = await prepare(signal)
    if (call === undefined) return { kind: 'already' }
    const answer = await needs.send({ ...call, requestId: limits.attemptId, signal })
    const outcome = outcomeOf(what, answer, needs.now())
    tellGovernor(needs.governor, answer, outcome)
    return outcome.kind === 'already'
      ? await explained(needs, what, outcome, answer, signal)
      : outcome
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
  { holds }: GraphWriteNeeds,
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
  if (!isSuccess(answer)) return classifyGraphError(what, errorAnswerOf(answer), now)
  const id = (answer.body as { id?: unknown } | undefined)?.id
  return {
    kind: 'done',
    ...toldBy(answer),
    ...(typeof id === 'string' ? { assignmentId: id } : {}),
  }
}

/**
 * Finds out whether the person is gone, where a removal found nothing.
 *
 * Graph says the same of somebody without the link and of somebody who is no more.
 */
async function explained(
  { send }: GraphWriteNeeds,
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
