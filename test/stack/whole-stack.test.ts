import { ServiceBusClient } from '@azure/service-bus'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { sampleRequests } from '../../local/sample/sample-people.ts'
import {
  createCheckpointContainer,
  placeOfConnection,
} from '../../shared/ledger/checkpoint-container.ts'
import { bodyOf, eventually, type Local, type LocalFolder, localFolder } from './start-local.ts'

let folder: LocalFolder
let local: Local

beforeAll(async () => {
  folder = await localFolder()
  local = await folder.start()
}, 120_000)

afterAll(() => folder.remove(), 60_000)

const send = async (messages: readonly { messageId?: string; body: unknown }[]) => {
  const client = new ServiceBusClient(local.ready.connectionStrings.serviceBus)
  try {
    const sender = client.createSender('access-requests')
    for (const message of messages) await sender.sendMessages(message)
  } finally {
    await client.close()
  }
}

const personOf = (name: string) => local.ready.people.find((person) => person.name === name)

describe('a request over HTTP', () => {
  test('is granted in the directory, ends on time, and each step is audited', async () => {
    const mia = await local.as('mia')
    const accepted = await mia('POST', '/requests', {
      ...sampleRequests.http.body,
      duration: 'PT3S',
    })
    expect(accepted.status).toBe(202)
    expect(accepted.headers.get('location')).toContain(bodyOf(accepted).id)
    const ended = await eventually(
      async () => bodyOf(await mia('GET', `/requests/${bodyOf(accepted).id}`)),
      ({ status }) => status === 'ended',
    )
    expect(Date.parse(ended.endedAt) - Date.parse(ended.endsAt)).toBeGreaterThanOrEqual(0)
    const audrey = await local.as('audrey')
    const audit = await eventually(
      async () => bodyOf(await audrey('GET', `/audit?request=${ended.id}`)),
      ({ items }) => items.length === 6,
    )
    expect(audit.items.map(({ event }: { event: string }) => event).toReversed()).toEqual([
      'request.created',
      'request.approved',
      'grant.attempted',
      'grant.active',
      'grant.ending',
      'grant.ended',
    ])
  })
})

describe('a message on the queue', () => {
  test('leads to one grant, however often it is delivered', async () => {
    const ticket = `DUPLICATE-${Date.now()}`
    const body = {
      requester: personOf('omar')?.userPrincipalName,
      ...sampleRequests.serviceBus.body,
      duration: 'PT20S',
      ticket,
    }
    await send(Array.from({ length: 5 }, () => ({ messageId: ticket, body })))
    const omar = await local.as('omar')
    const listed = await eventually(
      async () => bodyOf(await omar('GET', '/requests')).items,
      (items) => items.some((item: { ticket?: string }) => item.ticket === ticket),
    )
    await send([{ messageId: `${ticket}-last`, body: { ...body, ticket: `${ticket}-last` } }])
    const after = await eventually(
      async () => bodyOf(await omar('GET', '/requests')).items,
      (items) => items.some((item: { ticket?: string }) => item.ticket === `${ticket}-last`),
    )
    const ours = (items: { ticket?: string }[]) => items.filter((item) => item.ticket === ticket)
    expect(ours(listed)).toHaveLength(1)
    expect(ours(after)).toHaveLength(1)
  })

  test('that is no JSON is refused on the record, and does not stop the next one', async () => {
    const id = `BROKEN-${Date.now()}`
    await send([{ messageId: id, body: Buffer.from('{"resource": ') }])
    const audrey = await local.as('audrey')
    await eventually(
      async () => bodyOf(await audrey('GET', '/audit?event=request.refused')),
      ({ items }) => JSON.stringify(items).includes(id),
    )
  })

  test('is announced to whoever listens on the topic', async () => {
    const ticket = `TOPIC-${Date.now()}`
    const client = new ServiceBusClient(local.ready.connectionStrings.serviceBus)
    const receiver = client.createReceiver('access-events', 'all', {
      receiveMode: 'receiveAndDelete',
    })
    const seen: string[] = []
    await send([
      {
        messageId: ticket,
        body: {
          requester: personOf('omar')?.userPrincipalName,
          ...sampleRequests.serviceBus.body,
          duration: 'PT2S',
          ticket,
        },
      },
    ])
    try {
      await eventually(
        async () => {
          const messages = await receiver.receiveMessages(20, { maxWaitTimeInMs: 1_000 })
          for (const { body, correlationId } of messages) {
            if (correlationId === ticket) seen.push(body.type)
          }
          return seen
        },
        (types) => types.includes('entra-jit.grant.ended'),
      )
    } finally {
      await client.close()
    }
    expect(seen).toContain('entra-jit.request.created')
    expect(seen).toContain('entra-jit.grant.active')
  })
})

describe('the audit', () => {
  const readWhole = async () => bodyOf(await (await local.as('audrey'))('GET', '/audit/verify'))

  test('of everything that happened so far verifies, is covered, and is kept in a blob', async () => {
    const made = bodyOf(await (await local.as('ada'))('POST', '/audit/checkpoint', {}))
    // Requests of other tests may go on meanwhile: the timer covers those.
    const verdict = await eventually(
      readWhole,
      ({ uncovered, pending }) => uncovered + pending === 0,
    )

    expect(verdict).toMatchObject({ verdict: 'intact' })
    expect(Date.parse(verdict.coveredUntil)).toBeGreaterThanOrEqual(Date.parse(made.until))
    const place = placeOfConnection(local.ready.connectionStrings.storage, 'audit')
    if (place === undefined) throw new Error('The storage of the stack names no blobs')
    const kept = await createCheckpointContainer(place, () => new Date()).read(made.number)
    expect(JSON.parse(kept ?? '')).toMatchObject({ sequence: made.number, hash: made.hash })
  })
})

describe('a caller', () => {
  const bare = (headers: Record<string, string>) =>
    fetch(`${local.ready.addresses.api}/me`, { headers })

  test.each([
    ['no token', {}],
    ['a token without a signature', { authorization: `Bearer ${unsigned()}` }],
    ['a forged platform header', { 'x-ms-client-principal': btoa('{"userId":"ada"}') }],
    ['half a token', { authorization: 'Bearer abc.def' }],
  ])('with %s is told 401', async (_what, headers) => {
    expect((await bare(headers)).status).toBe(401)
  })

  test('with a good token is told who he is, and with a token for Graph is not', async () => {
    const mia = await local.as('mia')
    expect(bodyOf(await mia('GET', '/me'))).toMatchObject({ id: personOf('mia')?.id })
    const answer = await fetch(local.ready.addresses.tokenEndpoint, {
      method: 'POST',
      body: new URLSearchParams({
        grant_type: 'client_credentials',
        client_id: local.ready.clientId,
        client_secret: 'local',
        scope: 'https://graph.microsoft.com/.default',
      }),
    })
    const { access_token: token } = (await answer.json()) as { access_token: string }
    expect((await bare({ authorization: `Bearer ${token}` })).status).toBe(401)
  })

  test('who sends more than 64 KiB, or no JSON, is told so and nothing is lost', async () => {
    const mia = await local.as('mia')
    const large = await mia('POST', '/requests', { justification: 'x'.repeat(70_000) })
    expect(large.status).toBe(413)
    expect(large.headers.get('content-type')).toContain('application/problem+json')
  })
})

function unsigned(): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
  return `${part({ alg: 'none' })}.${part({ oid: 'x', exp: 4_000_000_000 })}.`
}
