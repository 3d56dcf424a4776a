import { readFile, writeFile } from 'node:fs/promises'
import { type Command, Option } from 'commander'
import { parse } from 'yaml'
import * as z from 'zod'
import { applied, type Plan, plan, read } from '../answers.ts'
import type { Sent } from '../api.ts'
import { CliError } from '../cli-error.ts'
import type { Context } from '../context.ts'
import { countsOf, planWords } from '../plan-words.ts'
import type { Action } from '../run.ts'

const planOptions = z.object({ prune: z.boolean().default(false) })
const applyOptions = planOptions.extend({ yes: z.boolean().default(false) })
const exportOptions = z.object({
  format: z.string(),
  integration: z.string().optional(),
  flow: z.string().optional(),
  out: z.string().optional(),
})

/** `config plan`, `config apply`, `config export`. */
export function addConfigCommands(program: Command, action: Action): void {
  const config = program
    .command('config')
    .description('integrations and access flows as code, for administrators')
  withFile(config.command('plan').description('what a file would change, and for whom')).action(
    action(planOptions, planFile),
  )
  withFile(config.command('apply').description('make a file current, all of it or nothing'))
    .option('--yes', 'without asking')
    .action(action(applyOptions, applyFile))
  config
    .command('export')
    .description('write the configuration as code')
    .addOption(
      new Option('--format <form>').choices(['terraform', 'yaml', 'json', 'bicep']).default('yaml'),
    )
    .option('--integration <name>', 'of one integration alone')
    .option('--flow <name>', 'of one access flow alone')
    .option('--out <file>', 'instead of printing')
    .action(action(exportOptions, exportCode))
}

function withFile(command: Command): Command {
  return command
    .argument('<file>', 'YAML or JSON; - reads standard input')
    .option('--prune', 'delete what the file does not name')
}

async function planFile(
  context: Context,
  [file = '']: readonly string[],
  { prune }: z.infer<typeof planOptions>,
): Promise<void> {
  const { body, found } = await planOf(context, await bodyOf(context, file, prune))
  context.show(body, () => planWords(found, context.world.out))
  if (hasChanges(found)) context.exitWith(2)
}

async function applyFile(
  context: Context,
  [file = '']: readonly string[],
  { prune, yes }: z.infer<typeof applyOptions>,
): Promise<void> {
  const { world } = context
  const sent = await bodyOf(context, file, prune)
  const { found } = await planOf(context, sent)
  context.say(planWords(found, world.err))
  if (!hasChanges(found)) {
    context.show({ changes: found.changes }, () => '')
    return
  }
  const errors = found.lint.filter(({ severity }) => severity === 'error')
  if (errors.length > 0) throw new CliError('Cannot apply it: see the errors above')
  if (!yes) await confirm(context)
  const { body } = await context.api.call('PUT', '/config', {
    action: 'apply it',
    raw: sent,
    headers: { 'if-match': found.planId },
  })
  const { changes } = read(applied, body)
  const count = countsOf(changes)
  context.show(
    body,
    () => `Applied: ${count.create} created, ${count.update} changed, ${count.delete} deleted.`,
  )
}

async function confirm({ world }: Context): Promise<void> {
  if (!world.isInteractive) {
    throw new CliError('Cannot apply it without being asked: say --yes')
  }
  const answer = await world.ask('Apply these changes? [y/N] ')
  if (!/^y(es)?$/i.test(answer.trim())) throw new CliError('Nothing was applied')
}

async function planOf(
  { api }: Context,
  raw: NonNullable<Sent['raw']>,
): Promise<{ readonly body: unknown; readonly found: Plan }> {
  const { body } = await api.call('POST', '/config/plan', { action: 'plan it', raw })
  return { body, found: read(plan, body) }
}

function hasChanges({ changes }: Plan): boolean {
  return changes.some(({ action }) => action !== 'none')
}

/** The file as it is; to prune, its data with that wish among it. */
async function bodyOf(
  { world }: Context,
  file: string,
  prune: boolean,
): Promise<NonNullable<Sent['raw']>> {
  const text = file === '-' ? await world.readInput() : await readText(file)
  const isJson = /\.json$/i.test(file) || (file === '-' && text.trimStart().startsWith('{'))
  if (!prune) return { text, type: isJson ? 'application/json' : 'application/yaml' }
  let data: unknown
  try {
    data = parse(text)
  } catch (cause) {
    throw new CliError(`Cannot read ${file}: ${String(cause).split('\n')[0]}`, { cause })
  }
  const set = typeof data === 'object' && data !== null ? data : {}
  return { text: JSON.stringify({ ...set, prune: true }), type: 'application/json' }
}

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (cause) {
    throw new CliError(`Cannot read ${file}: it is not there, or may not be read`, { cause })
  }
}

async function exportCode(
  { api, world, say }: Context,
  _args: readonly string[],
  { format, integration, flow, out }: z.infer<typeof exportOptions>,
): Promise<void> {
  if (integration !== undefined && flow !== undefined) {
    throw new CliError('Cannot export both: name an integration or an access flow')
  }
  const path =
    integration !== undefined
      ? `/integrations/${encodeURIComponent(integration)}/code`
      : flow !== undefined
        ? `/access-flows/${encodeURIComponent(flow)}/code`
        : '/config'
  const response = await api.stream(path, {
    action: 'export the configuration',
    query: { format },
  })
  const text = await response.text()
  if (out === undefined) {
    world.out.write(text)
    return
  }
  await writeFile(out, text)
  say(`Written to ${out}.`)
}
