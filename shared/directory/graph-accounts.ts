import { setTimeout as sleep } from 'node:timers/promises'
import * as z from 'zod'
import type { AccountFacts, HeldGroup, Known, OwnedObject } from '../access/cleanup-checks.ts'
import { DirectoryUnavailableError } from '../access/errors.ts'
import { type Accounts, administratorRole, type Relations } from './accounts.ts'
import * as paths from './graph-account-paths.ts'
import { createAccountWrites } from './graph-account-writes.ts'
import { createBatches, type Step, type StepAnswer } from './graph-batch.ts'
import type { GraphDirectoryNeeds } from './graph-directory.ts'
import { pagesOf } from './graph-holdings.ts'
import { type GraphHost, graphHost } from './graph-host.ts'
import { linkedShape, objectKind, pageShape, parsed, userFrom } from './graph-objects.ts'
import { nextLinkPath } from './graph-paths.ts'
import { createGraphReads, errorOf, type ReadGraph, unavailable } from './graph-reads.ts'
import { createGraphTransport } from './graph-transport.ts'

const action = 'look at an account'
const idsInCall = 1000

const accountShape = z.object({
  createdDateTime: z.string().nullish(),
  onPremisesSyncEnabled: z.boolean().nullish(),
  isManagementRestricted: z.boolean().nullish(),
})
const instant = z.string().nullish()
const signInShape = z.object({
  signInActivity: z
    .object({
      lastSignInDateTime: instant,
      lastNonInteractiveSignInDateTime: instant,
      lastSuccessfulSignInDateTime: instant,
    })
    .nullish(),
})
const heldShape = z.object({
  id: z.string(),
  groupTypes: z.array(z.string()).nullish(),
  isAssignableToRole: z.boolean().nullish(),
})
const ownedShape = z.object({
  id: z.string(),
  appId: z.string().nullish(),
  isAssignableToRole: z.boolean().nullish(),
})
const applicationShape = z.object({
  id: z.string(),
  appRoles: z.array(z.object({ id: z.string(), value: z.string().nullish() })).default([]),
})
const assignedShape = z.object({ principalId: z.string(), appRoleId: z.string().nullish() })

interface Reads {
  readonly read: ReadGraph
  readonly host: GraphHost
  readonly now: () => Date
}

