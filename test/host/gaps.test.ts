import { expect, test } from 'vitest'
import { startSample } from './start-sample.ts'

test('a host says at start what it does not do for an app', async () => {
  const host = await startSample('gaps')
  await host.stop()

  const warnings = host.lines.filter((line) => line.startsWith('warning'))
  expect(warnings).toEqual([
    'warning Host.Startup: counter will not be called: this host offers no entityTrigger',
    'warning Host.Startup: queued will not be called: this host offers no queueTrigger',
    'warning Host.Startup: queued does without result: this host offers no output queue',
    'warning Host.Startup: tick will not be retried: this host offers no retry policies',
  ])
})

test('a function that uses an output binding fails instead of losing its output', async () => {
  const host = await startSample('gaps')
  const run = host.worker.invoke('queued', { string: 'x' })

  await expect(run).rejects.toThrow(
    'Cannot deliver output result of queued: this host offers no output bindings',
  )
  await host.stop()
})
