import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import type {
  SimulatedAdministrativeUnit,
  SimulatedGroup,
  SimulatedRoleAssignment,
  SimulatedRoleDefinition,
  SimulatedServicePrincipal,
  SimulatedTenant,
  SimulatedUser,
} from './tenant.ts'

/** One entry of the directory's own audit log, in Graph's words. */
export interface DirectoryAudit {
  readonly id: string
  readonly activityDateTime: string
  readonly activityDisplayName: string
  readonly [field: string]: unknown
}

/** A user or group that can be restored, with its links as they were. */
export interface DeletedObject {
  readonly kind: 'users' | 'groups'
  readonly object: SimulatedUser | SimulatedGroup
  readonly deletedDateTime: string
}

/** Everything that changes, by id. */
export interface Collections {
  readonly users: ReadonlyMap<string, SimulatedUser>
  readonly groups: ReadonlyMap<string, SimulatedGroup>
  readonly servicePrincipals: ReadonlyMap<string, SimulatedServicePrincipal>
  readonly roleDefinitions: ReadonlyMap<string, SimulatedRoleDefinition>
  readonly roleAssignments: ReadonlyMap<string, SimulatedRoleAssignment>
  readonly administrativeUnits: ReadonlyMap<string, SimulatedAdministrativeUnit>
  readonly deleted: ReadonlyMap<string, DeletedObject>
  readonly audits: ReadonlyMap<string, DirectoryAudit>
  /** When each user and group last changed, as a running number: what delta tokens count. */
  readonly changes: ReadonlyMap<string, number>
}

export type Kind = Exclude<keyof Collections, 'changes'>

/** What one request changes, all of it or nothing. */
export type Change =
  | { readonly put: Kind; readonly id: string; readonly value: unknown }
  | { readonly drop: Kind; readonly id: string }

/** The tenant as it is now, and its way to the disk. */
export interface State {
  readonly tenant: SimulatedTenant
  now(): Collections
  /** Written before it returns: a kill -9 after an answer loses nothing. */
  apply(changes: readonly Change[]): void
}

const journalName = 'journal.ndjson'

/** Opens the tenant: as it was seeded, then changed as the journal in the folder says. */
export function openState(tenant: SimulatedTenant, folder?: string): State {
  let collections = seeded(tenant)
  let number = 0
  const take = (changes: readonly Change[]) => {
    number += 1
    collections = changed(collections, changes, number)
  }
  const journal = folder === undefined ? undefined : join(folder, journalName)
  if (folder !== undefined && journal !== undefined) {
    mkdirSync(folder, { recursive: true })
    const lines = readLines(journal)
    for (const line of lines) take(line)
    // Without the half line that a kill may have left at the end.
    writeFileSync(`${journal}.new`, lines.map((line) => `${JSON.stringify(line)}\n`).join(''))
    renameSync(`${journal}.new`, journal)
  }
  return {
    tenant,
    now: () => collections,
    apply(changes) {
      if (changes.length === 0) return
      if (journal !== undefined) appendFileSync(journal, `${JSON.stringify(changes)}\n`)
      take(changes)
    },
  }
}

function readLines(file: string): (readonly Change[])[] {
  if (!existsSync(file)) return []
  return readFileSync(file, 'utf8')
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line))
}

function seeded(tenant: SimulatedTenant): Collections {
  const byId = <Item extends { readonly id: string }>(items: readonly Item[]) =>
    new Map(items.map((item) => [item.id, item]))
  return {
    users: byId(tenant.users),
    groups: byId(tenant.groups),
    servicePrincipals: byId(tenant.servicePrincipals),
    roleDefinitions: byId(tenant.roleDefinitions),
    roleAssignments: byId(tenant.roleAssignments),
    administrativeUnits: byId(tenant.administrativeUnits),
    deleted: new Map(),
    audits: new Map(),
    changes: new Map(),
  }
}

/** Copies only the collections that change: a former state stays what it was, for stale reads. */
function changed(before: Collections, changes: readonly Change[], number: number): Collections {
  const copies = new Map<Kind, Map<string, unknown>>()
  const copyOf = (kind: Kind) => {
    const copy = copies.get(kind) ?? new Map<string, unknown>(before[kind])
    copies.set(kind, copy)
    return copy
  }
  const numbers = new Map(before.changes)
  for (const change of changes) {
    const kind = 'put' in change ? change.put : change.drop
    if ('put' in change) copyOf(kind).set(change.id, change.value)
    else copyOf(kind).delete(change.id)
    if (kind === 'users' || kind === 'groups') numbers.set(change.id, number)
  }
  // Values come from the handlers of this simulator, which build them in these shapes.
  return { ...before, ...Object.fromEntries(copies), changes: numbers } as Collections
}
