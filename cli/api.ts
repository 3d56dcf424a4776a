import * as z from 'zod'
import { CliError } from './cli-error.ts'
import { shown } from './text.ts'
import type { World } from './world.ts'

export interface ApiAnswer {
  readonly status: number
  readonly headers: Headers
  readonly body: unknown
}

export interface Sent {
  /** What the person wanted, for the error: `ask for access`. */
  readonly action: string
  readonly json?: unknown
  /** A body that is sent as it is, with its type. */
  readonly raw?: { readonly text: string; readonly type: string }
  readonly query?: Readonly<Record<string, string | undefined>>
  readonly headers?: Readonly<Record<string, string>>
}

/** The broker's API, as one person. */
export interface Api {
  readonly address: string
  /** The parsed body of a good answer; else a `CliError`. */
  call(method: string, path: string, sent: Sent): Promise<ApiAnswer>
  /** The answer with its body still to come, for exports. */
  stream(path: string, sent: Sent): Promise<Response>
}

const problemSchema = z.object({
  title: z.string().optional(),
  detail: z.string().optional(),
  instance: z.string().optional(),
})

/** Talks to the broker; errors become one line that says what could not be done and why. */
export function createApi(
  world: World,
  address: string,
  tokenOf: () => Promise<string>,
  debug: boolean,
): Api {
  const send = async (method: string, path: string, sent: Sent): Promise<Response> => {
    const url = new URL(`${address}/api${path}`)
    for (const [name, value] of Object.entries(sent.query ?? {})) {
      if (value !== undefined) url.searchParams.set(name, value)
    }
    const raw =
      sent.json === undefined
        ? sent.raw
        : { text: JSON.stringify(sent.json), type: 'application/json' }
    const headers = {
      authorization: `Bearer ${await tokenOf()}`,
      ...(raw === undefined ? {} : { 'content-type': raw.type }),
      ...sent.headers,
    }
    let response: Response
    try {
      const body = raw === undefined ? {} : { body: raw.text }
      response = await fetch(url, { method, headers, redirect: 'error', ...body })
    } catch (cause) {
      throw new CliError(`Cannot ${sent.action}: nothing answers at ${address}`, {
        hint: 'Is the broker running there? Another address: --url, or ENTRA_JIT_URL.',
        cause,
      })
    }
    if (debug) world.err.write(`${method} ${url.href} → ${response.status}\n`)
    if (!response.ok) throw await refusalOf(sent.action, response)
    return response
  }

  return {
    address,
    async call(method, path, sent) {
      const response = await send(method, path, sent)
      const text = await response.text()
      const isJson = /\bjson\b/.test(response.headers.get('content-type') ?? '')
      const body: unknown = isJson && text !== '' ? JSON.parse(text) : text
      return { status: response.status, headers: response.headers, body }
    },
    stream: (path, sent) => send('GET', path, sent),
  }
}

/** The status is kept for commands that know what it means for them. */
export class ApiRefusal extends CliError {
  readonly status: number
  readonly body: unknown

  constructor(message: string, status: number, body: unknown, hint?: string) {
    super(message, hint === undefined ? {} : { hint })
    this.status = status
    this.body = body
  }
}

async function refusalOf(action: string, response: Response): Promise<ApiRefusal> {
  const text = await response.text()
  const body = parsed(text)
  const problem = problemSchema.safeParse(body)
  const said = problem.success ? (problem.data.detail ?? problem.data.title) : undefined
  // The platform answers so, in no words of the broker's, where there is no such call.
  const unsaid = response.status === 404 ? 'this broker does not offer it' : undefined
  const reason = shown(said ?? unsaid ?? `the broker answered ${response.status}`)
  const hint =
    response.status === 401 ? 'Sign in with: entra-jit login' : hintOf(response, problem.data)
  return new ApiRefusal(`Cannot ${action}: ${reason}`, response.status, body, hint)
}

function hintOf({ status }: Response, problem: z.infer<typeof problemSchema> | undefined) {
  return status >= 500 && problem?.instance !== undefined
    ? `For whoever runs the broker: ${shown(problem.instance)}`
    : undefined
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
