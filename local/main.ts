import { dirname } from 'node:path'
import { buildApp } from '../scripts/build.ts'
import { StateInUseError } from './azurite/state-lock.ts'
import { runSample } from './sample/run-sample.ts'
import { samplePeople, sampleRequests } from './sample/sample-people.ts'
import { seedConfiguration as seed } from './seed/seed-configuration.ts'
import { help, parseOptions, type StackOptions, UsageError } from './stack/options.ts'
import { PartFailedError } from './stack/part.ts'
import { assertPortsAreFree, PortsTakenError } from './stack/ports.ts'
import { printWelcome } from './stack/print-welcome.ts'
import { readyFileIn, writeReadyFile } from './stack/ready-file.ts'
import { heading, paint, seconds, step } from './stack/report.ts'
import { seedConfiguration } from './stack/seed-configuration.ts'
import { type Stack, startStack } from './stack/start-stack.ts'
import { prepareStateFolder } from './stack/state-folder.ts'

const root = dirname(import.meta.dirname)

/** `npm start`: brings the stack up, shows the sample, stays until it is asked to leave. */
async function main(): Promise<number> {
  const options = parseOptions(process.argv.slice(2), root)
  if (options === undefined) {
    console.log(help)
    return 0
  }
  const asked = whenAskedToLeave()
  const starting = start(options)
  const stack = await Promise.race([starting, asked])
  // Parts that are on their way up see that this process ends, and leave by themselves.
  if (stack === undefined) return 0

  const ended = await Promise.race([
    stayUp(options, stack),
    asked.then(() => ({ kind: 'asked' as const })),
    stack.lost.then((sentence) => ({ kind: 'lost' as const, sentence })),
  ])
  if (ended.kind === 'lost') console.error(`\n${paint('red', ended.sentence)}; stopping the rest`)
  else console.log('\nStopping …')
  await stack.stop()
  if (ended.kind === 'asked') {
    console.log(`Stopped. State is kept in ${options.state}; npm start goes on from there.`)
  }
  return ended.kind === 'asked' && !sampleFailed ? 0 : 1
}

let sampleFailed = false

async function start(options: StackOptions): Promise<Stack> {
  const began = performance.now()
  heading('entra-jit, the whole of it on this machine')
  await prepareStateFolder(options.state, {
    fresh: options.fresh,
    onWait: () => console.log('  Waiting for the previous stack to save its state …'),
  })
  await assertPortsAreFree(options.ports)
  const stack = await startStack({
    options,
    build: () => buildApp({ root }),
    people: samplePeople,
    now: new Date(),
  })
  await step('Settings', seedConfiguration(stack.ready, 'ada', seed), (outcome) => outcome)
  await writeReadyFile(readyFileIn(options.state), stack.ready)
  if (options.readyFile !== undefined) await writeReadyFile(options.readyFile, stack.ready)
  console.log(`  ${'All is up'.padEnd(22)}${seconds(performance.now() - began)}`)
  return stack
}

/** The sample, then silence: ends only if it throws what it should not. */
async function stayUp(options: StackOptions, { ready }: Stack): Promise<never> {
  if (options.sample) {
    try {
      await runSample(ready, sampleRequests)
    } catch (error) {
      sampleFailed = true
      const why = error instanceof Error ? error.message : String(error)
      console.error(`\n${paint('red', 'The sample did not come to its end.')} ${why}`)
    }
  }
  printWelcome(ready)
  return new Promise<never>(() => {})
}

/** Ctrl-C, a polite kill, or the end of the launcher that started this process. */
function whenAskedToLeave(): Promise<undefined> {
  return new Promise((fulfil) => {
    const leave = () => fulfil(undefined)
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, leave)
    process.on('disconnect', leave)
  })
}

const foreseen = [UsageError, StateInUseError, PortsTakenError, PartFailedError]

try {
  process.exitCode = await main()
} catch (error) {
  if (!foreseen.some((kind) => error instanceof kind)) throw error
  console.error(`\n${paint('red', error instanceof Error ? error.message : String(error))}`)
  process.exitCode = error instanceof UsageError ? 2 : 1
}
process.exit()
