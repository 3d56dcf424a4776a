import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { type Change, type Collections, changed, seeded } from './collections.ts'
import type { SimulatedTenant } from './tenant.ts'

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
  const journal = folder === undefined ? undefined : join(folder, journalName)
  if (folder !== undefined && journal !== undefined) {
    mkdirSync(folder, { recursive: true })
    const lines = readLines(journal)
    for (const line of lines) collections = changed(collections, line)
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
      collections = changed(collections, changes)
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
