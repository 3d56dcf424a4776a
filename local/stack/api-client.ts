import * as z from 'zod'
import type { ReadyFile } from './ready-file.ts'

/** What the API answered, with the body parsed where it is JSON. */
export interface ApiAnswer {
  readonly status: number
  readonly headers: Headers
  readonly body: unknown
}

/** One signed-in person's way to the API. */
export type CallApi = (
  method: string,
  path: string,
  body?: unknown,
  headers?: Readonly<Record<string, string>>,
) => Promise<ApiAnswer>

const tokenSchema = z.object({ access_token: z.string() })

/** A token for one of the sample people, by the simulator's password grant. */
export async function signIn(ready: ReadyFile, who: string): Promise<string> {
  const person = ready.people.find(({ name }) => name === who.toLowerCase())
  const response = await fetch(ready.addresses.tokenEndpoint, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'password',
      client_id: ready.clientId,
      scope: `${ready.clientId}/.default`,
      username: person?.userPrincipalName ?? who,
      password: person?.password ?? 'local',
    }),
  })
  const text = await response.text()
  if (!response.ok) {
    throw new Error(`Cannot sign in as ${who}: the simulator answered ${response.status} ${text}`)
  }
  return tokenSchema.parse(JSON.parse(text)).access_token
}

/** Signs in once; a local token outlives a session at the terminal. */
export async function apiAs(ready: ReadyFile, who: string): Promise<CallApi> {
  const token = await signIn(ready, who)
  return async (method, path, body, headers) => {
    const response = await fetch(`${ready.addresses.api}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const text = await response.text()
    const isJson = response.headers.get('content-type')?.includes('json') ?? false
    return {
      status: response.status,
      headers: response.headers,
      body: isJson && text !== '' ? JSON.parse(text) : text,
    }
  }
}

/** The body of an answer that had to be good; else an error that says what was answered. */
export function expectAnswer<Body>(
  action: string,
  answer: ApiAnswer,
  statuses: readonly number[],
  schema: z.ZodType<Body>,
): Body {
  if (!statuses.includes(answer.status)) {
    const said = typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body)
    throw new Error(`Cannot ${action}: the API answered ${answer.status} ${said}`)
  }
  return schema.parse(answer.body)
}
