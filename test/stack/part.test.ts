import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import * as z from 'zod'
import { startPart } from '../../local/stack/part.ts'

const ready = z.object({ pid: z.number(), proxy: z.string() })

describe('startPart()', () => {
  let folder = ''

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'entra-jit-part-'))
  })

  afterEach(async () => {
    vi.unstubAllEnvs()
    await rm(folder, { recursive: true, force: true })
  })

  const start = (...args: string[]) =>
    startPart({
      name: 'the part',
      script: '../test/stack/fixtures/part.ts',
      args,
      ready,
      logFile: join(folder, 'log'),
    })

  test('gives what the part says when it is up, and stops it', async () => {
    const part = await start()

    expect(part.ready.pid).toBe(part.pid)
    await part.stop()
    expect(await part.ended).toBe('it ended with 0')
    expect(isAlive(part.pid)).toBe(false)
  })

  test('fails with the plain sentence of a part that cannot come up', async () => {
    await expect(start('taken')).rejects.toThrow(
      'Cannot start the part: Cannot listen on port 1: it is taken; choose another with --port',
    )
  })

  test('keeps the proxies of the shell away from a stack on loopback', async () => {
    vi.stubEnv('HTTPS_PROXY', 'http://proxy.invalid:3128')

    const part = await start()

    expect(part.ready.proxy).toBe('none')
    await part.stop()
  })

  test('tells of a part that ends on its own', async () => {
    const part = await start()

    process.kill(part.pid, 'SIGKILL')

    expect(await part.ended).toBe('it was ended by SIGKILL')
  })

  test('leaves no part behind when the process that started it is killed', async () => {
    const owner = spawn(process.execPath, [join(import.meta.dirname, 'fixtures/part-owner.ts')], {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    })
    const [pid] = await once(owner, 'message')

    owner.kill('SIGKILL')

    while (isAlive(Number(pid))) await wait(20)
  })
})

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}
