import { glob, readFile, stat } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { extname, join, relative, resolve, sep } from 'node:path'
import { pathToFileURL } from 'node:url'
import { captureRegistrations } from './core-api.ts'
import type { Registrations } from './core-types.ts'
import { isRecord, parseJson } from './host-json.ts'

// An `import()` written here could be rewritten by whatever runs this file (a test runner does).
const importer = 'data:text/javascript,export const importModule = (url) => import(url)'
const { importModule }: { importModule: (url: string) => Promise<unknown> } = await import(importer)

let loads = 0

/** Loads the files that `main` of the app's package.json names, anew each time it is called. */
export async function loadApp(appDirectory: string): Promise<Registrations> {
  const directory = resolve(appDirectory)
  const { entries, type } = await findEntries(directory)
  return captureRegistrations(async () => {
    forgetModules(directory)
    loads += 1
    for (const entry of entries) {
      try {
        await loadEntry(entry, type)
      } catch (cause) {
        throw new Error(`Cannot load ${entry}: ${messageOf(cause)}`, { cause })
      }
    }
  })
}

async function loadEntry(entry: string, type: unknown): Promise<void> {
  if (extname(entry) === '.mjs' || (extname(entry) !== '.cjs' && type === 'module')) {
    // Modules cannot be unloaded; another query makes another module of the same file.
    await importModule(`${pathToFileURL(entry).href}?load=${loads}`)
  } else {
    createRequire(entry)(entry)
  }
}

async function findEntries(directory: string): Promise<{ entries: string[]; type: unknown }> {
  const file = join(directory, 'package.json')
  const parsed = parseJson(await readPackage(file), file)
  const main = isRecord(parsed) ? parsed['main'] : undefined
  if (!isRecord(parsed) || typeof main !== 'string') {
    throw new Error(`Cannot load the app: ${file} names no main`)
  }
  const entries: string[] = []
  for await (const path of glob(main, { cwd: directory })) entries.push(join(directory, path))
  const files = await Promise.all(entries.map((entry) => stat(entry)))
  const found = entries.filter((_entry, index) => files[index]?.isFile())
  if (found.length === 0) {
    throw new Error(`Cannot load the app: no file matches main "${main}" of ${file}`)
  }
  return { entries: found.sort(), type: parsed['type'] }
}

async function readPackage(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (cause) {
    throw new Error(`Cannot load the app: ${file} cannot be read`, { cause })
  }
}

/** Makes `require` run the app's own files again; its libraries stay, each load shares them. */
function forgetModules(directory: string): void {
  const { cache } = createRequire(join(directory, 'package.json'))
  for (const file of Object.keys(cache)) {
    const path = relative(directory, file)
    const own = !path.startsWith('..') && !path.split(sep).includes('node_modules')
    if (own) delete cache[file]
  }
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause)
}
