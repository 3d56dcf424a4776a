import { setTimeout as wait } from 'node:timers/promises'
import * as z from 'zod'
import { type CallApi, expectAnswer } from '../stack/api-client.ts'
import { paint } from '../stack/report.ts'

const eventsSchema = z.object({
  items: z.array(
    z.object({
      at: z.string(),
      event: z.string(),
      actor: z.string(),
      actorType: z.string(),
      sequence: z.number(),
      hash: z.string(),
    }),
  ),
})

const meanings: Readonly<Record<string, string>> = {
  'request.created': 'somebody asked',
  'request.approved': 'an access flow, or a person, said yes',
  'grant.attempted': 'the end was fixed before the directory was touched',
  'grant.active': 'the directory confirmed the access',
  'grant.ending': 'its time was over',
  'grant.ended': 'the directory confirmed that it is gone',
}

/** "What just happened": the audit rows of one request, as an auditor reads them. */
export async function printAudit(
  auditor: CallApi,
  requestId: string,
  nameOf: (objectId: string) => string,
): Promise<void> {
  const events = await readAudit(auditor, requestId)
  console.log(
    `\n  What just happened: ${events.length} audit rows, each with the hash of the one before`,
  )
  for (const { at, event, actor, sequence, hash } of events) {
    const columns = [
      paint('dim', at.slice(11, 23)),
      event.padEnd(17),
      nameOf(actor).padEnd(8),
      `#${sequence}`.padEnd(4),
      paint('dim', hash.slice(0, 8)),
      meanings[event] ?? '',
    ]
    console.log(`  ${columns.join('  ')}`)
  }
}

/** The rows by day are a view: the last one may come a moment after the request has ended. */
async function readAudit(auditor: CallApi, requestId: string) {
  for (let tries = 0; ; tries += 1) {
    const answer = await auditor('GET', `/audit?request=${requestId}`)
    const { items } = expectAnswer('read the audit', answer, [200], eventsSchema)
    if (tries === 20 || items.some(({ event }) => event === 'grant.ended')) return items.reverse()
    await wait(250)
  }
}
