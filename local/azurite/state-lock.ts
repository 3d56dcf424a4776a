import { createHash } from 'node:crypto'
import { rmSync } from 'node:fs'
import { connect, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

export interface StateLock {
  /** Tells whoever waits for the folder that it will be free as soon as this process is gone. */
  announceLeaving(): void
  /** Gives the folder up while this process goes on. */
  release(): void
}

/** Another process uses the folder and does not intend to leave. */
export class StateInUseError extends Error {
  override readonly name = 'StateInUseError'

  constructor(folder: string) {
    super(
      `Cannot use ${folder}: another local stack is running on it (stop it, or choose another with --state DIR)`,
    )
  }
}

interface LockOptions {
  /** How long a holder may take to notice that its stack is gone and to say that it leaves. */
  readonly patienceMilliseconds?: number
  /** Called when a holder is leaving, but has not left yet. */
  readonly onWait?: () => void
}

const leaving = 'leaving'

/**
 * Makes this process the only user of a folder, waiting for a previous one that is still saving.
 *
 * The lock is a local socket, because the system closes it with the process however that ends: unlike
 * a file with a process id it cannot be left behind, nor mistaken for a later process of the same id.
 */
export async function lockState(folder: string, options: LockOptions = {}): Promise<StateLock> {
  const address = socketAddress(folder)
  const waiters = new Set<Socket>()
  for (;;) {
    const server = await tryListen(address, waiters)
    if (server !== undefined) {
      server.unref()
      const announceLeaving = () => announce(waiters, server)
      const release = () => {
        announceLeaving()
        server.close()
        for (const waiter of waiters) waiter.end()
      }
      return { announceLeaving, release }
    }
    const outcome = await waitForHolder(address, options)
    if (outcome === 'stays') throw new StateInUseError(folder)
    // Only a socket that nobody answers on is removed; Windows pipes leave nothing behind.
    if (outcome === 'dead' && process.platform !== 'win32') rmSync(address, { force: true })
  }
}

function tryListen(address: string, waiters: Set<Socket>) {
  return new Promise<ReturnType<typeof createServer> | undefined>((fulfil, reject) => {
    const server = createServer((socket) => {
      socket.unref()
      socket.on('error', () => socket.destroy())
      socket.on('close', () => waiters.delete(socket))
      waiters.add(socket)
    })
    server.once('error', (error: NodeJS.ErrnoException) =>
      error.code === 'EADDRINUSE' ? fulfil(undefined) : reject(error),
    )
    server.listen(address, () => fulfil(server))
  })
}

function announce(waiters: ReadonlySet<Socket>, server: ReturnType<typeof createServer>): void {
  for (const waiter of waiters) waiter.write(leaving)
  server.on('connection', (socket: Socket) => socket.write(leaving))
}

function waitForHolder(
  address: string,
  { patienceMilliseconds = 5000, onWait }: LockOptions,
): Promise<'gone' | 'stays' | 'dead'> {
  return new Promise((fulfil) => {
    let answered = false
    const socket = connect(address)
    const impatient = setTimeout(() => {
      socket.destroy()
      fulfil('stays')
    }, patienceMilliseconds)
    const settle = (outcome: 'gone' | 'dead') => {
      clearTimeout(impatient)
      fulfil(outcome)
    }
    socket.on('connect', () => {
      answered = true
    })
    socket.on('data', () => {
      clearTimeout(impatient)
      onWait?.()
    })
    socket.on('error', () => settle(answered ? 'gone' : 'dead'))
    socket.on('close', () => settle('gone'))
  })
}

function socketAddress(folder: string): string {
  const path = resolve(folder)
  const digest = createHash('sha256').update(path).digest('hex').slice(0, 16)
  if (process.platform === 'win32') return `\\\\.\\pipe\\entra-jit-${digest}`
  const beside = join(path, 'lock.sock')
  // The system limits the address of a socket to about a hundred bytes.
  return Buffer.byteLength(beside) <= 100 ? beside : join(tmpdir(), `entra-jit-${digest}.sock`)
}
