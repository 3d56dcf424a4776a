import type { AccessKey } from '../access/access.ts'
import type { FoundSchedule } from '../access/schedule.ts'
import { classifyScheduleError } from './classify-schedule-error.ts'
import type { WriteOutcome } from './directory.ts'
import { createBatches, type Step } from './graph-batch.ts'
import type { GraphHost } from './graph-host.ts'
import { pageShape, parsed, scheduleFrom } from './graph-objects.ts'
import { findSchedulesPath, nextLinkPath } from './graph-paths.ts'
import { errorOf, type ReadGraph, unavailable } from './graph-reads.ts'
import type { GraphAnswer } from './graph-transport.ts'

interface Needs {
  readonly read: ReadGraph
  readonly host: GraphHost
  readonly now: () => Date
}

const reading = 'read the schedule of an access'

type Seen = { readonly found?: FoundSchedule } | { readonly refusal: GraphAnswer }

/** What is active of one access; nested and inherited assignments are not of it. */
export async function readSchedule(
  { read, host }: Pick<Needs, 'read' | 'host'>,
  access: AccessKey,
  signal?: AbortSignal,
): Promise<Seen> {
  let path: string | undefined = findSchedulesPath(access)
  while (path !== undefined) {
    const answer: GraphAnswer = await read({
      action: reading,
      path,
      ...(signal === undefined ? {} : { signal }),
    })
    if (answer.status !== 200) return { refusal: answer }
    const page = parsed(pageShape, answer.body)
    const found = scheduleIn(page.value, access)
    if (found !== undefined) return { found }
    const next: string | undefined = page['@odata.nextLink']
    path = next === undefined ? undefined : nextLinkPath(host, next)
  }
  return {}
}

/** Reads the schedules behind many accesses by `$batch`; undefined without the licence for them. */
export function createSchedulesOf(needs: Needs) {
  const runBatches = createBatches(reading, needs)
  return async (
    accesses: readonly AccessKey[],
  ): Promise<readonly (FoundSchedule | undefined)[] | undefined> => {
    const steps = accesses.map((access, index): [string, Step] => [
      String(index),
      { method: 'GET', url: findSchedulesPath(access) },
    ])
    const answers = await runBatches(new Map(steps))
    const found: (FoundSchedule | undefined)[] = []
    for (const [index, access] of accesses.entries()) {
      const { status, body } = answers.get(String(index)) ?? { status: 0 }
      if (status !== 200) {
        const answer = { status, body, headers: new Headers() }
        if (isUnlicensed(access, answer, needs.now())) return undefined
        throw unavailable(reading, answer, needs.now())
      }
      found.push(await foundIn(needs, access, body))
    }
    return found
  }
}

/** What the first page shows; those that follow are read alone. */
async function foundIn(needs: Needs, access: AccessKey, body: unknown) {
  const page = parsed(pageShape, body)
  const found = scheduleIn(page.value, access)
  if (found !== undefined || page['@odata.nextLink'] === undefined) return found
  const seen = await readSchedule(needs, access)
  return 'found' in seen ? seen.found : undefined
}

function scheduleIn(items: readonly unknown[], access: AccessKey): FoundSchedule | undefined {
  for (const item of items) {
    const found = scheduleFrom(item, access)
    if (found !== undefined) return found
  }
  return undefined
}

/** Whether a refusal to read is that of a tenant without the licence for schedules. */
export function isUnlicensed(
  access: Pick<AccessKey, 'resource' | 'permission'>,
  { status, body }: Pick<GraphAnswer, 'status' | 'body'>,
  now: Date,
): boolean {
  const write = { operation: 'update', access: { tenantId: '', grantee: '', ...access } } as const
  const refusal: WriteOutcome = classifyScheduleError(write, { status, ...errorOf(body) }, now)
  return refusal.kind === 'refused' && refusal.reason === 'unlicensed'
}