/** Accounts by Microsoft Graph v1.0. `apiClientId` is the application of this product's API. */
export function createGraphAccounts(
  needs: GraphDirectoryNeeds & { readonly apiClientId: string },
): Accounts {
  const host = graphHost(needs.baseUrl)
  const { now, wait = (milliseconds, signal) => sleep(milliseconds, undefined, { signal }) } = needs
  const send = createGraphTransport({
    credential: needs.credential,
    host,
    fetch: needs.fetch ?? fetch,
    log: needs.log ?? (() => undefined),
  })
  const reads = { read: createGraphReads({ send, now, wait }), host, now }
  const runBatch = createBatches(action, reads)

  return {
    async read(id) {
      const answers = await runBatch(new Map(Object.entries(urlsOf(id)).map(asStep)))
      return factsFrom(reads, id, (name) => answers.get(name))
    },

    async relations(id) {
      const urls = { sponsors: paths.sponsorsPath(id), manager: paths.managerIdPath(id) }
      const answers = await runBatch(new Map(Object.entries(urls).map(asStep)))
      return relationsFrom(answers.get('sponsors'), answers.get('manager'))
    },

    async isDeleted(id) {
      const answer = await reads.read({ action, path: paths.deletedAccountPath(id) })
      if (answer.status === 200) return true
      if (answer.status === 404) return false
      throw unavailable(action, answer, now())
    },

    administrators: () => administratorsOf(reads, needs.apiClientId.replace(/^api:\/\//i, '')),

    async existing(ids) {
      const found = new Set<string>()
      for (let start = 0; start < ids.length; start += idsInCall) {
        const body = { ids: ids.slice(start, start + idsInCall), types: ['user', 'group'] }
        const path = paths.objectsByIdPath()
        const answer = await reads.read({ action, method: 'POST', path, body })
        if (answer.status !== 200) throw unavailable(action, answer, now())
        for (const item of parsed(pageShape, answer.body).value) {
          found.add(parsed(linkedShape, item).id.toLowerCase())
        }
      }
      return found
    },

    write: createAccountWrites({ send, now, wait }),
  }
}

const urlsOf = (id: string) => ({
  account: paths.accountPath(id),
  signIn: paths.signInPath(id),
  groups: paths.memberOfPath(id),
  owned: paths.ownedPath(id),
  roles: paths.rolesOfPath(id),
  eligible: paths.eligibleRolesPath(id),
  eligibleGroups: paths.eligibleGroupsPath(id),
  appRoles: paths.appRolesPath(id),
  reports: paths.reportsPath(id),
})

function asStep([name, url]: readonly [string, string]): readonly [string, Step] {
  return [name, { method: 'GET', url, mayBeForbidden: true }]
}

async function factsFrom(
  reads: Reads,
  id: string,
  answerOf: (name: keyof ReturnType<typeof urlsOf>) => StepAnswer | undefined,
): Promise<AccountFacts | 'gone'> {
  const account = answerOf('account')
  if (account?.status === 404) return 'gone'
  if (account?.status !== 200) throw new DirectoryUnavailableError(action)
  const user = userFrom(account.body)
  const more = parsed(accountShape, account.body)
  const listOf = (name: keyof ReturnType<typeof urlsOf>) => itemsOf(reads, answerOf(name))
  const held = await listOf('groups')
  const owned = await listOf('owned')
  const isHeld = (known: Known<readonly unknown[]>) =>
    known === 'unknown' ? known : known.length > 0
  const roles = [
    isHeld(await listOf('roles')),
    eligible(answerOf('eligible')),
    eligible(answerOf('eligibleGroups')),
    held === 'unknown' ? held : held.some((item) => objectKind(item) === 'directoryRole'),
  ]
  const appRoles = await listOf('appRoles')
  return {
    id: id.toLowerCase(),
    name: user.displayName,
    userType: user.userType,
    enabled: user.isEnabledUnknown === true ? 'unknown' : user.enabled,
    ...(more.createdDateTime ? { createdAt: new Date(more.createdDateTime) } : {}),
    isSynchronised: more.onPremisesSyncEnabled === true,
    isManagementRestricted: more.isManagementRestricted === true,
    lastSignIn: signInFrom(answerOf('signIn')),
    groups: held === 'unknown' ? held : held.filter(isGroup).map(groupFrom),
    owned: owned === 'unknown' ? owned : owned.map(ownedFrom),
    holdsRole: roles.includes(true) ? true : roles.includes('unknown') ? 'unknown' : false,
    appRoles: appRoles === 'unknown' ? appRoles : appRoles.length,
    hasReports: isHeld(await listOf('reports')),
  }
}

/** All items of a list whose first page is known; `unknown` where nobody may read it. */
async function itemsOf(
  reads: Reads,
  answer: StepAnswer | undefined,
): Promise<Known<readonly unknown[]>> {
  if (answer?.status !== 200) return 'unknown'
  const page = parsed(pageShape, answer.body)
  const next = page['@odata.nextLink']
  const items = [...page.value]
  if (next === undefined) return items
  for await (const more of pagesOf(reads, action, nextLinkPath(reads.host, next)))
    items.push(...more)
  return items
}

/** A tenant without the licence has nobody who could activate anything. */
function eligible(answer: StepAnswer | undefined): Known<boolean> {
  if (answer?.status === 200) return parsed(pageShape, answer.body).value.length > 0
  const { code, message } = errorOf(answer?.body)
  return answer?.status === 400 && /licen[sc]e/i.test(`${code} ${message}`) ? false : 'unknown'
}

function signInFrom(answer: StepAnswer | undefined): Known<Date | undefined> {
  if (answer?.status !== 200) return 'unknown'
  const { signInActivity } = parsed(signInShape, answer.body)
  const times = Object.values(signInActivity ?? {}).flatMap((at) => (at ? [Date.parse(at)] : []))
  return times.length === 0 ? undefined : new Date(Math.max(...times))
}

function isGroup(item: unknown): boolean {
  return objectKind(item) === 'group'
}

function groupFrom(item: unknown): HeldGroup {
  const { id, groupTypes, isAssignableToRole } = parsed(heldShape, item)
  return {
    id: id.toLowerCase(),
    isRoleAssignable: isAssignableToRole === true,
    isDynamic: groupTypes?.includes('DynamicMembership') === true,
  }
}

function ownedFrom(item: unknown): OwnedObject {
  const { id, appId, isAssignableToRole } = parsed(ownedShape, item)
  const kind = objectKind(item)
  const isApplication = kind === 'application' || kind === 'servicePrincipal'
  return {
    id: id.toLowerCase(),
    kind: kind === 'group' ? 'group' : isApplication ? 'application' : 'other',
    isRoleAssignable: isAssignableToRole === true,
    ...(appId ? { appId: appId.toLowerCase() } : {}),
  }
}

function relationsFrom(
  sponsors: StepAnswer | undefined,
  manager: StepAnswer | undefined,
): Relations {
  const ids =
    sponsors?.status === 200
      ? parsed(pageShape, sponsors.body).value.map((item) => parsed(linkedShape, item).id)
      : []
  const managerId = manager?.status === 200 ? parsed(linkedShape, manager.body).id : undefined
  return {
    sponsors: ids.map((id) => id.toLowerCase()),
    ...(managerId === undefined ? {} : { managerId: managerId.toLowerCase() }),
  }
}

async function administratorsOf(
  reads: Reads,
  clientId: string,
): Promise<Known<ReadonlySet<string>>> {
  const found = await reads.read({ action, path: paths.applicationPath(clientId) })
  if (found.status !== 200) return 'unknown'
  const [application] = parsed(pageShape, found.body).value
  if (application === undefined) return 'unknown'
  const { id, appRoles } = parsed(applicationShape, application)
  const role = appRoles.find(({ value }) => value === administratorRole)
  if (role === undefined) return 'unknown'
  const principals = new Set<string>()
  const first = await reads.read({ action, path: paths.assignedRolesPath(id) })
  const assigned = await itemsOf(reads, first)
  if (assigned === 'unknown') return assigned
  for (const item of assigned) {
    const { principalId, appRoleId } = parsed(assignedShape, item)
    if (appRoleId === role.id) principals.add(principalId.toLowerCase())
  }
  return principals
}
