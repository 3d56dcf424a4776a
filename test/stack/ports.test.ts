import { once } from 'node:events'
import { createServer } from 'node:net'
import { describe, expect, test } from 'vitest'
import { assertPortsAreFree } from '../../local/stack/ports.ts'

const noPorts = { functions: 0, entra: 0, blob: 0, queue: 0, table: 0, bus: 0 }

describe('assertPortsAreFree()', () => {
  test('is content with ports that nobody holds', async () => {
    await expect(assertPortsAreFree(noPorts)).resolves.toBeUndefined()
  })

  test('names each taken port with the flag that moves it', async () => {
    const holder = createServer().listen(0, '127.0.0.1')
    await once(holder, 'listening')
    const address = holder.address()
    const port = typeof address === 'object' && address !== null ? address.port : 0

    const checking = assertPortsAreFree({ ...noPorts, functions: port, bus: port })

    await expect(checking).rejects.toThrow(
      [
        `Cannot start the Functions host: port ${port} is taken (choose another with --port N, or --ports auto)`,
        `Cannot start the Service Bus stand-in: port ${port} is taken (choose another with --bus-port N, or --ports auto)`,
      ].join('\n'),
    )
    holder.close()
  })

  test('refuses the same port for two parts', async () => {
    const holder = createServer().listen(0, '127.0.0.1')
    await once(holder, 'listening')
    const address = holder.address()
    const port = typeof address === 'object' && address !== null ? address.port : 0
    holder.close()
    await once(holder, 'close')

    const checking = assertPortsAreFree({ ...noPorts, entra: port, bus: port })

    await expect(checking).rejects.toThrow(
      `port ${port} is taken (choose another with --bus-port N`,
    )
  })
})
