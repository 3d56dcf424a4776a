import { fork } from 'node:child_process'
import { parseArgs } from 'node:util'
import { allCrashes } from './crash-points.ts'
import { addTally, emptyTally, explain, runSeeds, type Tally } from './many.ts'

const help = `npm run simulate: tells stories of faults to the product, beside a model of who should have what.

  --runs N        drawn stories (default 1000)
  --seed S        the first of them (default 1); the same seed is always the same story
  --processes P   that share the work (default 2)
  --crashes       also goes through all single crash points and pairs of them`

const shown = 3

interface Share {
  readonly runs: number
  readonly seed: number
  readonly crashes: boolean
  readonly part: number
  readonly parts: number
}

async function workOff({ runs, seed, crashes, part, parts }: Share): Promise<Tally> {
  const seeds = Array.from({ length: runs }, (_, index) => seed + index)
  const tally = await runSeeds(seeds.filter((_, index) => index % parts === part))
  if (crashes) addTally(tally, await allCrashes(part, parts))
  return tally
}

function inProcess(share: Share): Promise<Tally> {
  return new Promise((resolve, reject) => {
    const child = fork(new URL(import.meta.url), ['--share', JSON.stringify(share)])
    child.once('message', (message) => resolve(message as Tally))
    child.once('exit', (code) => {
      if (code !== 0) reject(new Error(`Cannot simulate: a process left with ${code}`))
    })
  })
}

function print(tally: Tally, seconds: number): void {
  const years = tally.virtualMilliseconds / (365 * 86_400_000)
  const faults = Object.entries(tally.faults).sort(([, a], [, b]) => b - a)
  const lines = [
    `runs            ${tally.runs}`,
    `grants          ${tally.grants}`,
    `virtual years   ${years.toFixed(1)}`,
    `outside calls   ${tally.calls}`,
    `faults          ${faults.map(([kind, count]) => `${kind} ${count}`).join(', ')}`,
    `violations      ${tally.violations.length}`,
    `time            ${seconds.toFixed(0)} s`,
  ]
  console.log(lines.join('\n'))
}

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '1000' },
    seed: { type: 'string', default: '1' },
    processes: { type: 'string', default: '2' },
    crashes: { type: 'boolean', default: false },
    share: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
})

if (values.help) {
  console.log(help)
} else if (values.share !== undefined) {
  // Nobody waits for the rest when the command was stopped.
  process.once('disconnect', () => process.exit(1))
  const tally = await workOff(JSON.parse(values.share) as Share)
  process.send?.(tally, () => process.exit(0))
} else {
  const began = Date.now()
  const parts = Number(values.processes)
  const { crashes } = values
  const base = { runs: Number(values.runs), seed: Number(values.seed), crashes, parts }
  const tallies = await Promise.all(
    Array.from({ length: parts }, (_, part) => inProcess({ ...base, part })),
  )
  const sum = emptyTally()
  for (const tally of tallies) addTally(sum, tally)
  print(sum, (Date.now() - began) / 1000)
  for (const { story, message } of sum.violations.slice(0, shown)) {
    console.log(`\n${await explain(story, message)}`)
  }
  process.exitCode = sum.violations.length === 0 ? 0 : 1
}
