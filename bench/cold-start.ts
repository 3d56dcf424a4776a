import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as wait } from 'node:timers/promises'
import * as z from 'zod'
import { signIn } from '../local/stack/api-client.ts'
import type { BenchStack } from './bench-stack.ts'
import { type Figure, median } from './figure.ts'

const rounds = 5
const root = dirname(import.meta.dirname)

/** From the start of the host's process to its first good answer, against an app that says hello. */
export async function benchColdStart(
  stack: BenchStack,
  bodies: readonly Readonly<Record<string, unknown>>[],
): Promise<readonly Figure[]> {
  const token = await signIn(stack.ready, 'ada')
  const ratios: number[] = []
  const times: number[] = []
  for (let round = 0; round < rounds; round++) {
    const body = bodies[round]
    const hello = await untilAnswer(join(root, 'bench/hello'), stack.settings, (url) =>
      fetch(`${url}/api/hello`),
    )
    const product = await untilAnswer(join(root, 'dist'), stack.settings, (url) =>
      fetch(`${url}/api/requests`, {
        method: 'POST',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        body: JSON.stringify(body),
      }),
    )
    times.push(product)
    ratios.push(product / hello)
  }
  return [
    { name: 'process start to first accepted request', value: median(times), unit: 'ms' },
    {
      name: 'the same ÷ that of a hello-world app',
      value: median(ratios),
      unit: 'ratio',
      limit: { at: 'most', value: 1.3 },
    },
  ]
}

async function untilAnswer(
  app: string,
  settings: Readonly<Record<string, string>>,
  ask: (url: string) => Promise<Response>,
): Promise<number> {
  const began = performance.now()
  const args = [join(root, 'local/host/main.ts'), '--app', app, '--port', '0']
  const child = spawn(process.execPath, args, {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, ...settings },
  })
  try {
    const url = await readyUrl(child)
    for (;;) {
      const { status } = await ask(url)
      if (status === 200 || status === 202) return performance.now() - began
      if (status < 500) throw new Error(`Cannot use ${app}: it answered ${status}`)
      await wait(5)
    }
  } finally {
    await leave(child)
  }
}

const readySchema = z.object({ url: z.string() })

async function readyUrl({ stdout }: ChildProcess): Promise<string> {
  if (stdout === null) throw new Error('Cannot hear the host')
  for await (const line of createInterface(stdout)) {
    if (line.startsWith('READY ')) return readySchema.parse(JSON.parse(line.slice(6))).url
  }
  throw new Error('Cannot start the host: it ended before it was ready')
}

async function leave(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return
  child.kill('SIGKILL')
  await once(child, 'exit')
}
