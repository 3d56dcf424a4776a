import type { Command } from 'commander'
import * as z from 'zod'
import { connectorTest, discovery, read, resources } from '../answers.ts'
import { CliError } from '../cli-error.ts'
import type { Context } from '../context.ts'
import { readList } from '../lists.ts'
import type { Action } from '../run.ts'
import { facts, shown, table } from '../text.ts'
import { liveLine } from '../wait.ts'

const discoverOptions = z.object({ wait: z.boolean().default(false) })
const listOptions = z.object({
  integration: z.string().optional(),
  type: z.string().optional(),
  limit: z.string(),
})

/** `discover`, `test`, `resources`. */
export function addResourceCommands(program: Command, action: Action): void {
  program
    .command('discover')
    .description('look for the resources of an integration in the directory')
    .argument('<integration>', 'its name')
    .option('--wait', 'until it has finished')
    .action(action(discoverOptions, discover))
  program
    .command('test')
    .description('what the connector of an integration can and cannot do')
    .argument('<integration>', 'its name')
    .action(action(z.object({}), testConnector))
  program
    .command('resources')
    .description('all discovered resources, for administrators and auditors')
    .argument('[text]', 'part of the name')
    .option('--integration <name>')
    .option('--type <type>', 'group or directory-role')
    .option('--limit <number>', 'how many at most', '50')
    .action(action(listOptions, listResources))
}

async function discover(
  context: Context,
  [name = '']: readonly string[],
  { wait }: z.infer<typeof discoverOptions>,
): Promise<void> {
  const path = `/integrations/${encodeURIComponent(name)}/discover`
  const { body } = await context.api.call('POST', path, { action: `discover ${name}` })
  const last = wait ? await followDiscovery(context, path) : body
  const found = read(discovery, last)
  context.show(last, () =>
    facts(
      [
        ['State', found.state ?? 'ordered'],
        ['Pages', number(found.pages)],
        ['Found', number(found.found)],
        ['Changed', number(found.changed)],
        ['Gone', number(found.gone)],
        ['Seconds', number(found.seconds)],
        ['Problem', found.problem],
      ],
      context.world.out,
    ),
  )
  if (found.state === 'failed') throw new CliError(`Cannot discover ${name}: it has failed`)
}

const over = new Set(['finished', 'failed'])

async function followDiscovery(context: Context, path: string): Promise<unknown> {
  const line = liveLine(context)
  try {
    for (;;) {
      const { body } = await context.api.call('GET', path, { action: 'follow the discovery' })
      const { state = '', found = 0, pages = 0 } = read(discovery, body)
      if (over.has(state)) return body
      line.show(`${state}: ${found} resources on ${pages} pages`)
      await context.world.sleep(1_000)
    }
  } finally {
    line.end()
  }
}

async function testConnector(context: Context, [name = '']: readonly string[]): Promise<void> {
  const path = `/integrations/${encodeURIComponent(name)}/test`
  const { body } = await context.api.call('POST', path, { action: `test ${name}` })
  const found = read(connectorTest, body)
  context.show(body, () => connectorText(found, context))
  if (!found.token.ok) throw new CliError(`Cannot use the connector: ${found.token.problem ?? ''}`)
}

function connectorText(found: z.infer<typeof connectorTest>, { world }: Context): string {
  const features = table(
    found.features,
    [
      { head: 'FEATURE', cell: ({ name }) => name },
      { head: 'STATE', cell: ({ state }) => state },
      { head: 'MISSING', cell: ({ missing }) => missing.join(', '), mayShrink: true },
    ],
    world.out,
  )
  const excess = found.excess.map(
    ({ name, why, tier0 }) => `Too much: ${shown(name)}${tier0 ? ' (tier 0)' : ''}. ${shown(why)}`,
  )
  const commands = found.commands
    .filter(({ shell }) => shell === 'az')
    .map(({ text, effect }) => `${shown(effect)}\n  ${shown(text)}`)
  return [features, ...excess, ...commands].join('\n')
}

async function listResources(
  context: Context,
  [q]: readonly string[],
  { integration, type, limit }: z.infer<typeof listOptions>,
): Promise<void> {
  const body = await readList(context, '/resources', resources, limit, {
    action: 'list the resources',
    query: { q, integration, type },
  })
  context.show(body, () =>
    body.items.length === 0
      ? 'There is no such resource.'
      : table(
          body.items,
          [
            { head: 'NAME', cell: ({ name }) => name, mayShrink: true },
            { head: 'KIND', cell: ({ kind, type: of }) => kind ?? of },
            {
              head: 'MANAGEABLE',
              cell: ({ manageable, goneAt, reason }) =>
                goneAt !== undefined
                  ? 'gone'
                  : manageable === false
                    ? (reason?.detail ?? 'no')
                    : 'yes',
              mayShrink: true,
            },
            { head: 'ID', cell: ({ id }) => id },
          ],
          context.world.out,
        ),
  )
}

function number(value: number | undefined): string | undefined {
  return value === undefined ? undefined : String(value)
}
