import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import * as z from 'zod'

export interface HostProcess {
  readonly url: string
  stop(): Promise<void>
}

const root = dirname(import.meta.dirname)
const readySchema = z.object({ url: z.string() })

/** The embedded host in a process of its own, running the app of a folder of this repository. */
export async function startHostProcess(
  app: string,
  settings: Readonly<Record<string, string>>,
): Promise<HostProcess> {
  const args = [join(root, 'local/host/main.ts'), '--app', join(root, app), '--port', '0']
  const child = spawn(process.execPath, args, {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, ...settings },
  })
  const ended = once(child, 'exit')
  const stop = async () => {
    child.kill('SIGKILL')
    await ended
  }
  for await (const line of createInterface(child.stdout)) {
    if (!line.startsWith('READY ')) continue
    child.stdout.resume()
    return { url: readySchema.parse(JSON.parse(line.slice('READY '.length))).url, stop }
  }
  throw new Error(`Cannot start the host on ${app}: it ended before it was ready`)
}
