import { spawn } from 'node:child_process'
import { homedir } from 'node:os'
import { createInterface } from 'node:readline/promises'
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'

/** Where a command writes to. */
export interface Output {
  write(text: string | Uint8Array): unknown
  readonly isTTY?: boolean
  readonly columns?: number | undefined
  readonly hasColours?: boolean
}

/** Everything outside of the command line itself. */
export interface World {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly platform: NodeJS.Platform
  readonly home: string
  readonly folder: string
  readonly timeZone: string
  /** Data, and nothing else. */
  readonly out: Output
  /** Everything said to the person. */
  readonly err: Output
  now(): Date
  sleep(milliseconds: number): Promise<void>
  readInput(): Promise<string>
  /** Whether somebody is there to be asked. */
  readonly isInteractive: boolean
  ask(question: string): Promise<string>
  openBrowser(address: string): Promise<void>
}

/** The machine that the command runs on. */
export function systemWorld(): World {
  const { env, platform, stdin, stdout, stderr } = process
  return {
    env,
    platform,
    home: homedir(),
    folder: process.cwd(),
    timeZone: new Intl.DateTimeFormat().resolvedOptions().timeZone,
    out: outputOf(stdout, env),
    err: outputOf(stderr, env),
    now: () => new Date(),
    sleep: async (milliseconds) => {
      await sleep(milliseconds)
    },
    readInput: () => text(stdin),
    isInteractive: stdin.isTTY === true && stderr.isTTY === true && env['CI'] === undefined,
    ask: async (question) => {
      const lines = createInterface({ input: stdin, output: stderr })
      try {
        return await lines.question(question)
      } finally {
        lines.close()
      }
    },
    openBrowser: (address) => open(platform, address),
  }
}

/** A terminal has colours unless somebody said NO_COLOR; anything else has none. */
function outputOf(stream: NodeJS.WriteStream, env: World['env']): Output {
  const isTTY = stream.isTTY === true
  return {
    write: (text) => stream.write(text),
    isTTY,
    get columns() {
      return stream.columns
    },
    hasColours: isTTY && (env['NO_COLOR'] ?? '') === '' && env['TERM'] !== 'dumb',
  }
}

const openers: Readonly<Partial<Record<NodeJS.Platform, readonly string[]>>> = {
  darwin: ['open'],
  // No shell sees the address: `start` would be one.
  win32: ['rundll32', 'url.dll,FileProtocolHandler'],
}

/** Opens a page where that is possible; the address was printed anyway. */
function open(platform: NodeJS.Platform, address: string): Promise<void> {
  const [command = 'xdg-open', ...args] = openers[platform] ?? ['xdg-open']
  return new Promise((resolve) => {
    const child = spawn(command, [...args, address], { stdio: 'ignore', detached: true })
    child.on('error', () => resolve())
    child.on('spawn', () => {
      child.unref()
      resolve()
    })
  })
}
