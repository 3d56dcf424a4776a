import * as z from 'zod'
import type { SimulatorAnswer } from '../exchange.ts'
import { badRequest } from './answers.ts'

const step = z.looseObject({
  id: z.string().min(1),
  method: z.string(),
  url: z.string().startsWith('/'),
  headers: z.record(z.string(), z.string()).default({}),
  body: z.unknown().optional(),
  dependsOn: z.array(z.string()).default([]),
})

const batch = z.object({ requests: z.array(step).min(1).max(20) })

export type BatchStep = z.infer<typeof step>

/** Runs the steps of a `$batch`; each is answered on its own (graph.md 8.3). */
export async function batchAnswer(
  body: unknown,
  run: (step: BatchStep) => Promise<SimulatorAnswer>,
): Promise<SimulatorAnswer> {
  const parsed = batch.safeParse(body)
  if (!parsed.success) throw badRequest('Invalid batch payload format.', 'BadRequest')
  const { requests } = parsed.data
  const ids = new Set(requests.map(({ id }) => id.toLowerCase()))
  if (ids.size < requests.length) throw badRequest('Request id is duplicated.', 'BadRequest')

  const statuses = new Map<string, number>()
  const responses: unknown[] = []
  for (const request of requests) {
    const isBlocked = request.dependsOn.some((id) => (statuses.get(id) ?? 424) >= 400)
    const answer = isBlocked ? failedDependency : await run(request)
    statuses.set(request.id, answer.status)
    responses.push({
      id: request.id,
      status: answer.status,
      headers: {
        ...retryHeader(answer),
        ...(answer.body === undefined ? {} : { 'Content-Type': 'application/json' }),
      },
      ...(answer.body === undefined ? {} : { body: answer.body }),
    })
  }
  return { status: 200, body: { responses } }
}

const failedDependency: SimulatorAnswer = {
  status: 424,
  body: { error: { code: 'FailedDependency', message: 'A dependency of this request failed.' } },
}

function retryHeader({ headers }: SimulatorAnswer): Readonly<Record<string, string>> {
  const after = headers?.['retry-after']
  return after === undefined ? {} : { 'Retry-After': after }
}
