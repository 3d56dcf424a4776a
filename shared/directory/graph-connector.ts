import { decodeJwt } from 'jose'
import type { ConnectorRole } from '../access/connector-test.ts'
import { DirectoryUnavailableError } from '../access/errors.ts'
import type { ConnectorCredential } from './credential-cache.ts'
import type { ConnectorFacts } from './directory.ts'
import { type BatchNeeds, createBatches } from './graph-batch.ts'
import type { GraphHost } from './graph-host.ts'
import { assignmentShape, pageShape, parsed, textOf } from './graph-objects.ts'
import { isObjectId, ownRolesPath, roleDefinitionPath } from './graph-paths.ts'
import { type ReadGraph, unavailable, type Wait, withinTime } from './graph-reads.ts'

interface Needs extends BatchNeeds {
  readonly read: ReadGraph
  readonly credential: ConnectorCredential
  readonly host: GraphHost
  readonly wait: Wait
}

const action = 'look up the roles of the connector'
/** All of it, so that whoever asks has his answer within ten seconds. */
const budgetMilliseconds = 8_000

/** Finds out what the connector holds, without changing anything. */
export function createDescribeConnector(needs: Needs): () => Promise<ConnectorFacts> {
  return () =>
    withinTime(needs.wait, budgetMilliseconds, async (signal) => {
      const token = await readToken(needs, signal)
      if (!token.ok) return { token }
      const roles = await readRoles(needs, token.principalId, signal)
      return { token, ...(roles === undefined ? {} : { roles }) }
    })
}

/** A new token: the one that is in use may be from before a permission was given. */
async function readToken(
  { credential, host }: Needs,
  signal: AbortSignal,
): Promise<ConnectorFacts['token']> {
  try {
    credential.forget?.()
    const aborted = new Promise<never>((_, reject) => {
      signal.addEventListener('abort', () => reject(new Error('no answer in time')))
    })
    const asked = credential.getToken(`${host.canonical}/.default`, { abortSignal: signal })
    const answer = await Promise.race([asked, aborted])
    if (answer === null) return { ok: false, problem: 'No token was given.' }
    const { roles, appid, azp, oid, tid } = decodeJwt(answer.token)
    const texts = (value: unknown) => (typeof value === 'string' ? value : '')
    return {
      ok: true,
      appId: texts(appid ?? azp),
      principalId: texts(oid),
      tenantId: texts(tid),
      permissions: Array.isArray(roles) ? roles.filter((role) => typeof role === 'string') : [],
    }
  } catch (error) {
    return { ok: false, problem: problemOf(error) }
  }
}

/** The authority's own code and no more: its texts name addresses and applications. */
function problemOf(error: unknown): string {
  const code = /AADSTS\d+/.exec(String(error))?.[0]
  return code === undefined ? 'No token was given.' : `No token was given: ${code}.`
}

/** Undefined when the directory does not tell: it lacks the permission, or does not answer. */
async function readRoles(
  needs: Needs,
  principalId: string,
  signal: AbortSignal,
): Promise<readonly ConnectorRole[] | undefined> {
  if (!isObjectId(principalId)) return undefined
  try {
    const answer = await needs.read({ action, path: ownRolesPath(principalId), signal })
    if (answer.status !== 200) throw unavailable(action, answer, needs.now())
    const assignments = parsed(pageShape, answer.body).value.map((item) =>
      parsed(assignmentShape, item),
    )
    const ids = [...new Set(assignments.map(({ roleDefinitionId }) => roleDefinitionId))]
    const steps = ids
      .filter(isObjectId)
      .map((id) => [id, { method: 'GET', url: roleDefinitionPath(id) }] as const)
    const read: ReadGraph = (each) => needs.read({ ...each, signal })
    const names = await createBatches(action, { ...needs, read })(new Map(steps))
    return assignments.map(({ roleDefinitionId, directoryScopeId }) => ({
      id: roleDefinitionId.toLowerCase(),
      name: textOf(names.get(roleDefinitionId)?.body, 'displayName') ?? roleDefinitionId,
      scope: directoryScopeId ?? '/',
    }))
  } catch (error) {
    if (error instanceof DirectoryUnavailableError) return undefined
    throw error
  }
}
