import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as z from 'zod'

export interface PartOptions<Ready> {
  /** As people read it. */
  readonly name: string
  /** Script below `local/`. */
  readonly script: string
  readonly args: readonly string[]
  /** What the part says when it is up. */
  readonly ready: z.ZodType<Ready>
  readonly environment?: Readonly<Record<string, string>>
  /** Takes all that the part prints; absent, it prints to this terminal. */
  readonly logFile?: string
}

export interface Part<Ready = unknown> {
  readonly name: string
  readonly pid: number
  readonly ready: Ready
  /** Fulfilled when the process has ended, however it did. */
  readonly ended: Promise<string>
  /** Asks the part to leave and waits; one that does not is killed. */
  stop(): Promise<void>
}

/** A part that did not come up, with what it said last. */
export class PartFailedError extends Error {
  override readonly name = 'PartFailedError'

  constructor(part: string, how: string, lastWords: string) {
    super(`Cannot start ${part}: ${lastWords === '' ? how : lastWords}`)
  }
}

const patienceMilliseconds = 20_000

/** Starts a part of the local stack in a process of its own and waits until it says that it is up. */
export async function startPart<Ready>(options: PartOptions<Ready>): Promise<Part<Ready>> {
  const output = options.logFile === undefined ? 'inherit' : openSync(options.logFile, 'w')
  const child = spawn(
    process.execPath,
    ['--enable-source-maps', join(import.meta.dirname, '..', options.script), ...options.args],
    {
      // A session of its own: Ctrl-C reaches only the one who stops the parts in the right order.
      detached: true,
      windowsHide: true,
      stdio: ['ignore', output, output, 'ipc'],
      env: { ...withoutDetours(process.env), ...options.environment },
    },
  )
  if (typeof output === 'number') closeSync(output)

  const ended = once(child, 'exit').then(([code, signal]) =>
    signal === null ? `it ended with ${code}` : `it was ended by ${signal}`,
  )
  const ready = await Promise.race([firstReady(child, options.ready), ended])
  if (typeof ready === 'string' || child.pid === undefined) {
    throw new PartFailedError(options.name, String(ready), lastWords(options.logFile))
  }
  const stop = () => stopChild(child, ended)
  return { name: options.name, pid: child.pid, ready: ready.value, ended, stop }
}

async function firstReady<Ready>(child: ChildProcess, schema: z.ZodType<Ready>) {
  for (;;) {
    const [message] = await once(child, 'message')
    const parsed = z.object({ ready: schema }).safeParse(message)
    if (parsed.success) return { value: parsed.data.ready }
    if (z.object({ ready: z.unknown() }).safeParse(message).success) throw parsed.error
  }
}

async function stopChild(child: ChildProcess, ended: Promise<string>): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  // Windows has no signals that a process could act on, but the end of the channel means the same.
  if (process.platform === 'win32') child.disconnect()
  else child.kill('SIGTERM')
  const impatient = setTimeout(() => child.kill('SIGKILL'), patienceMilliseconds)
  await ended
  clearTimeout(impatient)
}

/** Proxies and storage accounts of the person's shell are not meant for a stack on loopback. */
function withoutDetours(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const detours = /^(https?_proxy|all_proxy|azurite_accounts|node_options)$/i
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !detours.test(name)))
}

function lastWords(logFile: string | undefined): string {
  if (logFile === undefined) return ''
  const lines = readFileSync(logFile, 'utf8').trim().split('\n')
  const plain = lines.findLast((line) => /^(\w*Error: )?Cannot /.test(line))
  return plain?.replace(/^\w*Error: /, '') ?? lines.slice(-12).join('\n')
}
