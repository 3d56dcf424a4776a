import * as z from 'zod'

/** What an orchestrator function asks for: the out-of-process protocol of durable-functions 3. */

const retryOptions = z.object({
  firstRetryIntervalInMilliseconds: z.number(),
  maxNumberOfAttempts: z.number(),
  backoffCoefficient: z.number().default(1),
  maxRetryIntervalInMilliseconds: z.number().default(Number.POSITIVE_INFINITY),
})

const activity = { functionName: z.string(), input: z.unknown().optional() }
const subOrchestration = {
  ...activity,
  instanceId: z.string().nullish(),
  version: z.string().nullish(),
}

const simpleAction = z.discriminatedUnion('actionType', [
  z.object({ actionType: z.literal(0), ...activity }),
  z.object({ actionType: z.literal(1), ...activity, retryOptions }),
  z.object({ actionType: z.literal(2), ...subOrchestration }),
  z.object({ actionType: z.literal(3), ...subOrchestration, retryOptions }),
  z.object({ actionType: z.literal(4), input: z.unknown().optional() }),
  z.object({ actionType: z.literal(5), fireAt: z.iso.datetime(), isCanceled: z.boolean() }),
  z.object({ actionType: z.literal(6), externalEventName: z.string() }),
])

export type RetryOptions = z.infer<typeof retryOptions>
export type SimpleAction = z.infer<typeof simpleAction>

export type Action =
  | SimpleAction
  | { readonly actionType: 11 | 12; readonly compoundActions: readonly Action[] }

const action: z.ZodType<Action> = z.lazy(() =>
  z.union([
    simpleAction,
    z.object({
      actionType: z.union([z.literal(11), z.literal(12)]),
      compoundActions: z.array(action),
    }),
  ]),
)

const answer = z.object({
  isDone: z.boolean(),
  actions: z.array(z.array(z.looseObject({ actionType: z.number() }))),
  output: z.unknown().optional(),
  customStatus: z.unknown().optional(),
  error: z.string().optional(),
})

/** One answer of an orchestrator function. */
export interface OrchestratorAnswer {
  readonly isDone: boolean
  /** Everything asked for since the execution began, one entry for each `yield`. */
  readonly actions: readonly Action[]
  readonly output?: unknown
  readonly customStatus?: unknown
  /** What the function threw. */
  readonly error?: string
}

/** What this host has on purpose not got, by the number of the action. */
const notOffered: ReadonlyMap<number, string> = new Map([
  [7, 'durable entities'],
  [8, 'durable HTTP'],
  [9, 'durable entities'],
  [10, 'durable entities'],
  [13, 'locks'],
  [14, 'locks'],
])

export class NotOfferedError extends Error {
  override readonly name = 'NotOfferedError'
}

/** Reads an orchestrator's answer; throws `NotOfferedError` where it asks for what is not there. */
export function parseAnswer(text: string): OrchestratorAnswer {
  const { actions: batches, error, ...rest } = answer.parse(JSON.parse(text))
  const raw = batches.flat()
  refuseWhatIsNotOffered(raw)
  const actions = raw.map((one) => action.parse(one))
  return { ...rest, actions, ...(error === undefined ? {} : { error }) }
}

function refuseWhatIsNotOffered(actions: readonly Readonly<Record<string, unknown>>[]): void {
  for (const one of actions) {
    const missing = notOffered.get(Number(one['actionType']))
    if (missing !== undefined) throw new NotOfferedError(`this host does not offer ${missing}`)
    const parts = z.array(z.looseObject({})).safeParse(one['compoundActions'])
    if (parts.success) refuseWhatIsNotOffered(parts.data)
  }
}
