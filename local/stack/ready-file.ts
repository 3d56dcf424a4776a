import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import * as z from 'zod'

const readySchema = z.object({
  startedAt: z.string(),
  stateFolder: z.string(),
  addresses: z.object({
    functions: z.string(),
    api: z.string(),
    entra: z.string(),
    graph: z.string(),
    authority: z.string(),
    tokenEndpoint: z.string(),
    blob: z.string(),
    queue: z.string(),
    table: z.string(),
    serviceBus: z.string(),
  }),
  connectionStrings: z.object({ storage: z.string(), serviceBus: z.string() }),
  tenantId: z.string(),
  /** Of the API: the audience of callers' tokens. */
  clientId: z.string(),
  people: z.array(
    z.object({
      name: z.string(),
      userPrincipalName: z.string(),
      id: z.string(),
      is: z.string(),
      password: z.string(),
    }),
  ),
  /** All that runs; a test of crashes may kill every one of them that `mayKill`. */
  processes: z.array(z.object({ name: z.string(), pid: z.number(), mayKill: z.boolean() })),
})

/** Everything one needs to talk to a running local stack. */
export type ReadyFile = z.infer<typeof readySchema>

/** The copy that `npm run token` and `npm run trace` look for. */
export function readyFileIn(stateFolder: string): string {
  return join(stateFolder, 'ready.json')
}

/** Whoever waits for the file never reads half of it. */
export async function writeReadyFile(file: string, ready: ReadyFile): Promise<void> {
  await mkdir(dirname(file), { recursive: true })
  const draft = `${file}.${process.pid}.tmp`
  // Owner only: the storage key is a public one, but the file also lists everything that runs.
  await writeFile(draft, `${JSON.stringify(ready, null, 2)}\n`, { mode: 0o600 })
  await rename(draft, file)
}

export async function readReadyFile(file: string): Promise<ReadyFile> {
  let text: string
  try {
    text = await readFile(file, 'utf8')
  } catch (cause) {
    throw new Error(`Cannot read ${file}: is the local stack running? Start it with npm start`, {
      cause,
    })
  }
  return readySchema.parse(JSON.parse(text))
}
