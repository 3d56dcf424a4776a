import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { extname, join, relative, sep } from 'node:path'

/** One file of the portal, in the forms that the build wrote. */
export interface PortalFile {
  readonly type: string
  /** Its name carries the hash of its contents, so it never changes. */
  readonly isHashed: boolean
  readonly encodings: readonly Encoding[]
  /** The contents in one of the forms, with a strong ETag. */
  read(encoding: Encoding): Promise<PortalContents>
}

export interface PortalContents {
  readonly body: Uint8Array
  readonly etag: string
}

export type Encoding = 'br' | 'gzip' | 'identity'

/** Finds a built file by its path in the address; what was not there when first asked is not served. */
export type FindPortalFile = (path: string) => Promise<PortalFile | undefined>

const types: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
  '.woff2': 'font/woff2',
}

const suffixes: Readonly<Record<Encoding, string>> = { br: '.br', gzip: '.gz', identity: '' }

/**
 * Finds files in the folder of the built portal. The folder is listed with the first call, not when
 * the app starts; only what the list names is ever opened, so no path leads out of it.
 */
export function createPortalFiles(folder: string): FindPortalFile {
  let listed: Promise<ReadonlyMap<string, PortalFile>> | undefined
  return async (path) => {
    listed ??= list(folder)
    return (await listed).get(path)
  }
}

async function list(folder: string): Promise<ReadonlyMap<string, PortalFile>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => [])
  const names = new Set(
    entries
      .filter((entry) => entry.isFile())
      .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/')),
  )
  const files = new Map<string, PortalFile>()
  for (const name of names) {
    const type = types[extname(name)]
    if (type === undefined) continue
    const encodings = (['br', 'gzip', 'identity'] as const).filter((encoding) =>
      names.has(name + suffixes[encoding]),
    )
    files.set(`/${name}`, {
      ...{ type, encodings },
      isHashed: name.startsWith('assets/'),
      read: once((encoding) => contentsOf(join(folder, name + suffixes[encoding]))),
    })
  }
  return files
}

async function contentsOf(file: string): Promise<PortalContents> {
  const body = await readFile(file)
  return { body, etag: `"${createHash('sha256').update(body).digest('hex').slice(0, 32)}"` }
}

/** Reads each form once and keeps it: the whole portal is smaller than one answer of some APIs. */
function once(read: (encoding: Encoding) => Promise<PortalContents>) {
  const kept = new Map<Encoding, Promise<PortalContents>>()
  return (encoding: Encoding) => {
    const found = kept.get(encoding) ?? read(encoding)
    kept.set(encoding, found)
    return found
  }
}
