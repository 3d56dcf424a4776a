import { writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { parseArgs } from 'node:util'
import { startAzurite } from '../local/azurite/in-process.ts'
import { buildApp } from '../scripts/build.ts'
import { benchAppend } from './append.ts'
import { startBenchStack } from './bench-stack.ts'
import { benchColdStart } from './cold-start.ts'
import { startCountingProxy } from './counting-proxy.ts'
import { benchDecide } from './decide.ts'
import { benchDirectoryReads } from './directory-reads.ts'
import { type Figure, isKept, printFigures } from './figure.ts'
import { benchIntake } from './intake.ts'
import { benchLifeCycle } from './life-cycle.ts'
import { benchMassEnd } from './mass-end.ts'
import { requestBodies, sampleBody } from './request-bodies.ts'
import { benchScheduledLifeCycle } from './scheduled-life-cycle.ts'
import { benchStored } from './stored.ts'
import { benchSweep } from './sweep.ts'

const help = `npm run bench: what the product costs, as counts and as ratios within this run.

  --only NAME   one of: package, decide, directory-reads, mass-end, pim, sweep, append, life-cycle, stored, intake, cold-start
  --help

The figures are printed and, unless --only is given, written to bench/latest.json.`

const root = dirname(import.meta.dirname)
const sections = [
  'package',
  'decide',
  'directory-reads',
  'mass-end',
  'pim',
  'sweep',
  'append',
  'life-cycle',
  'stored',
  'intake',
  'cold-start',
] as const

const { values } = parseArgs({
  options: { only: { type: 'string' }, help: { type: 'boolean', default: false } },
})
if (values.help) {
  console.log(help)
  process.exit(0)
}
if (values.only !== undefined && !sections.some((name) => name === values.only)) {
  console.error(`Cannot run ${values.only}: it is none of ${sections.join(', ')}`)
  process.exit(2)
}

const figures: Figure[] = []
const wanted = (name: (typeof sections)[number]) =>
  values.only === undefined || values.only === name
const section = async (name: (typeof sections)[number], run: () => Promise<readonly Figure[]>) => {
  if (!wanted(name)) return
  const began = performance.now()
  figures.push(...(await run()))
  console.error(`${name}: ${((performance.now() - began) / 1000).toFixed(0)} s`)
}

await section('package', benchPackage)
await section('decide', async () => benchDecide())
await section('directory-reads', benchDirectoryReads)
await section('mass-end', benchMassEnd)
await section('pim', benchScheduledLifeCycle)
await section('sweep', async () => {
  const azurite = await startAzurite()
  const proxy = await startCountingProxy(azurite.connectionString)
  try {
    return await benchSweep(proxy)
  } finally {
    await proxy.stop()
    await azurite.stop()
  }
})
await section('append', async () => {
  const azurite = await startAzurite()
  try {
    return await benchAppend(azurite.connectionString)
  } finally {
    await azurite.stop()
  }
})
const needsStack = ['life-cycle', 'stored', 'intake', 'cold-start'] as const
if (needsStack.some(wanted)) {
  const stack = await startBenchStack()
  try {
    await section('life-cycle', () => benchLifeCycle(stack, sampleBody))
    await section('stored', async () => benchStored(stack, await requestBodies(stack)))
    await section('cold-start', async () => benchColdStart(stack, await requestBodies(stack)))
    await section('intake', async () => benchIntake(stack, await requestBodies(stack)))
  } finally {
    await stack.stop()
  }
}

printFigures(figures)
if (values.only === undefined) {
  const text = JSON.stringify({ figures }, null, 2)
  await writeFile(join(root, 'bench/latest.json'), `${text}\n`)
}
process.exit(figures.every(isKept) ? 0 : 1)

async function benchPackage(): Promise<readonly Figure[]> {
  const { files, zipBytes } = await buildApp({ root })
  return [
    {
      name: 'deployable zip',
      value: zipBytes,
      unit: 'bytes',
      limit: { at: 'most', value: 2 * 1024 * 1024 },
    },
    {
      name: 'files in it, beside those of the page',
      value: files.filter(({ name }) => !name.startsWith('portal')).length,
      unit: 'files',
      limit: { at: 'most', value: 10 },
    },
  ]
}
