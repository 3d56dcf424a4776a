import { setTimeout as wait } from 'node:timers/promises'
import * as z from 'zod'
import { type CallApi, expectAnswer } from '../stack/api-client.ts'
import { paint } from '../stack/report.ts'

const requestSchema = z.object({
  id: z.string(),
  status: z.string(),
  resource: z.object({ id: z.string(), name: z.string() }),
  grantee: z.string(),
  granteeName: z.string(),
  accessFlow: z.object({ name: z.string() }),
  endsAt: z.string().optional(),
  endedAt: z.string().optional(),
  endReason: z.string().optional(),
  problem: z.unknown().optional(),
})

/** As much of a request as the sample shows. */
export type SampleRequest = z.infer<typeof requestSchema>

/** Whether the directory itself says, asked past the product, that the person is a member. */
export type IsMember = (groupId: string, userId: string) => Promise<boolean>

const finalStatuses = ['ended', 'denied', 'cancelled', 'timed-out', 'failed']

async function readSampleRequest(call: CallApi, id: string): Promise<SampleRequest> {
  return expectAnswer(
    'read the request',
    await call('GET', `/requests/${id}`),
    [200],
    requestSchema,
  )
}

/** Prints each step of a request while it happens, and returns the request at its end. */
export async function watchRequest(
  call: CallApi,
  id: string,
  isMember: IsMember,
): Promise<SampleRequest> {
  const began = performance.now()
  const say = (what: string, text: string) => {
    const at = `+${((performance.now() - began) / 1000).toFixed(1)} s`.padStart(9)
    console.log(`${paint('dim', at)}   ${what.padEnd(9)} ${text}`)
  }

  const accepted = await readSampleRequest(call, id)
  say('accepted', `request ${id}`)
  say('decided', `the access flow "${accepted.accessFlow.name}" allows it without an approval`)

  let request = accepted
  let shown = ''
  let wasMember = false
  for (;;) {
    if (request.status !== shown) {
      shown = request.status
      const isNow = await tell(request, isMember, say)
      wasMember ||= isNow
    }
    if (finalStatuses.includes(request.status)) break
    await wait(200)
    request = await readSampleRequest(call, id)
  }
  if (request.status !== 'ended' || !wasMember) {
    const why = request.problem === undefined ? '' : `: ${JSON.stringify(request.problem)}`
    throw new Error(`Cannot show the life of request ${id}: it came to "${request.status}"${why}`)
  }
  return request
}

/** Says what a status means in the directory; true when the person was seen to be a member. */
async function tell(
  request: SampleRequest,
  isMember: IsMember,
  say: (what: string, text: string) => void,
): Promise<boolean> {
  const person = request.granteeName
  const group = `"${request.resource.name}"`
  if (request.status === 'active') {
    const is = await isMember(request.resource.id, request.grantee)
    say('granted', `the directory says: ${person} is ${is ? '' : 'not '}a member of ${group}`)
    say('timer', `set to ${time(request.endsAt)}, waiting …`)
    return is
  }
  if (request.status === 'ended') {
    const is = await isMember(request.resource.id, request.grantee)
    const late = Date.parse(request.endedAt ?? '') - Date.parse(request.endsAt ?? '')
    const when = request.endReason === 'expired' ? `, ${late} ms after its time` : ''
    say('removed', `the directory says: ${person} is ${is ? 'still' : 'no longer'} a member${when}`)
    if (is) throw new Error(`Cannot show the end of ${request.id}: ${person} is still a member`)
  }
  return false
}

function time(instant: string | undefined): string {
  return instant === undefined ? 'an unknown time' : instant.slice(11, 19)
}
