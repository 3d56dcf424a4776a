/** Where callers reach the API, for whatever tells others of it. */
export function apiUrlOf(
  text: (name: string) => string | undefined,
  problems: string[],
): string | undefined {
  const address = text('API_URL')
  if (address === undefined) return undefined
  const url = urlOf(address)
  if (url === undefined) problems.push('API_URL is no address')
  else if (url.protocol !== 'https:' && !isLoopback(address)) {
    problems.push('API_URL has to be https')
  }
  return address
}

/** An address, where a text is one. */
export function urlOf(text: string): URL | undefined {
  return URL.canParse(text) ? new URL(text) : undefined
}

/** Whether an address is on this machine. */
export function isLoopback(address: string): boolean {
  const host = urlOf(address)?.hostname
  return host === 'localhost' || host === '127.0.0.1' || host === '[::1]'
}
