import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { cp, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'

const repository = join(import.meta.dirname, '../..')

describe('run.mjs', () => {
  let root = ''

  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'entra-jit-run-'))
    await mkdir(join(root, 'scripts'))
    await cp(join(repository, 'scripts/run.mjs'), join(root, 'scripts/run.mjs'))
    await writeLock('1.0.0')
    await write(
      'hello.ts',
      `const text: string = process.argv.slice(2).join('+'); console.log(text)`,
    )
  })

  afterEach(() => rm(root, { recursive: true, force: true }))

  test('installs once, then starts without touching the network again', async () => {
    const first = await run(['hello.ts'])
    const second = await run(['hello.ts'])

    expect(first).toMatchObject({ code: 0, stderr: expect.stringContaining('npm ci') })
    expect(second).toMatchObject({ code: 0, stderr: '' })
  })

  test('installs again when the lock file has changed', async () => {
    await run(['hello.ts'])
    await writeLock('1.0.1')

    expect((await run(['hello.ts'])).stderr).toContain('npm ci')
  })

  test('takes an installation that a person made himself as it is', async () => {
    await write('node_modules/.package-lock.json', JSON.stringify({ packages: {} }))

    const result = await run(['hello.ts'])

    expect(result).toMatchObject({ code: 0, stderr: '' })
    expect(await readdir(join(root, 'node_modules'))).toContain('.installed-lock')
  })

  test('does not take an installation of other versions for the one it needs', async () => {
    const packages = { 'node_modules/left': { version: '1.0.0' } }
    await write('node_modules/.package-lock.json', JSON.stringify({ packages }))

    expect((await run(['hello.ts'])).stderr).toContain('npm ci')
  })

  test('passes arguments in and the exit code out', async () => {
    await write('exit.ts', `console.log(process.argv.slice(2).join('+')); process.exit(7)`)

    const result = await run(['exit.ts', '--a', 'b c'])

    expect(result).toMatchObject({ code: 7, stdout: '--a+b c\n' })
  })

  test('runs the command of an installed package, whatever lies in .bin', async () => {
    await run(['hello.ts'])
    await write('package.json', manifest('1.0.0', { '@some/tool': '1.0.0' }))
    const tool = { name: '@some/tool', bin: { tool: 'cli.js' } }
    await write('node_modules/@some/tool/package.json', JSON.stringify(tool))
    await write('node_modules/@some/tool/cli.js', `console.log('tool', process.argv[2])`)

    expect((await run(['--bin', 'tool', 'now'])).stdout).toBe('tool now\n')
  })

  test('names a command that no package has', async () => {
    const result = await run(['--bin', 'nothing-such'])

    expect(result.code).toBe(1)
    expect(result.stderr).toContain(
      'Cannot run nothing-such: no installed package has this command',
    )
  })

  test.skipIf(process.platform === 'win32')('passes a signal on and waits', async () => {
    await write(
      'wait.ts',
      `process.on('SIGTERM', () => process.exit(5)); setInterval(() => {}, 1000); console.log('up')`,
    )
    const child = start(['wait.ts'])
    if (child.stdout !== null) await once(child.stdout, 'data')

    child.kill('SIGTERM')

    expect(await once(child, 'exit')).toEqual([5, null])
  })

  function start(args: readonly string[]): ChildProcess {
    return spawn(process.execPath, [join(root, 'scripts/run.mjs'), ...args], { cwd: root })
  }

  async function run(args: readonly string[]) {
    const child = start(args)
    let stdout = ''
    let stderr = ''
    child.stdout?.on('data', (chunk) => {
      stdout += chunk
    })
    child.stderr?.on('data', (chunk) => {
      stderr += chunk
    })
    const [code] = await once(child, 'close')
    return { code, stdout, stderr }
  }

  async function writeLock(version: string): Promise<void> {
    await write('package.json', manifest(version))
    const lock = { name: 'fixture', version, lockfileVersion: 3, packages: { '': { version } } }
    await write('package-lock.json', JSON.stringify(lock))
  }

  function manifest(version: string, dependencies = {}): string {
    return JSON.stringify({ name: 'fixture', version, type: 'module', dependencies })
  }

  async function write(name: string, text: string): Promise<void> {
    await mkdir(dirname(join(root, name)), { recursive: true })
    await writeFile(join(root, name), text)
  }
})
