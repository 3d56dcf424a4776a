import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { orchestrationVersion } from '../../functions/durable/access-life-cycle.ts'
import { buildApp } from '../../scripts/build.ts'

const repository = join(import.meta.dirname, '../..')

const sources = {
  'functions/main.ts': `
    import { app } from '@azure/functions'
    import { greet } from './greet.ts'
    export function namedHandler() { return { body: greet('you') } }
    app.http('hello', { methods: ['GET'], handler: namedHandler })
  `,
  'functions/greet.ts': `export const greet = (name: string): string => 'hello ' + name`,
  'host.json': '{ "version": "2.0" }',
  'tsconfig.json': '{}',
}

describe('buildApp()', () => {
  let root = ''

  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'entra-jit-build-'))
    for (const [name, text] of Object.entries(sources)) await write(name, text)
    await mkdir(join(root, 'node_modules'))
    await symlink(
      join(repository, 'node_modules/@azure'),
      join(root, 'node_modules/@azure'),
      'junction',
    )
  })

  afterEach(() => rm(root, { recursive: true, force: true }))

  test('makes a folder that the host can run with nothing beside it', async () => {
    const result = await buildApp({ root })

    expect(result.built).toBe(true)
    expect(result.files.map(({ name }) => name).sort()).toEqual(
      [
        ...['host.json', 'main.mjs', 'main.mjs.map', 'package.json'],
        ...['schemas/access-flow.json', 'schemas/bundle.json', 'schemas/config.json'],
        ...['schemas/integration.json'],
      ].sort(),
    )
    expect(JSON.parse(await read('dist/package.json'))).toMatchObject({
      type: 'module',
      main: 'main.mjs',
      orchestrationVersion,
    })
  })

  test('keeps function names, leaves the module of the host outside and the sources out of the map', async () => {
    await buildApp({ root })

    const bundle = await read('dist/main.mjs')
    const map = JSON.parse(await read('dist/main.mjs.map'))
    expect(bundle).toContain('"namedHandler"')
    expect(bundle).toMatch(/"@azure\/functions-core"/)
    expect(map.sources).toContain('../functions/greet.ts')
    expect(map.sourcesContent).toBeUndefined()
  })

  test('builds again only when a source, host.json or a result has changed', async () => {
    const first = await buildApp({ root })
    const unchanged = await buildApp({ root })
    await write(
      'functions/greet.ts',
      `export const greet = (name: string): string => 'bye ' + name`,
    )
    const afterSource = await buildApp({ root })
    await write('host.json', '{ "version": "2.0", "functionTimeout": "00:01:00" }')
    const afterHostJson = await buildApp({ root })
    await write('dist/main.mjs', 'tampered')
    const afterTampering = await buildApp({ root })

    const built = [first, unchanged, afterSource, afterHostJson, afterTampering].map((x) => x.built)
    expect(built).toEqual([true, false, true, true, true])
    expect(await read('dist/main.mjs')).toContain('bye ')
  })

  const read = (name: string) => readFile(join(root, name), 'utf8')

  async function write(name: string, text: string): Promise<void> {
    await mkdir(dirname(join(root, name)), { recursive: true })
    await writeFile(join(root, name), text)
  }
})
