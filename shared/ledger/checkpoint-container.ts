import { createHmac } from 'node:crypto'
import type { CheckpointArchive } from './checkpoint-archive.ts'

/** A blob container, and how one proves oneself to it. */
export interface ContainerPlace {
  /** Of the account, such as `https://account.blob.core.windows.net`. */
  readonly endpoint: string
  readonly container: string
  readonly access: SharedKey | { readonly token: () => Promise<string> }
}

interface SharedKey {
  readonly account: string
  /** Base 64. */
  readonly key: string
}

const callMilliseconds = 10_000
const version = '2023-11-03'

/** The place of a container by a connection string; undefined when that names no blobs or no key. */
export function placeOfConnection(
  connectionString: string,
  container: string,
): ContainerPlace | undefined {
  const part = (name: string) =>
    new RegExp(`(?:^|;)${name}=([^;]+)`, 'i').exec(connectionString)?.[1]?.trim()
  const [account, key] = [part('AccountName'), part('AccountKey')]
  const suffix = part('EndpointSuffix') ?? 'core.windows.net'
  if (account === undefined || key === undefined) return undefined
  const endpoint = part('BlobEndpoint') ?? `https://${account}.blob.${suffix}`
  return { endpoint: endpoint.replace(/\/$/, ''), container, access: { account, key } }
}

/**
 * Checkpoints as blobs, one each, never written over. What makes them immutable is the retention
 * policy of the container, which is the operator's to set. By plain calls: three of them do not pay
 * for another package.
 */
export function createCheckpointContainer(
  place: ContainerPlace,
  now: () => Date,
): CheckpointArchive {
  const call = async (method: 'GET' | 'PUT', url: URL, more: Record<string, string>, text = '') => {
    const body = Buffer.from(text, 'utf8')
    const headers: Record<string, string> = {
      'x-ms-version': version,
      'x-ms-date': now().toUTCString(),
      ...more,
    }
    const authorization = await authorizationOf(place.access, method, url, headers, body.length)
    return fetch(url, {
      method,
      headers: { ...headers, authorization },
      signal: AbortSignal.timeout(callMilliseconds),
      ...(method === 'PUT' ? { body } : {}),
    })
  }
  const containerUrl = new URL(`${place.endpoint}/${place.container}`)
  const blobUrl = (number: number) =>
    new URL(`${containerUrl.href}/checkpoints/${String(number).padStart(10, '0')}.json`)

  const read = async (number: number): Promise<string | undefined> => {
    const answer = await call('GET', blobUrl(number), {})
    if (answer.status === 404) return undefined
    return (await expectOk(answer, 'read')).text()
  }

  const put = (number: number, text: string) =>
    call(
      'PUT',
      blobUrl(number),
      {
        'content-type': 'application/json',
        'if-none-match': '*',
        'x-ms-blob-type': 'BlockBlob',
      },
      text,
    )

  return {
    read,

    async keep(number, text) {
      let answer = await put(number, text)
      if (answer.status === 404) {
        const create = new URL(`${containerUrl.href}?restype=container`)
        await expectOk(await call('PUT', create, {}), 'make a container for')
        answer = await put(number, text)
      }
      if (answer.status !== 409 && answer.status !== 412) await expectOk(answer, 'keep')
      else if ((await read(number)) !== text) return 'differs'
      return 'kept'
    },
  }
}

async function expectOk(answer: Response, what: string): Promise<Response> {
  if (answer.ok) return answer
  const code = answer.headers.get('x-ms-error-code') ?? ''
  throw new Error(`Cannot ${what} a checkpoint: the archive answers ${answer.status} ${code}`)
}

/** https://learn.microsoft.com/rest/api/storageservices/authorize-with-shared-key */
async function authorizationOf(
  access: ContainerPlace['access'],
  method: string,
  url: URL,
  headers: Readonly<Record<string, string>>,
  length: number,
): Promise<string> {
  if ('token' in access) return `Bearer ${await access.token()}`
  const standard = [
    ...['', '', length === 0 ? '' : String(length), ''],
    ...[headers['content-type'] ?? '', '', '', '', headers['if-none-match'] ?? '', '', ''],
  ]
  const own = Object.entries(headers)
    .filter(([name]) => name.startsWith('x-ms-'))
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${name}:${value}`)
  const query = [...url.searchParams].map(([name, value]) => `\n${name}:${value}`).join('')
  const resource = `/${access.account}${url.pathname}${query}`
  const text = [method, ...standard, ...own, resource].join('\n')
  const signature = createHmac('sha256', Buffer.from(access.key, 'base64'))
    .update(text, 'utf8')
    .digest('base64')
  return `SharedKey ${access.account}:${signature}`
}
