import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { run } from '../../cli/run.ts'
import type { World } from '../../cli/world.ts'

/** A call as the broker saw it. */
export interface Seen {
  readonly method: string
  /** Path and query, without `/api`. */
  readonly path: string
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly text: string
  // biome-ignore lint/suspicious/noExplicitAny: a test reads what it expects to be there.
  readonly json: any
}

export interface Told {
  readonly status?: number
  readonly body?: unknown
  readonly type?: string
  /** Closes the connection in the middle of the body, or before any answer. */
  readonly breaksOff?: boolean | 'at-once'
}

export interface Broker {
  readonly url: string
  readonly seen: Seen[]
  stop(): Promise<void>
}

/** A server that answers as a broker would; what no rule knows gets the platform's bare 404. */
export async function startBroker(answer: (call: Seen) => Told | undefined): Promise<Broker> {
  const seen: Seen[] = []
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const text = Buffer.concat(chunks).toString()
    const isJson = request.headers['content-type'] === 'application/json'
    const call: Seen = {
      method: request.method ?? '',
      path: (request.url ?? '').replace(/^\/api/, ''),
      headers: request.headers,
      text,
      json: isJson ? JSON.parse(text) : undefined,
    }
    seen.push(call)
    const told = answer(call)
    if (told === undefined) {
      response.writeHead(404).end()
      return
    }
    if (told.breaksOff === 'at-once') {
      response.destroy()
      return
    }
    const { status = 200, body, type = typeof body === 'string' ? 'text/plain' : undefined } = told
    const isProblem = type === undefined && status >= 400
    response.writeHead(status, {
      'content-type': type ?? (isProblem ? 'application/problem+json' : 'application/json'),
    })
    const sent = typeof body === 'string' ? body : JSON.stringify(body)
    if (told.breaksOff === true) response.write(sent, () => response.destroy())
    else response.end(sent)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    seen,
    async stop() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

export interface Ran {
  readonly code: number
  readonly out: string
  readonly err: string
}

/** Somebody's terminal: a home of its own, a clock that moves when it is slept, and what was said. */
export interface Terminal {
  readonly home: string
  type(...words: readonly string[]): Promise<Ran>
  remove(): Promise<void>
}

export interface TerminalOptions {
  readonly env?: Readonly<Record<string, string>>
  readonly isTTY?: boolean
  readonly columns?: number
  readonly platform?: NodeJS.Platform
  /** What the person answers when asked; without it nobody is there. */
  readonly answer?: string
  readonly input?: string
  /** Reads along what is said to the person. */
  readonly onSaid?: (text: string) => void
  readonly openBrowser?: (address: string) => Promise<void>
  /** What happens elsewhere while the command sleeps. */
  readonly onSleep?: (milliseconds: number) => Promise<unknown>
  readonly now?: string
}

export async function openTerminal({
  env = {},
  isTTY = false,
  columns,
  platform = 'linux',
  answer,
  input = '',
  onSaid = () => undefined,
  openBrowser = async () => undefined,
  onSleep = async () => undefined,
  now = '2026-01-05T12:00:00Z',
}: TerminalOptions = {}): Promise<Terminal> {
  const home = await mkdtemp(join(tmpdir(), 'entra-jit-cli-'))
  let time = Date.parse(now)
  return {
    home,
    async type(...words) {
      const said = { out: '', err: '' }
      const output = (name: 'out' | 'err') => ({
        write: (text: string | Uint8Array) => {
          const words = typeof text === 'string' ? text : new TextDecoder().decode(text)
          said[name] += words
          if (name === 'err') onSaid(words)
        },
        isTTY,
        columns,
      })
      const world: World = {
        env,
        platform,
        home,
        folder: home,
        timeZone: 'Europe/Lisbon',
        out: output('out'),
        err: output('err'),
        now: () => new Date(time),
        sleep: async (milliseconds) => {
          time += milliseconds
          await onSleep(milliseconds)
        },
        readInput: async () => input,
        isInteractive: answer !== undefined,
        ask: async (question) => {
          said.err += question
          return answer ?? ''
        },
        openBrowser,
      }
      const code = await run(words, world)
      return { code, ...said }
    },
    remove: () => rm(home, { recursive: true, force: true }),
  }
}
