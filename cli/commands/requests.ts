import { randomUUID } from 'node:crypto'
import type { Command } from 'commander'
import * as z from 'zod'
import { read, request, requests } from '../answers.ts'
import type { Context } from '../context.ts'
import { readList } from '../lists.ts'
import { requestFacts, requestTable } from '../request-words.ts'
import type { Action } from '../run.ts'
import { given, isDecided, isOver, showWhen, waitOptions, withWait } from '../show-request.ts'
import { parseDuration } from '../time.ts'

const listOptions = z.object({
  status: z.string().optional(),
  requester: z.string().optional(),
  grantee: z.string().optional(),
  resource: z.string().optional(),
  integration: z.string().optional(),
  from: z.string().optional(),
  to: z.string().optional(),
  limit: z.string(),
})
const reasonOptions = z.object({ reason: z.string().optional() })
const revokeOptions = reasonOptions.extend(waitOptions)
const extendOptions = z.object({
  duration: z.string(),
  justification: z.string().optional(),
  ...waitOptions,
})

/** `list`, `show`, `cancel`, `remind`, `revoke`, `extend`. */
export function addRequestCommands(program: Command, action: Action): void {
  program
    .command('list')
    .description('your requests; all of them for administrators and auditors')
    .option('--status <status>', 'such as active or pending-approval')
    .option('--requester <id>')
    .option('--grantee <id>')
    .option('--resource <id>')
    .option('--integration <name>')
    .option('--from <time>', 'a day or an instant')
    .option('--to <time>')
    .option('--limit <number>', 'how many at most', '50')
    .action(action(listOptions, listRequests))
  onRequest(program, 'show', 'everything about a request').action(action(z.object({}), show))
  onRequest(program, 'cancel', 'cancel a request that has not begun')
    .option('--reason <text>')
    .action(action(reasonOptions, cancel))
  onRequest(program, 'remind', 'remind those who may decide a request').action(
    action(z.object({}), remind),
  )
  withWait(onRequest(program, 'revoke', 'give access back, or take it'), 'until it has ended')
    .option('--reason <text>')
    .action(action(revokeOptions, revoke))
  withWait(onRequest(program, 'extend', 'ask for more time'), 'until you have it')
    .requiredOption('--duration <time>', 'such as 1h')
    .option('--justification <text>')
    .action(action(extendOptions, extend))
}

function onRequest(program: Command, name: string, description: string): Command {
  return program.command(name).description(description).argument('<request>', 'its id')
}

async function listRequests(
  context: Context,
  _args: readonly string[],
  { limit, ...query }: z.infer<typeof listOptions>,
): Promise<void> {
  const body = await readList(context, '/requests', requests, limit, {
    action: 'list the requests',
    query,
  })
  context.show(body, () =>
    body.items.length === 0 ? 'There are no requests.' : requestTable(body.items, context),
  )
}

async function show(context: Context, [id = '']: readonly string[]): Promise<void> {
  const path = `/requests/${encodeURIComponent(id)}`
  const { body } = await context.api.call('GET', path, { action: 'show the request' })
  context.show(body, () => requestFacts(read(request, body), context))
}

async function remind(context: Context, [id = '']: readonly string[]): Promise<void> {
  const { body } = await context.api.call('POST', `/requests/${encodeURIComponent(id)}/remind`, {
    action: 'remind the approvers',
    json: {},
  })
  context.show(body, () => requestFacts(read(request, body), context))
}

async function cancel(
  context: Context,
  [id = '']: readonly string[],
  { reason }: z.infer<typeof reasonOptions>,
): Promise<void> {
  const { body } = await context.api.call('POST', `/requests/${encodeURIComponent(id)}/cancel`, {
    action: 'cancel the request',
    json: given({ reason }),
  })
  context.show(body, () => requestFacts(read(request, body), context))
}

async function revoke(
  context: Context,
  [id = '']: readonly string[],
  { reason, wait, timeout }: z.infer<typeof revokeOptions>,
): Promise<void> {
  const { body } = await context.api.call('POST', `/requests/${encodeURIComponent(id)}/revoke`, {
    action: 'end the access',
    json: given({ reason }),
  })
  await showWhen(context, read(request, body), wait ? { until: isOver, timeout } : undefined)
}

async function extend(
  context: Context,
  [id = '']: readonly string[],
  { duration, justification, wait, timeout }: z.infer<typeof extendOptions>,
): Promise<void> {
  const { body } = await context.api.call('POST', `/requests/${encodeURIComponent(id)}/extend`, {
    action: 'extend the access',
    json: { duration: parseDuration(duration), ...given({ justification }) },
    headers: { 'idempotency-key': randomUUID() },
  })
  await showWhen(context, read(request, body), wait ? { until: isDecided, timeout } : undefined)
}
