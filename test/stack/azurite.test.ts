import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { TableClient } from '@azure/data-tables'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { startAzurite } from '../../local/azurite/in-process.ts'
import { type AzuriteReady, startAzuriteProcess } from '../../local/azurite/start-azurite.ts'
import { lockState, StateInUseError } from '../../local/azurite/state-lock.ts'
import type { Part } from '../../local/stack/part.ts'

const anyPorts = { blob: 0, queue: 0, table: 0 }

describe('Azurite in this process', () => {
  test('serves tables in memory, apart from another one', async () => {
    const [one, other] = [await startAzurite(), await startAzurite()]
    try {
      await tableOf(one.connectionString).createTable()

      await expect(tableOf(other.connectionString).createEntity(aRow)).rejects.toThrow(
        /TableNotFound|not exist/,
      )
      await expect(tableOf(one.connectionString).createEntity(aRow)).resolves.toBeDefined()
    } finally {
      await Promise.all([one.stop(), other.stop()])
    }
  })
})

describe('Azurite in its own process', () => {
  let state = ''
  const parts: Part<AzuriteReady>[] = []

  beforeEach(async () => {
    state = await mkdtemp(join(tmpdir(), 'entra-jit-azurite-'))
  })

  afterEach(async () => {
    await Promise.all(parts.splice(0).map((part) => part.stop()))
    await rm(state, { recursive: true, force: true })
  })

  test('keeps a row written just before the process that started it was killed', async () => {
    const victim = spawn(
      process.execPath,
      [join(import.meta.dirname, 'fixtures/azurite-owner.ts'), state],
      {
        stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      },
    )
    await once(victim, 'message') // The row is written, nothing has gone to the disk yet.
    victim.kill('SIGKILL')

    const { ready } = await start()

    const row = await tableOf(ready.connectionString).getEntity('p', 'r')
    expect(row).toMatchObject({ text: 'kept' })
  })

  test('keeps rows when it is stopped in order', async () => {
    const first = await start()
    await tableOf(first.ready.connectionString).createTable()
    await tableOf(first.ready.connectionString).createEntity(aRow)
    await first.stop()

    const second = await start()

    const row = await tableOf(second.ready.connectionString).getEntity('p', 'r')
    expect(row).toMatchObject({ text: 'kept' })
  })

  test('names a taken port and the flag that chooses another', async () => {
    const first = await start()
    const elsewhere = await mkdtemp(join(tmpdir(), 'entra-jit-azurite-'))
    const { table } = first.ready.ports

    const second = startAzuriteProcess({
      state: elsewhere,
      ports: { ...anyPorts, table },
      logFile: join(elsewhere, 'log'),
    })

    await expect(second).rejects.toThrow(
      `port ${table} is taken (choose another with --table-port N)`,
    )
    await rm(elsewhere, { recursive: true })
  })

  async function start(): Promise<Part<AzuriteReady>> {
    const logFile = join(state, 'azurite.log')
    const part = await startAzuriteProcess({ state, ports: anyPorts, logFile })
    parts.push(part)
    return part
  }
})

describe('lockState()', () => {
  test('refuses a folder whose user does not leave, and waits for one that says it leaves', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'entra-jit-lock-'))
    const holder = await lockState(folder)

    await expect(lockState(folder, { patienceMilliseconds: 50 })).rejects.toThrow(StateInUseError)
    const waiting = lockState(folder, { patienceMilliseconds: 5000 })
    holder.release()

    await expect(waiting).resolves.toBeDefined()
    ;(await waiting).release()
    await rm(folder, { recursive: true })
  })
})

const aRow = { partitionKey: 'p', rowKey: 'r', text: 'kept' }

function tableOf(connectionString: string): TableClient {
  return TableClient.fromConnectionString(connectionString, 'Rows', {
    allowInsecureConnection: true,
    retryOptions: { maxRetries: 0 },
  })
}
