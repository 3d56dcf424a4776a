import { randomUUID } from 'node:crypto'
import type { Command } from 'commander'
import * as z from 'zod'
import { catalog, preview, read, request, submitted } from '../answers.ts'
import { CliError } from '../cli-error.ts'
import type { Context } from '../context.ts'
import { findResources, type Wanted } from '../find-resource.ts'
import { readList } from '../lists.ts'
import { approverNames, requestTable } from '../request-words.ts'
import type { Action } from '../run.ts'
import { given, isDecided, showWhen, waitOptions, withWait } from '../show-request.ts'
import { facts, type Style, shown, table } from '../text.ts'
import { durationWords, parseDuration } from '../time.ts'
import type { Output } from '../world.ts'

const askOptions = z.object({
  duration: z.string().optional(),
  justification: z.string().optional(),
  ticket: z.string().optional(),
  permission: z.string().optional(),
  type: z.string().optional(),
  scope: z.string().optional(),
  integration: z.string().optional(),
  flow: z.string().optional(),
  start: z.string().optional(),
  for: z.string().optional(),
})

type AskOptions = z.infer<typeof askOptions>

const requestOptions = askOptions.extend({ ...waitOptions, key: z.string().optional() })
const catalogOptions = z.object({
  type: z.string().optional(),
  integration: z.string().optional(),
  limit: z.string(),
})

/** `catalog`, `request`, `preview`. */
export function addAskingCommands(program: Command, action: Action): void {
  program
    .command('catalog')
    .description('what you may ask for')
    .argument('[text]', 'part of a name')
    .option('--type <type>', 'group or directory-role')
    .option('--integration <name>')
    .option('--limit <number>', 'how many at most', '50')
    .action(action(catalogOptions, listCatalog))
  withWait(withAsk(program.command('request').description('ask for access')), 'until you have it')
    .option('--key <key>', 'idempotency key: the same one never asks twice')
    .action(action(requestOptions, ask))
  withAsk(
    program.command('preview').description('what would become of a request, rule by rule'),
  ).action(action(askOptions, look))
}

function withAsk(command: Command): Command {
  return command
    .argument('<resource...>', 'names or object ids')
    .option('--duration <time>', 'such as 90m, 8h or PT8H (default: what the flow says)')
    .option('--justification <text>', 'why')
    .option('--ticket <id>')
    .option('--permission <permission>', 'member or owner of a group, active for a role')
    .option('--type <type>', 'group or directory-role')
    .option('--scope <scope>', 'of a role: / or /administrativeUnits/<id>')
    .option('--integration <name>')
    .option('--flow <name>', 'the access flow to ask by')
    .option('--start <time>', 'later, such as 2026-11-24T18:00:00Z')
    .option('--for <user>', 'object id of somebody else')
}

async function listCatalog(
  context: Context,
  [q]: readonly string[],
  { type, integration, limit }: z.infer<typeof catalogOptions>,
): Promise<void> {
  const body = await readList(context, '/catalog', catalog, limit, {
    action: 'list what you may ask for',
    query: { q, type, integration },
  })
  context.show(body, () =>
    body.items.length === 0
      ? 'There is nothing of that kind that you may ask for.'
      : table(
          body.items,
          [
            { head: 'RESOURCE', cell: ({ resource }) => resource.name, mayShrink: true },
            { head: 'TYPE', cell: ({ resource }) => resource.type },
            { head: 'AS', cell: ({ permissions }) => permissions.join(', ') },
            {
              head: 'LONGEST',
              cell: ({ maximumDuration }) =>
                maximumDuration === undefined ? '' : durationWords(maximumDuration),
            },
            { head: 'APPROVAL', cell: ({ approval }) => approval },
            { head: 'FLOWS', cell: ({ accessFlows }) => accessFlows.join(', '), mayShrink: true },
          ],
          context.world.out,
        ),
  )
}

