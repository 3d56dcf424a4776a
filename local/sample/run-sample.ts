import { randomUUID } from 'node:crypto'
import { setTimeout as wait } from 'node:timers/promises'
import { ServiceBusClient } from '@azure/service-bus'
import * as z from 'zod'
import { apiAs, type CallApi, expectAnswer } from '../stack/api-client.ts'
import type { ReadyFile } from '../stack/ready-file.ts'
import { heading, paint } from '../stack/report.ts'
import { createMembershipCheck } from './membership.ts'
import { printAudit } from './print-audit.ts'
import { watchRequest } from './watch-request.ts'

/** What the sample asks for: one short request over each way in. */
export interface SampleRequests {
  readonly http: { readonly as: string; readonly body: Readonly<Record<string, unknown>> }
  readonly serviceBus: { readonly as: string; readonly body: Readonly<Record<string, unknown>> }
}

/** Two requests, from asking to proof, each step shown while it happens. */
export async function runSample(ready: ReadyFile, requests: SampleRequests): Promise<void> {
  const isMember = await createMembershipCheck(ready)
  const auditor = await apiAs(ready, 'audrey')
  const nameOf = (id: string) => ready.people.find((person) => person.id === id)?.name ?? id

  const { http, serviceBus } = requests
  heading(`1. ${http.as} asks over HTTP`)
  const asker = await apiAs(ready, http.as)
  console.log(paint('dim', `  POST /api/requests ${JSON.stringify(http.body)}`))
  const overHttp = await ask(asker, http.body)
  await watchRequest(asker, overHttp, isMember)
  await printAudit(auditor, overHttp, nameOf)

  heading(`2. A producer puts a message for ${serviceBus.as} on the queue access-requests`)
  const person = ready.people.find(({ name }) => name === serviceBus.as)
  const body = { requester: person?.userPrincipalName, ...serviceBus.body }
  console.log(paint('dim', `  ${JSON.stringify(body)}`))
  const receiver = await apiAs(ready, serviceBus.as)
  const overBus = await sendAndFind(ready, receiver, body)
  await watchRequest(receiver, overBus, isMember)
  await printAudit(auditor, overBus, nameOf)
}

const acceptedSchema = z.object({ id: z.string() })

async function ask(call: CallApi, body: unknown): Promise<string> {
  const answer = await call('POST', '/requests', body)
  return expectAnswer('ask for access', answer, [202], acceptedSchema).id
}

const listSchema = z.object({
  items: z.array(z.object({ id: z.string(), ticket: z.string().optional() })),
})

/** A message has no answer, so the request is found by the ticket that it carries. */
async function sendAndFind(ready: ReadyFile, call: CallApi, body: object): Promise<string> {
  const ticket = `SAMPLE-${randomUUID().slice(0, 8)}`
  const client = new ServiceBusClient(ready.connectionStrings.serviceBus)
  try {
    await client.createSender('access-requests').sendMessages({
      messageId: ticket,
      contentType: 'application/json',
      body: { ...body, ticket },
    })
  } finally {
    await client.close()
  }
  for (let tries = 0; tries < 100; tries += 1) {
    const answer = await call('GET', '/requests')
    const { items } = expectAnswer('list the requests', answer, [200], listSchema)
    const found = items.find((item) => item.ticket === ticket)
    if (found !== undefined) return found.id
    await wait(200)
  }
  throw new Error('Cannot find the request that was put on the queue: it did not come up in 20 s')
}
