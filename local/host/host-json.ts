import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

/** The app's `host.json`, parsed, overrides applied. */
export type HostJson = Readonly<Record<string, unknown>>

const overridePrefix = 'azurefunctionsjobhost__'

/** Reads `host.json` and applies the settings that override single values of it. */
export async function readHostJson(
  appDirectory: string,
  settings: Readonly<Record<string, string>>,
): Promise<HostJson> {
  const file = join(appDirectory, 'host.json')
  const parsed: unknown = parseJson(await readText(file), file)
  if (!isRecord(parsed)) throw new Error(`Cannot read ${file}: it holds no object`)
  if (parsed['version'] !== '2.0') {
    throw new Error(`Cannot read ${file}: its version is not "2.0"`)
  }
  for (const [name, value] of Object.entries(settings)) {
    if (!name.toLowerCase().startsWith(overridePrefix)) continue
    setValue(parsed, name.slice(overridePrefix.length).split('__'), value)
  }
  return parsed
}

/** The value at a path such as `extensions`, `http`, `routePrefix`; names ignore case. */
export function hostJsonValue(hostJson: HostJson, ...path: readonly string[]): unknown {
  let value: unknown = hostJson
  for (const name of path) {
    if (!isRecord(value)) return undefined
    value = value[keyOf(value, name)]
  }
  return value
}

/** A whole number at that path; text counts, since overrides arrive as text. */
export function hostJsonNumber(hostJson: HostJson, ...path: readonly string[]): number | undefined {
  const value = hostJsonValue(hostJson, ...path)
  if (value === undefined || value === null) return undefined
  const number = Number(value)
  if (!Number.isInteger(number)) {
    throw new Error(`Cannot use host.json: ${path.join('.')} is no whole number`)
  }
  return number
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Parses JSON read from `source`, naming it when the text is broken. */
export function parseJson(text: string, source: string): unknown {
  try {
    // Editors on Windows leave a byte order mark, which JSON.parse refuses.
    return JSON.parse(text.replace(/^\uFEFF/, ''))
  } catch (cause) {
    throw new Error(`Cannot read ${source}: it is not valid JSON`, { cause })
  }
}

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (cause) {
    throw new Error(`Cannot read ${file}: a function app needs this file`, { cause })
  }
}

function setValue(target: Record<string, unknown>, path: readonly string[], value: string): void {
  const [first = '', ...rest] = path
  const key = keyOf(target, first)
  if (rest.length === 0) {
    target[key] = value
    return
  }
  const inner = target[key]
  const next = isRecord(inner) ? inner : {}
  target[key] = next
  setValue(next, rest, value)
}

function keyOf(record: Readonly<Record<string, unknown>>, name: string): string {
  const wanted = name.toLowerCase()
  return Object.keys(record).find((key) => key.toLowerCase() === wanted) ?? name
}
