import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { type ApiAnswer, apiAs, type CallApi } from '../../local/stack/api-client.ts'
import { type ReadyFile, readReadyFile } from '../../local/stack/ready-file.ts'

const root = dirname(dirname(import.meta.dirname))

/** The local stack as `npm start -- --no-sample` runs it, on free ports and a folder of its own. */
export interface Local {
  readonly ready: ReadyFile
  as(name: string): Promise<CallApi>
  /** kill -9 of everything that may be killed, the way a power cut would. */
  kill(): Promise<void>
  stop(): Promise<void>
}

export interface LocalFolder {
  start(environment?: Readonly<Record<string, string>>): Promise<Local>
  remove(): Promise<void>
}

/** A state folder that outlives several starts. */
export async function localFolder(): Promise<LocalFolder> {
  const state = await mkdtemp(join(tmpdir(), 'entra-jit-stack-'))
  let current: ChildProcess | undefined
  return {
    async start(environment = {}) {
      const file = join(state, 'test-ready.json')
      await rm(file, { force: true })
      const child = spawn(
        process.execPath,
        [
          join(root, 'local/main.ts'),
          ...['--no-sample', '--ports', 'auto', '--state', state, '--ready-file', file],
        ],
        { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...environment } },
      )
      current = child
      const said: string[] = []
      for (const stream of [child.stdout, child.stderr]) {
        stream?.on('data', (chunk: Buffer) => said.push(chunk.toString()))
      }
      while (!existsSync(file)) {
        if (child.exitCode !== null) {
          throw new Error(
            `Cannot start the stack: it ended with ${child.exitCode}\n${said.join('')}`,
          )
        }
        await wait(50)
      }
      const ready = await readReadyFile(file)
      return {
        ready,
        as: (name) => apiAs(ready, name),
        async kill() {
          const ended = once(child, 'exit')
          for (const { pid, mayKill } of ready.processes) if (mayKill) process.kill(pid, 'SIGKILL')
          await ended
        },
        stop: () => leave(child),
      }
    },
    async remove() {
      if (current !== undefined) await leave(current)
      await rm(state, { recursive: true, force: true })
    },
  }
}

async function leave(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  child.kill('SIGTERM')
  await ended
}

/** Asks again until the answer is as wanted. */
export async function eventually<Value>(
  ask: () => Promise<Value>,
  isWanted: (value: Value) => boolean,
  seconds = 30,
): Promise<Value> {
  const deadline = Date.now() + seconds * 1000
  for (;;) {
    const value = await ask()
    if (isWanted(value)) return value
    if (Date.now() > deadline) {
      throw new Error(`Cannot wait any longer; the last answer: ${JSON.stringify(value)}`)
    }
    await wait(100)
  }
}

/** The parsed body of an answer, as a test reads it. */
// biome-ignore lint/suspicious/noExplicitAny: a test reads what it expects to be there.
export const bodyOf = (answer: ApiAnswer): any => answer.body
