import type { Command } from 'commander'
import * as z from 'zod'
import { type Cleanup, cleanup, cleanupRun, cleanups, read } from '../answers.ts'
import { CliError } from '../cli-error.ts'
import type { Context } from '../context.ts'
import { readList } from '../lists.ts'
import type { Action } from '../run.ts'
import { table } from '../text.ts'
import { relative } from '../time.ts'

const listOptions = z.object({
  state: z.string().optional(),
  integration: z.string().optional(),
  limit: z.string(),
})
const keepOptions = z.object({ reason: z.string(), until: z.string().optional() })
const restoreOptions = z.object({ reason: z.string() })
const runOptions = z.object({
  integration: z.string().optional(),
  dryRun: z.boolean().default(false),
  expectedCount: z.string().optional(),
})

/** `cleanup list`, `keep`, `restore`, `run`. */
export function addCleanupCommands(program: Command, action: Action): void {
  const group = program.command('cleanup').description('accounts whose access has ended')
  group
    .command('list')
    .description('what is planned, kept, done or refused')
    .option('--state <state>', 'planned, kept, done, refused or restored')
    .option('--integration <name>')
    .option('--limit <number>', 'how many at most', '50')
    .action(action(listOptions, listCleanups))
  group
    .command('keep')
    .description('keep an account; for good unless --until says otherwise')
    .argument('<cleanup>', 'its id')
    .requiredOption('--reason <text>')
    .option('--until <instant>', 'within a year, such as 2026-12-01T00:00:00Z')
    .action(action(keepOptions, keep))
  group
    .command('restore')
    .description('bring back an account that was disabled or deleted')
    .argument('<cleanup>', 'its id')
    .requiredOption('--reason <text>')
    .action(action(restoreOptions, restore))
  group
    .command('run')
    .description('run now; --dry-run only counts')
    .option('--integration <name>', 'this one alone')
    .option('--dry-run', 'touch nobody')
    .option('--expected-count <number>', 'the number that you have seen')
    .action(action(runOptions, run))
}

async function listCleanups(
  context: Context,
  _args: readonly string[],
  { state, integration, limit }: z.infer<typeof listOptions>,
): Promise<void> {
  const body = await readList(context, '/cleanup', cleanups, limit, {
    action: 'list cleanups',
    query: { state, integration },
  })
  const now = context.world.now()
  context.show(body, () =>
    body.items.length === 0
      ? 'There is nothing.'
      : table<Cleanup>(
          body.items,
          [
            { head: 'STATE', cell: (each) => each.state },
            { head: 'WHO', cell: ({ user }) => user.name, mayShrink: true },
            { head: 'TYPE', cell: ({ user }) => user.userType },
            { head: 'ACTION', cell: (each) => each.action },
            {
              head: 'WHEN',
              cell: ({ actsAt, keepUntil }) => {
                const at = keepUntil ?? actsAt
                return at === undefined ? '' : relative(at, now)
              },
            },
            { head: 'WHY NOT', cell: ({ reasons }) => reasons.join(', '), mayShrink: true },
            { head: 'ID', cell: ({ id }) => id },
          ],
          context.world.out,
        ),
  )
}

async function keep(
  context: Context,
  [id = '']: readonly string[],
  { reason, until }: z.infer<typeof keepOptions>,
): Promise<void> {
  const json = { reason, ...(until === undefined ? {} : { until }) }
  const { body } = await context.api.call('POST', `/cleanup/${encodeURIComponent(id)}/keep`, {
    action: 'keep the account',
    json,
  })
  context.show(body, () => {
    const { user, keepUntil } = read(cleanup, body)
    return `${user.name} is kept${keepUntil === undefined ? ' for good' : ` until ${keepUntil}`}.`
  })
}

async function restore(
  context: Context,
  [id = '']: readonly string[],
  { reason }: z.infer<typeof restoreOptions>,
): Promise<void> {
  const { body } = await context.api.call('POST', `/cleanup/${encodeURIComponent(id)}/restore`, {
    action: 'restore the account',
    json: { reason },
  })
  context.show(body, () => {
    const { user, state } = read(cleanup, body)
    return state === 'restored' ? `${user.name} is back.` : `${user.name} is being brought back.`
  })
}

async function run(
  context: Context,
  _args: readonly string[],
  { integration, dryRun, expectedCount }: z.infer<typeof runOptions>,
): Promise<void> {
  const expected = expectedCount === undefined ? undefined : Number(expectedCount)
  if (expected !== undefined && (!Number.isInteger(expected) || expected < 0)) {
    throw new CliError(`Cannot expect ${expectedCount} accounts: it is no whole number`)
  }
  const { body } = await context.api.call('POST', '/cleanup/run', {
    action: 'run the cleanup',
    json: {
      dryRun,
      ...(integration === undefined ? {} : { integration }),
      ...(expected === undefined ? {} : { expectedCount: expected }),
    },
  })
  context.show(body, () => {
    const { count } = read(cleanupRun, body)
    const accounts = `${count} account${count === 1 ? '' : 's'}`
    return dryRun ? `A run would touch ${accounts}.` : `Ordered: ${accounts} as of now.`
  })
}