async function ask(
  context: Context,
  names: readonly string[],
  { key = randomUUID(), wait, timeout, ...options }: z.infer<typeof requestOptions>,
): Promise<void> {
  const wanted = await findResources(context, names, options)
  const { body } = await context.api.call('POST', '/requests', {
    action: 'ask for access',
    json: bodyOf(wanted, options),
    headers: { 'idempotency-key': key },
  })
  if (wanted.length === 1) {
    await showWhen(context, read(request, body), wait ? { until: isDecided, timeout } : undefined)
    return
  }
  const answer = read(submitted, body)
  const asked = answer.items.flatMap((item) => item.request ?? [])
  context.show(body, () => requestTable(asked, context))
  for (const [index, { problem }] of answer.items.entries()) {
    if (problem === undefined) continue
    const why = shown(problem.detail ?? problem.title ?? 'it was refused')
    context.say(`Not ${shown(wanted[index]?.name ?? '')}: ${why}`)
  }
  if (asked.length < answer.items.length) {
    throw new CliError(`Cannot ask for ${answer.items.length - asked.length} of them`)
  }
}

function bodyOf(wanted: readonly Wanted[], options: AskOptions): Record<string, unknown> {
  const [first] = wanted
  const duration = options.duration ?? first?.defaultDuration
  if (duration === undefined) {
    throw new CliError('Cannot ask for access: say for how long, such as --duration 1h')
  }
  const refs = wanted.map(({ ref }) => ref)
  return {
    ...(refs.length === 1 ? { resource: refs[0] } : { resources: refs }),
    duration: parseDuration(duration),
    ...given({
      permission: options.permission,
      integration: options.integration,
      justification: options.justification,
      ticket: options.ticket,
      startsAt: options.start,
      accessFlow: options.flow,
      requestFor: options.for,
    }),
  }
}

const verdictStyles: Readonly<Record<string, Style>> = {
  pass: 'green',
  fail: 'red',
  skipped: 'dim',
}

async function look(
  context: Context,
  names: readonly string[],
  options: AskOptions,
): Promise<void> {
  const [name, ...more] = names
  if (name === undefined || more.length > 0) {
    throw new CliError('Cannot preview several resources at once: name one')
  }
  const wanted = await findResources(context, [name], options)
  const { body } = await context.api.call('POST', '/requests/preview', {
    action: 'preview the request',
    json: bodyOf(wanted, options),
  })
  const found = read(preview, body)
  const { world } = context
  context.show(body, () =>
    [
      facts(
        [
          ['Outcome', found.outcome, found.outcome === 'refused' ? 'red' : 'green'],
          ['Why', found.detail],
          ['Flow', found.flow],
          [
            'Shortest',
            found.minimumDuration === undefined ? undefined : durationWords(found.minimumDuration),
          ],
          [
            'Longest',
            found.maximumDuration === undefined ? undefined : durationWords(found.maximumDuration),
          ],
          ['Approvers', approverNames(found.approvers ?? [])],
          ['Nearest', found.nearest && `${found.nearest.flow}: ${found.nearest.detail}`],
        ],
        world.out,
      ),
      '',
      traceTable(found.trace, world.out),
    ].join('\n'),
  )
}

type Trace = z.infer<typeof preview>['trace']

/** Flows that are about what is asked for, rule by rule; of the others it is told that there are some. */
function traceTable(trace: Trace, out: Output): string {
  const elsewhere = new Set(
    trace
      .filter(({ rule, verdict }) => rule === 'target' && verdict === 'fail')
      .map(({ flow }) => flow),
  )
  const words = table(
    trace.filter(({ flow }) => !elsewhere.has(flow)),
    [
      { head: 'FLOW', cell: ({ flow }) => flow },
      { head: 'RULE', cell: ({ rule }) => rule },
      {
        head: 'VERDICT',
        cell: ({ verdict }) => verdict,
        style: ({ verdict }) => verdictStyles[verdict],
      },
      { head: 'DETAIL', cell: ({ detail }) => detail, mayShrink: true },
    ],
    out,
  )
  if (elsewhere.size === 0) return words
  return `${words}\n\nAbout something else: ${[...elsewhere].map(shown).join(', ')}`
}
