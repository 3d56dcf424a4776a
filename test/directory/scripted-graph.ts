import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { AccessKey } from '../../shared/access/access.ts'

/** A request as Graph would have seen it. */
export interface SeenRequest {
  readonly method: string
  /** Path and query, without `/v1.0`. */
  readonly path: string
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: unknown
}

export interface ScriptedAnswer {
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  /** Sent as JSON; a text is sent as HTML. */
  readonly body?: unknown
  /** Closes the connection instead of answering. */
  readonly drop?: boolean
  /** Never answers. */
  readonly hang?: boolean
}

export type Script = (request: SeenRequest) => ScriptedAnswer

/** A server that answers as a test says and remembers what it was asked. */
export async function startScriptedGraph(script: Script) {
  const seen: SeenRequest[] = []
  const closed: string[] = []
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const text = Buffer.concat(chunks).toString()
    const asked: SeenRequest = {
      method: request.method ?? '',
      path: (request.url ?? '').replace(/^\/v1\.0/, ''),
      headers: request.headers,
      body: text === '' ? undefined : JSON.parse(text),
    }
    seen.push(asked)
    response.on('close', () => {
      if (!response.writableEnded) closed.push(asked.path)
    })
    reply(response, script(asked))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    seen,
    /** Paths of requests that the caller gave up. */
    closed,
    async stop() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

function reply(response: ServerResponse, answer: ScriptedAnswer): void {
  if (answer.hang) return
  if (answer.drop) {
    response.destroy()
    return
  }
  const isText = typeof answer.body === 'string'
  response.writeHead(answer.status ?? 200, {
    'content-type': isText ? 'text/html' : 'application/json; odata.metadata=minimal',
    'request-id': 'graph-request-1',
    ...answer.headers,
  })
  if (answer.body === undefined) response.end()
  else response.end(isText ? answer.body : JSON.stringify(answer.body))
}

export function graphError(code: string, message: string) {
  return { error: { code, message, innerError: { 'request-id': 'graph-request-1' } } }
}

export function notFound(id: string): ScriptedAnswer {
  const message = `Resource '${id}' does not exist or one of its queried reference-property objects are not present.`
  return { status: 404, body: graphError('Request_ResourceNotFound', message) }
}

export const tenantId = '10000000-0000-0000-0000-000000000000'
export const ann = '20000000-0000-0000-0000-00000000000a'
export const group = '30000000-0000-0000-0000-00000000000b'
export const role = '40000000-0000-0000-0000-00000000000c'
export const unit = '50000000-0000-0000-0000-00000000000d'

export const membership: AccessKey = {
  tenantId,
  grantee: ann,
  resource: { type: 'group', id: group },
  permission: 'member',
}

export const unitRole: AccessKey = {
  tenantId,
  grantee: ann,
  resource: { type: 'directory-role', id: role, scope: `/administrativeUnits/${unit}` },
  permission: 'active',
}

export const tokenForTests = {
  getToken: async () => ({ token: 'local', expiresOnTimestamp: Number.MAX_SAFE_INTEGER }),
}
