import { once } from 'node:events'
import { createServer } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'

/** What listens, with the flag that moves it. */
export const portNames = {
  functions: { title: 'Functions host', flag: 'port' },
  entra: { title: 'Entra simulator', flag: 'entra-port' },
  blob: { title: 'blob storage', flag: 'blob-port' },
  queue: { title: 'queue storage', flag: 'queue-port' },
  table: { title: 'table storage', flag: 'table-port' },
  bus: { title: 'Service Bus stand-in', flag: 'bus-port' },
} as const

export type PortName = keyof typeof portNames

export type Ports = Readonly<Record<PortName, number>>

export const defaultPorts: Ports = {
  functions: 7071,
  entra: 7072,
  blob: 10_000,
  queue: 10_001,
  table: 10_002,
  bus: 5672,
}

/** One or more ports that others hold. */
export class PortsTakenError extends Error {
  override readonly name = 'PortsTakenError'

  constructor(taken: readonly PortName[], ports: Ports) {
    const lines = taken.map((name) => {
      const { title, flag } = portNames[name]
      return `Cannot start the ${title}: port ${ports[name]} is taken (choose another with --${flag} N, or --ports auto)`
    })
    super(lines.join('\n'))
  }
}

/** Fails naming every port that is not free, so that all can be mended at once. */
export async function assertPortsAreFree(ports: Ports): Promise<void> {
  let taken = await findTaken(ports)
  // Parts of a stack that was killed a moment ago are still on their way out.
  for (let tries = 0; taken.length > 0 && tries < 5; tries += 1) {
    await wait(200)
    taken = await findTaken(ports)
  }
  if (taken.length > 0) throw new PortsTakenError(taken, ports)
}

async function findTaken(ports: Ports): Promise<readonly PortName[]> {
  const names = Object.keys(portNames).filter((name): name is PortName => name in portNames)
  const wanted = names.filter((name) => ports[name] !== 0)
  const free = await Promise.all(wanted.map((name) => isFree(ports[name])))
  const seen = new Set<number>()
  return wanted.filter((name, index) => {
    const isTwice = seen.has(ports[name])
    seen.add(ports[name])
    return isTwice || !free[index]
  })
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer()
  try {
    server.listen(port, '127.0.0.1')
    await once(server, 'listening')
    server.close()
    await once(server, 'close')
    return true
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    if (code === 'EADDRINUSE' || code === 'EACCES') return false
    throw error
  }
}
