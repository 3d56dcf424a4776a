import type { AccessKey } from '../access/access.ts'
import { missingObject } from './classify-graph-error.ts'
import type { Holding } from './directory.ts'
import { createBatches, type Step, type StepAnswer } from './graph-batch.ts'
import type { GraphHost } from './graph-host.ts'
import { assignmentShape, linkedShape, pageShape, parsed } from './graph-objects.ts'
import {
  directoryScopeId,
  findRoleAssignmentsPath,
  linkPath,
  linksOf,
  listLinksPath,
  nextLinkPath,
} from './graph-paths.ts'
import { errorOf, type ReadGraph, unavailable } from './graph-reads.ts'
import type { GraphAnswer } from './graph-transport.ts'

interface Needs {
  readonly read: ReadGraph
  readonly host: GraphHost
  readonly now: () => Date
}

/** Reads whether somebody holds an access directly; the signal ends the read early. */
export type ReadHolding = (access: AccessKey, signal?: AbortSignal) => Promise<Holding>

const action = 'read whether access is held'
const pageSize = 999

/** Reads direct holdings from the directory itself, never from its lagging search index. */
export function createHoldings({ read, ...needs }: Needs): ReadHolding {
  return (access, signal) => {
    const reads: Needs =
      signal === undefined
        ? { ...needs, read }
        : { ...needs, read: (asked) => read({ ...asked, signal }) }
    return access.resource.type === 'group'
      ? groupHolding(reads, access)
      : roleHolding(reads, access)
  }
}

/** Reads many holdings by `$batch`; what one answer cannot tell is read alone. */
export function createHoldingsOfMany(
  needs: Needs,
  holds: ReadHolding,
): (accesses: readonly AccessKey[]) => Promise<readonly Holding[]> {
  const runBatches = createBatches(action, needs)
  return async (accesses) => {
    const steps = accesses.map((access, index): [string, Step] => [
      String(index),
      { method: 'GET', url: holdingPath(access) },
    ])
    const answers = await runBatches(new Map(steps))
    const holdings: Holding[] = []
    for (const [index, access] of accesses.entries()) {
      const told = holdingIn(access, answers.get(String(index)))
      holdings.push(told ?? (await holds(access)))
    }
    return holdings
  }
}

function holdingPath(access: AccessKey): string {
  return access.resource.type === 'group'
    ? linkPath(access.resource.id, linksOf(access.permission), access.grantee)
    : findRoleAssignmentsPath(access)
}

/** Undefined where the answer to a step does not tell. */
function holdingIn(access: AccessKey, answer: StepAnswer | undefined): Holding | undefined {
  if (answer === undefined) return undefined
  if (access.resource.type === 'group') {
    if (answer.status === 200 || answer.status === 204) return { present: true }
    return answer.status === 404 ? absent(access, answer) : undefined
  }
  if (answer.status !== 200) return undefined
  const page = parsed(pageShape, answer.body)
  const found = assignmentIn(page.value, access)
  if (found !== undefined) return found
  return page['@odata.nextLink'] === undefined ? { present: false } : undefined
}

/** Walks a list page by page. */
export async function* pagesOf(
  { read, host, now }: Needs,
  what: string,
  firstPath: string,
): AsyncIterable<readonly unknown[]> {
  let path: string | undefined = firstPath
  while (path !== undefined) {
    const answer: GraphAnswer = await read({ action: what, path })
    if (answer.status !== 200) throw unavailable(what, answer, now())
    const page = parsed(pageShape, answer.body)
    yield page.value
    const next: string | undefined = page['@odata.nextLink']
    path = next === undefined ? undefined : nextLinkPath(host, next)
  }
}

async function groupHolding(needs: Needs, access: AccessKey): Promise<Holding> {
  const links = linksOf(access.permission)
  const answer = await needs.read({
    action,
    path: linkPath(access.resource.id, links, access.grantee),
  })
  switch (answer.status) {
    case 200:
    case 204:
      return { present: true }
    case 404:
      return absent(access, answer)
    case 400:
    case 405:
    case 501:
      return listedHolding(needs, access)
    default:
      throw unavailable(action, answer, needs.now())
  }
}

/** The way round for a directory that does not answer for single links. */
async function listedHolding(needs: Needs, access: AccessKey): Promise<Holding> {
  const path = listLinksPath(access.resource.id, linksOf(access.permission), pageSize)
  for await (const page of pagesOf(needs, action, path)) {
    const ids = page.map((item) => parsed(linkedShape, item).id.toLowerCase())
    if (ids.includes(access.grantee.toLowerCase())) return { present: true }
  }
  return { present: false }
}

async function roleHolding(needs: Needs, access: AccessKey): Promise<Holding> {
  for await (const page of pagesOf(needs, action, findRoleAssignmentsPath(access))) {
    const found = assignmentIn(page, access)
    if (found !== undefined) return found
  }
  return { present: false }
}

function assignmentIn(page: readonly unknown[], access: AccessKey): Holding | undefined {
  const scope = directoryScopeId(access.resource).toLowerCase()
  for (const item of page) {
    const found = parsed(assignmentShape, item)
    const isTheOne =
      found.principalId.toLowerCase() === access.grantee.toLowerCase() &&
      found.roleDefinitionId.toLowerCase() === access.resource.id.toLowerCase() &&
      found.directoryScopeId?.toLowerCase() === scope
    if (isTheOne) return { present: true, assignmentId: found.id }
  }
  return undefined
}

/** A 404 with the person's id is about the person or the link, and does not tell which. */
function absent(access: AccessKey, answer: StepAnswer): Holding {
  const which = missingObject(access, errorOf(answer.body).message)
  return which === 'resource' ? { present: false, missing: 'resource' } : { present: false }
}
