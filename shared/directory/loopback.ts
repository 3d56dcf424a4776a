const loopbackHosts: ReadonlySet<string> = new Set(['127.0.0.1', 'localhost', '[::1]'])

/** Whether what is sent to an address never leaves this machine. */
export function isLoopback(url: URL): boolean {
  return loopbackHosts.has(url.hostname)
}
