import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startAzurite } from '../../../local/azurite/in-process.ts'
import type { CheckpointArchive } from '../../../shared/ledger/checkpoint-archive.ts'
import {
  createCheckpointContainer,
  placeOfConnection,
} from '../../../shared/ledger/checkpoint-container.ts'
import { createMemoryArchive } from './audit-trail.ts'

let azurite: { connectionString: string; stop: () => Promise<void> }

beforeAll(async () => {
  azurite = await startAzurite()
})

afterAll(() => azurite.stop())

const now = () => new Date()

const onAzurite = (container = 'audit'): CheckpointArchive => {
  const place = placeOfConnection(azurite.connectionString, container)
  if (place === undefined) throw new Error('Cannot test: the connection names no blobs')
  return createCheckpointContainer(place, now)
}

describe.each([
  ['a blob container on Azurite', onAzurite],
  ['the memory twin', createMemoryArchive],
] as const)('%s as archive', (_, make) => {
  let archive: CheckpointArchive

  beforeAll(() => {
    archive = make()
  })

  test('gives back what it keeps, and nothing under another number', async () => {
    const text = `{"leaves":"${'ä𝄞'.repeat(50_000)}"}\n`

    expect(await archive.read(1)).toBeUndefined()
    expect(await archive.keep(1, text)).toBe('kept')
    expect((await archive.read(1)) === text).toBe(true)
    expect(await archive.read(2)).toBeUndefined()
  })

  test('never changes what it keeps, and says when that is something else', async () => {
    expect(await archive.keep(3, 'first')).toBe('kept')
    expect(await archive.keep(3, 'first')).toBe('kept')
    expect(await archive.keep(3, 'second')).toBe('differs')
    expect(await archive.read(3)).toBe('first')
  })
})

describe('a checkpoint container', () => {
  test('that does not answer, or refuses, is an error that names no secret', async () => {
    const place = placeOfConnection(azurite.connectionString, 'audit')
    if (place === undefined) throw new Error('Cannot test: the connection names no blobs')
    const access = { account: 'devstoreaccount1', key: 'bm90IHRoZSBrZXk=' }
    const refused = createCheckpointContainer({ ...place, access }, now)

    await expect(refused.keep(9, 'text')).rejects.toThrow(/the archive answers 403/)
    await expect(refused.read(9)).rejects.toThrow(/the archive answers 403/)
  })

  test('proves itself by a token where it has an identity', async () => {
    const seen: (string | undefined)[] = []
    const server = createServer((request, response) => {
      seen.push(`${request.method} ${request.url}`, request.headers.authorization)
      response.writeHead(request.method === 'PUT' ? 201 : 404).end()
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    const archive = createCheckpointContainer(
      {
        endpoint: `http://127.0.0.1:${port}`,
        container: 'audit',
        access: { token: async () => 'of-the-identity' },
      },
      now,
    )

    expect(await archive.keep(12, 'text')).toBe('kept')
    expect(await archive.read(12)).toBeUndefined()
    await new Promise((resolve) => server.close(resolve))

    const blob = '/audit/checkpoints/0000000012.json'
    expect(seen).toEqual([
      `PUT ${blob}`,
      'Bearer of-the-identity',
      `GET ${blob}`,
      'Bearer of-the-identity',
    ])
  })

  test.each([
    ['AccountName=a;AccountKey=a2V5', 'https://a.blob.core.windows.net'],
    [
      'AccountName=a;AccountKey=a2V5;EndpointSuffix=core.usgovcloudapi.net',
      'https://a.blob.core.usgovcloudapi.net',
    ],
    ['AccountName=a;AccountKey=a2V5==;BlobEndpoint=http://127.0.0.1:1/a/', 'http://127.0.0.1:1/a'],
    ['UseDevelopmentStorage=true', undefined],
  ])('is found by the connection string %s', (connectionString, endpoint) => {
    expect(placeOfConnection(connectionString, 'audit')?.endpoint).toBe(endpoint)
  })
})
