import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { extname, join, relative, sep } from 'node:path'
import { promisify } from 'node:util'
import * as zlib from 'node:zlib'

const brotliDecompress = promisify(zlib.brotliDecompress)
const gzip = promisify(zlib.gzip)

/** One file of the portal, in the forms in which it can be had. */
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
  for (const stored of names) {
    const isCompressed = stored.endsWith('.br')
    const name = isCompressed ? stored.slice(0, -'.br'.length) : stored
    const type = types[extname(name)]
    if (type === undefined) continue
    const file = join(folder, stored)
    files.set(`/${name}`, {
      type,
      encodings: isCompressed ? ['br', 'gzip', 'identity'] : ['identity'],
      isHashed: name.startsWith('assets/'),
      read: once(async (encoding) => {
        const contents = await readFile(file)
        return contentsOf(isCompressed ? await inForm(contents, encoding) : contents)
      }),
    })
  }
  return files
}

/** The build keeps one form; the few callers that do not take it wait for another to be made. */
async function inForm(contents: Buffer, encoding: Encoding): Promise<Buffer> {
  if (encoding === 'br') return contents
  const whole = await brotliDecompress(contents)
  return encoding === 'gzip' ? gzip(whole, { level: 9 }) : whole
}

function contentsOf(body: Uint8Array): PortalContents {
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
