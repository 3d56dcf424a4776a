import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'

/** How long a stopping server waits for the requests it is answering. */
const graceMilliseconds = 5_000

/** Answers one request; a rejection becomes a 500. */
export type Serve = (request: IncomingMessage, response: ServerResponse) => Promise<void>

/** A listening server whose answers may be put off until the host is ready. */
interface HostServer {
  readonly port: number
  /** From here on requests are answered; those that came earlier have waited. */
  serve(serve: Serve): void
  /** Takes no more requests, and ends those under way after a while. */
  close(): Promise<void>
}

/** Listens on the loopback address only: nothing here is meant for other machines. */
export async function openServer(port: number): Promise<HostServer> {
  let begin: (serve: Serve) => void = () => undefined
  const ready = new Promise<Serve>((resolve) => {
    begin = resolve
  })
  const server = createServer((request, response) => {
    // A connection that becomes idle while the server closes would keep it open.
    response.once('close', () => {
      if (!server.listening) setImmediate(() => server.closeIdleConnections())
    })
    void ready.then((serve) => serve(request, response))
  })
  server.requestTimeout = 0
  // As long as the real front end keeps them, so that no client meets a connection just closed.
  server.keepAliveTimeout = 120_000

  const taken = await listen(server, port)
  return { port: taken, serve: begin, close: () => close(server) }
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      const why = cause.code === 'EADDRINUSE' ? 'it is in use' : cause.message
      reject(new Error(`Cannot listen on port ${port}: ${why} (--port chooses another)`, { cause }))
    })
    server.listen(port, '127.0.0.1', () => {
      const address = server.address()
      if (address !== null && typeof address === 'object') resolve(address.port)
    })
  })
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    const impatience = setTimeout(() => server.closeAllConnections(), graceMilliseconds)
    server.close(() => {
      clearTimeout(impatience)
      resolve()
    })
    server.closeIdleConnections()
  })
}
