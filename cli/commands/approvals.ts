import type { Command } from 'commander'
import * as z from 'zod'
import { type Request, read, request, requests } from '../answers.ts'
import type { Context } from '../context.ts'
import { readList } from '../lists.ts'
import { requestFacts } from '../request-words.ts'
import type { Action } from '../run.ts'
import { table } from '../text.ts'
import { durationWords, parseDuration, relative } from '../time.ts'

const listOptions = z.object({ decided: z.boolean().default(false), limit: z.string() })
const approveOptions = z.object({ reason: z.string().optional(), duration: z.string().optional() })

/** `approvals`, `approve`, `deny`. */
export function addApprovalCommands(program: Command, action: Action): void {
  program
    .command('approvals')
    .description('requests that wait for your decision')
    .option('--decided', 'those that you have decided')
    .option('--limit <number>', 'how many at most', '50')
    .action(action(listOptions, listApprovals))
  program
    .command('approve')
    .description('approve a request')
    .argument('<request>', 'its id')
    .option('--reason <text>')
    .option('--duration <time>', 'for a shorter time than was asked for, such as 30m')
    .action(action(approveOptions, decide('approve')))
  program
    .command('deny')
    .description('deny a request')
    .argument('<request>', 'its id')
    .option('--reason <text>')
    .action(action(approveOptions, decide('deny')))
}

async function listApprovals(
  context: Context,
  _args: readonly string[],
  { decided, limit }: z.infer<typeof listOptions>,
): Promise<void> {
  const body = await readList(context, '/approvals', requests, limit, {
    action: 'list what waits for you',
    query: { decided: decided ? 'mine' : undefined },
  })
  const now = context.world.now()
  context.show(body, () =>
    body.items.length === 0
      ? 'Nothing waits for you.'
      : table<Request>(
          body.items,
          [
            { head: 'ASKED', cell: ({ createdAt }) => relative(createdAt, now) },
            { head: 'WHO', cell: ({ granteeName }) => granteeName, mayShrink: true },
            { head: 'RESOURCE', cell: ({ resource }) => resource.name, mayShrink: true },
            { head: 'AS', cell: ({ permission }) => permission },
            {
              head: 'FOR',
              cell: ({ duration }) => (duration === undefined ? '' : durationWords(duration)),
            },
            { head: 'REASON', cell: ({ justification }) => justification, mayShrink: true },
            ...(decided ? [{ head: 'STATUS', cell: ({ status }: Request) => status }] : []),
            { head: 'ID', cell: ({ id }) => id },
          ],
          context.world.out,
        ),
  )
}

function decide(verdict: 'approve' | 'deny') {
  return async (
    context: Context,
    [id = '']: readonly string[],
    { reason, duration }: z.infer<typeof approveOptions>,
  ): Promise<void> => {
    const { body } = await context.api.call(
      'POST',
      `/requests/${encodeURIComponent(id)}/${verdict}`,
      {
        action: `${verdict} it`,
        json: {
          ...(reason === undefined ? {} : { reason }),
          ...(duration === undefined ? {} : { duration: parseDuration(duration) }),
        },
      },
    )
    context.show(body, () => requestFacts(read(request, body), context))
  }
}
