import { isLoopback } from './loopback.ts'

/** The Graph hosts of the clouds that Microsoft runs; nothing else is given a token over https. */
const cloudHosts: ReadonlySet<string> = new Set([
  'graph.microsoft.com',
  'graph.microsoft.us',
  'dod-graph.microsoft.us',
  'microsoftgraph.chinacloudapi.cn',
])

/** Where Graph is, under the name that it has for itself and under the address that answers. */
export interface GraphHost {
  /** The name in tokens' scopes, references and next links: `https://graph.microsoft.com`. */
  readonly canonical: string
  /** Where requests go: the same, or the plain-http loopback address of a local stand-in. */
  readonly origin: string
}

/** Accepts a cloud's Graph host over https, or a loopback address over http. */
export function graphHost(baseUrl: string): GraphHost {
  const url = URL.parse(baseUrl)
  if (url === null || url.pathname !== '/' || url.search !== '' || url.username !== '') {
    throw new Error(`Cannot use ${baseUrl} as the Graph base URL: it is no plain origin`)
  }
  if (url.protocol === 'https:' && url.port === '' && cloudHosts.has(url.hostname)) {
    return { canonical: url.origin, origin: url.origin }
  }
  if (url.protocol === 'http:' && isLoopback(url)) {
    return { canonical: 'https://graph.microsoft.com', origin: url.origin }
  }
  throw new Error(`Cannot use ${baseUrl} as the Graph base URL: the host is not one of Graph's`)
}
