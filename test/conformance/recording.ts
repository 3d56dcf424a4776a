import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as z from 'zod'

const headers = z.record(z.string(), z.union([z.string(), z.array(z.string())]))

const exchange = z.object({
  note: z.string().optional(),
  request: z.object({
    method: z.string(),
    url: z.string(),
    headers: headers.default({}),
    body: z.unknown().optional(),
  }),
  response: z.object({
    status: z.number(),
    headers: headers.default({}),
    body: z.unknown().optional(),
    rawBody: z.string().optional(),
  }),
})

const invocation = z.looseObject({
  kind: z.string(),
  functionId: z.string().optional(),
  inputData: z
    .array(z.looseObject({ data: z.looseObject({ parsed: z.unknown().optional() }).nullish() }))
    .nullish(),
  returnValue: z.looseObject({ parsed: z.unknown().optional() }).nullish(),
})

const scenario = z.object({
  scenario: z.string(),
  http: z.array(exchange),
  grpc: z.array(invocation).default([]),
})

export type Exchange = z.infer<typeof exchange>
export type Recording = z.infer<typeof scenario>

/** A file of the recordings: a scenario that can be driven again, or one of another kind. */
export type RecordedFile =
  | { readonly name: string; readonly recording: Recording }
  | { readonly name: string; readonly other: string }

/** Every file of a folder of recordings, in the order of their names. */
export async function readRecordings(folder: string): Promise<readonly RecordedFile[]> {
  const files = (await readdir(folder)).filter(
    (file) => file.endsWith('.json') && file !== 'INDEX.json',
  )
  return Promise.all(
    files.toSorted().map(async (file): Promise<RecordedFile> => {
      const name = file.replace(/\.json$/, '')
      const parsed = scenario.safeParse(JSON.parse(await readFile(join(folder, file), 'utf8')))
      if (!parsed.success) return { name, other: 'it holds no HTTP exchanges' }
      if (parsed.data.http.length === 0) return { name, other: 'nothing was asked over HTTP' }
      return { name, recording: parsed.data }
    }),
  )
}

const actionNames: Readonly<Record<number, string>> = {
  7: 'durable entities',
  8: 'durable HTTP',
  9: 'durable entities',
  13: 'locks',
  14: 'locks',
}

/** What of the recording this host leaves out on purpose; undefined where it has to match. */
export function notOffered({ http, grpc }: Recording): string | undefined {
  for (const { request, response } of http) {
    const { pathname } = new URL(request.url)
    if (/\/durabletask\/entities(\/|$)/i.test(pathname)) return 'durable entities'
    if (/\/rewind$/i.test(pathname) && response.status === 202) return 'rewind'
    if (/\/client\/(signal|readEntity)$/i.test(pathname)) return 'durable entities'
  }
  for (const { returnValue } of grpc) {
    const missing = actionsOf(returnValue?.parsed).find((type) => actionNames[type] !== undefined)
    if (missing !== undefined) return actionNames[missing]
  }
  return undefined
}

const answerShape = z.object({ actions: z.array(z.array(z.unknown())) })
const actionShape = z.looseObject({
  actionType: z.number(),
  compoundActions: z.array(z.unknown()).default([]),
})

function actionsOf(answer: unknown): number[] {
  const parsed = answerShape.safeParse(answer)
  return parsed.success ? parsed.data.actions.flat().flatMap(typesOf) : []
}

function typesOf(action: unknown): number[] {
  const parsed = actionShape.safeParse(action)
  if (!parsed.success) return []
  return [parsed.data.actionType, ...parsed.data.compoundActions.flatMap(typesOf)]
}
