import { randomBytes } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/**
 * The key of the durable management addresses: the one kept in the folder, or a new random one.
 * It stays the same over restarts, so that status addresses handed out earlier keep working.
 */
export function readSystemKey(stateDirectory: string | undefined): string {
  const made = randomBytes(32).toString('base64url')
  if (stateDirectory === undefined) return made
  mkdirSync(stateDirectory, { recursive: true })
  const file = join(stateDirectory, 'system-key')
  try {
    writeFileSync(file, made, { flag: 'wx', mode: 0o600 })
    return made
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') {
      return readFileSync(file, 'utf8').trim()
    }
    throw error
  }
}
