import { expect, test } from 'vitest'
import { startSample } from './start-sample.ts'

test('hooks see and change what a function gets, returns and throws', async () => {
  const seen: unknown[] = []
  const emitter: NodeJS.EventEmitter = process
  emitter.once('sample-terminated', (notes: unknown[]) => seen.push(...notes))
  const host = await startSample('hooks')

  const changed = await host.worker.invoke('shout', { string: 'hello' })
  const mended = await host.worker.invoke('shout', { string: 'bad' })
  await host.stop()

  expect(changed).toEqual({ string: '<HELLO!>' })
  expect(mended).toEqual({ string: 'mended' })
  expect(seen).toEqual(['appStart', 'from before', 'from before'])
})
