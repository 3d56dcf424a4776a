import { createHash } from 'node:crypto'
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'

type Digests = Readonly<Record<string, string>>

/** What says whether a build is still good: name → digest, with the packages represented by the lock. */
interface Stamp {
  readonly sources: Digests
  readonly outputs: Digests
}

/** A note of what a build was made of and came to, outside of what is deployed. */
export interface BuildStamp {
  isUpToDate(): Promise<boolean>
  forget(): Promise<void>
  write(sources: readonly string[], outputs: readonly string[]): Promise<void>
  /** The sources of the last build; undefined where there was none. */
  sources(): Promise<readonly string[] | undefined>
}

export function buildStamp(root: string, output: string): BuildStamp {
  const file = join(root, 'node_modules/.cache/entra-jit', `${digestOf(output)}.json`)
  const read = async (): Promise<Stamp | undefined> => {
    const text = await readFile(file, 'utf8').catch(whenAbsent)
    return text === undefined ? undefined : JSON.parse(text)
  }
  const isSame = async (folder: string, digests: Digests) =>
    JSON.stringify(await digestFiles(folder, Object.keys(digests))) === JSON.stringify(digests)
  return {
    async isUpToDate() {
      const stamp = await read()
      if (stamp === undefined) return false
      return (await isSame(root, stamp.sources)) && (await isSame(output, stamp.outputs))
    },
    forget: () => rm(file, { force: true }),
    async write(sources, outputs) {
      const stamp: Stamp = {
        sources: await digestFiles(root, sources),
        outputs: await digestFiles(output, outputs),
      }
      await mkdir(dirname(file), { recursive: true })
      await writeWhole(file, JSON.stringify(stamp))
    },
    async sources() {
      const stamp = await read()
      return stamp && Object.keys(stamp.sources)
    },
  }
}

/** Two starts may build at the same moment: nobody ever sees half a file. */
export async function writeWhole(file: string, contents: string | Uint8Array): Promise<void> {
  const draft = `${file}.${process.pid}.tmp`
  await writeFile(draft, contents)
  await rename(draft, file)
}

async function digestFiles(folder: string, names: readonly string[]): Promise<Digests> {
  const digests: Record<string, string> = {}
  for (const name of names) {
    const contents = await readFile(join(folder, name)).catch(whenAbsent)
    digests[name] = contents === undefined ? 'absent' : digestOf(contents)
  }
  return digests
}

function digestOf(contents: string | Uint8Array): string {
  return createHash('sha256').update(contents).digest('hex')
}

function whenAbsent(error: unknown): undefined {
  if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
  throw error
}
