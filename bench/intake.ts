import { TableClient } from '@azure/data-tables'
import * as z from 'zod'
import { apiAs, type CallApi, expectAnswer } from '../local/stack/api-client.ts'
import type { ReadyFile } from '../local/stack/ready-file.ts'
import type { BenchStack } from './bench-stack.ts'
import { type Figure, median } from './figure.ts'
import { startHostProcess } from './host-process.ts'

const concurrency = 8
const pairs = 10
const millisecondsARun = 1_500

/** Accepted requests a second, against plain inserts into the same storage in the same minutes. */
export async function benchIntake(
  stack: BenchStack,
  bodies: readonly Readonly<Record<string, unknown>>[],
): Promise<readonly Figure[]> {
  const host = await startHostProcess('dist', stack.directSettings)
  try {
    return await measure(stack, bodies, await apiAs(apiAt(stack, host.url), 'ada'))
  } finally {
    await host.stop()
  }
}

function apiAt({ ready }: BenchStack, url: string): ReadyFile {
  return { ...ready, addresses: { ...ready.addresses, api: `${url}/api` } }
}

async function measure(
  stack: BenchStack,
  bodies: readonly Readonly<Record<string, unknown>>[],
  call: CallApi,
): Promise<readonly Figure[]> {
  const table = TableClient.fromConnectionString(
    stack.ready.connectionStrings.storage,
    'BenchInserts',
    { allowInsecureConnection: true },
  )
  await table.createTable()

  let inserted = 0
  const insert = async () => {
    inserted += 1
    const rowKey = String(inserted).padStart(12, '0')
    await table.createEntity({ partitionKey: `p${inserted % 16}`, rowKey, text: 'x'.repeat(300) })
  }
  let asked = 0
  const ask = async () => {
    const body = bodies[asked++]
    if (body === undefined) throw new Error('Cannot go on asking: every body was used')
    expectAnswer('ask for access', await call('POST', '/requests', body), [202], z.unknown())
  }

  const ratios: number[] = []
  const accepted: number[] = []
  for (let pair = 0; pair < pairs; pair++) {
    const inserts = await perSecond(insert)
    const requests = await perSecond(ask)
    accepted.push(requests)
    ratios.push(requests / inserts)
  }
  return [
    { name: 'accepted requests a second', value: median(accepted), unit: '1/s' },
    {
      name: 'accepted requests ÷ plain Azurite inserts',
      value: median(ratios),
      unit: 'ratio',
      limit: { at: 'least', value: 0.05 },
    },
  ]
}

async function perSecond(run: () => Promise<void>): Promise<number> {
  const began = performance.now()
  let done = 0
  const worker = async () => {
    while (performance.now() - began < millisecondsARun) {
      await run()
      done += 1
    }
  }
  await Promise.all(Array.from({ length: concurrency }, worker))
  return (done * 1000) / (performance.now() - began)
}
