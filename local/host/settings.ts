import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { isRecord, parseJson } from './host-json.ts'

/** Names and values as the app finds them in its environment. */
export type Settings = Readonly<Record<string, string>>

/** What `local.settings.json` holds for the host itself. */
interface LocalSettings {
  readonly values: Settings
  readonly port: number | undefined
}

/** Reads `local.settings.json`; an app without one has no local settings. */
export async function readLocalSettings(appDirectory: string): Promise<LocalSettings> {
  const file = join(appDirectory, 'local.settings.json')
  const text = await readOptional(file)
  if (text === undefined) return { values: {}, port: undefined }

  const parsed = parseJson(text, file)
  if (!isRecord(parsed)) throw new Error(`Cannot read ${file}: it holds no object`)
  if (parsed['IsEncrypted'] !== false) {
    throw new Error(`Cannot read ${file}: it is encrypted (IsEncrypted is not false)`)
  }
  const host = parsed['Host']
  const port = isRecord(host) ? host['LocalHttpPort'] : undefined
  return {
    values: { ...readValues(parsed['Values'], file), ...connections(parsed['ConnectionStrings']) },
    port: typeof port === 'number' ? port : undefined,
  }
}

/** Joins settings, the earlier sources winning; an empty value of an earlier one does not win. */
export function mergeSettings(
  ...sources: readonly Readonly<Record<string, string | undefined>>[]
): Record<string, string> {
  const merged: Record<string, string> = {}
  for (const source of sources) {
    for (const [name, value] of Object.entries(source)) {
      if (value !== undefined && !merged[name]) merged[name] = value
    }
  }
  return merged
}

/** The value of a setting; names ignore case, as they do in the host. */
export function readSetting(settings: Settings, name: string): string | undefined {
  const exact = settings[name]
  if (exact !== undefined) return exact
  const wanted = name.toLowerCase()
  return Object.entries(settings).find(([key]) => key.toLowerCase() === wanted)?.[1]
}

/** Replaces each `%NAME%` by its setting. */
export function resolveNames(text: string, settings: Settings): string {
  return text.replace(/%([^%]+)%/g, (_whole, name: string) => {
    const value = readSetting(settings, name)
    if (value === undefined) throw new Error(`the setting ${name} is missing`)
    return value
  })
}

/** The value of a binding's `connection`, which names a setting. */
export function readConnection(settings: Settings, name: string): string | undefined {
  const names = [`AzureWebJobs${name}`, name, `ConnectionStrings:${name}`]
  return names.map((candidate) => readSetting(settings, candidate)).find(Boolean)
}

async function readOptional(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}

function readValues(values: unknown, file: string): Settings {
  const settings: Record<string, string> = {}
  if (!isRecord(values)) return settings
  for (const [name, value] of Object.entries(values)) {
    if (value === null) continue
    if (typeof value !== 'string') {
      throw new Error(`Cannot read ${file}: the value of ${name} is not a text`)
    }
    settings[name] = value
  }
  return settings
}

function connections(values: unknown): Settings {
  const settings: Record<string, string> = {}
  if (!isRecord(values)) return settings
  for (const [name, value] of Object.entries(values)) {
    const text = isRecord(value) ? value['ConnectionString'] : value
    if (typeof text === 'string') settings[`ConnectionStrings:${name}`] = text
  }
  return settings
}

/** Puts settings into the environment of this process, and returns what takes them out again. */
export function applyEnvironment(settings: Settings): () => void {
  const before = new Map<string, string | undefined>()
  for (const [name, value] of Object.entries(settings)) {
    if (process.env[name] === value) continue
    before.set(name, process.env[name])
    process.env[name] = value
  }
  return () => {
    for (const [name, value] of before) {
      if (process.env[name] !== settings[name]) continue
      if (value === undefined) delete process.env[name]
      else process.env[name] = value
    }
  }
}
