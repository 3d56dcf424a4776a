import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build } from 'esbuild'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { sampleDirectory, startSample } from './start-sample.ts'

let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'host-bundle-'))
  await build({
    entryPoints: [join(sampleDirectory('durable'), 'main.mjs')],
    outfile: join(folder, 'dist/main.mjs'),
    bundle: true,
    platform: 'node',
    format: 'esm',
    minify: true,
    keepNames: true,
    mainFields: ['module', 'main'],
    external: ['@azure/functions-core'],
    banner: {
      js: "import{createRequire as __cr}from'node:module';const require=__cr(import.meta.url);",
    },
    logLevel: 'error',
  })
  await writeFile(join(folder, 'package.json'), '{ "type": "module", "main": "dist/main.mjs" }')
  await writeFile(join(folder, 'host.json'), '{ "version": "2.0" }')
})

afterAll(() => rm(folder, { recursive: true }))

test('a host runs an app that is one file with its libraries inside, also several times', async () => {
  const first = await startSample('bundle', { appDirectory: folder })
  const second = await startSample('bundle', { appDirectory: folder })

  const greeted = await first.worker.invoke('greet', { string: '"Ada"' })
  const response = await fetch(`${second.url}/api/begin/life`, { method: 'POST' })
  const { statusQueryGetUri } = (await response.json()) as { statusQueryGetUri: string }
  await first.stop()
  await second.stop()

  expect(greeted).toEqual({ string: 'Hello, Ada!' })
  expect(statusQueryGetUri.startsWith(second.url)).toBe(true)
})
