import { setTimeout as wait } from 'node:timers/promises'
import { signIn } from '../local/stack/api-client.ts'
import type { BenchStack } from './bench-stack.ts'
import { type Figure, median } from './figure.ts'
import { startHostProcess } from './host-process.ts'

const rounds = 5

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
    const hello = await untilAnswer('bench/hello', stack.directSettings, (url) =>
      fetch(`${url}/api/hello`),
    )
    const product = await untilAnswer('dist', stack.directSettings, (url) =>
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
  const host = await startHostProcess(app, settings)
  try {
    for (;;) {
      const { status } = await ask(host.url)
      if (status === 200 || status === 202) return performance.now() - began
      if (status < 500) throw new Error(`Cannot use ${app}: it answered ${status}`)
      await wait(5)
    }
  } finally {
    await host.stop()
  }
}
