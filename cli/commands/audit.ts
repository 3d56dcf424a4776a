import { createWriteStream } from 'node:fs'
import { rm } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { type Command, Option } from 'commander'
import * as z from 'zod'
import { read, verification } from '../answers.ts'
import { CliError } from '../cli-error.ts'
import type { Context } from '../context.ts'
import type { Action } from '../run.ts'
import { facts } from '../text.ts'
import { verifyFile } from '../verify-file.ts'

const filter = {
  from: z.string().optional(),
  to: z.string().optional(),
}

const exportOptions = z.object({
  ...filter,
  actor: z.string().optional(),
  grantee: z.string().optional(),
  resource: z.string().optional(),
  request: z.string().optional(),
  event: z.string().optional(),
  integration: z.string().optional(),
  format: z.enum(['csv', 'ndjson']),
  out: z.string().optional(),
})

const verifyOptions = z.object({ ...filter, anchor: z.string().optional() })

const mediaTypes = { csv: 'text/csv', ndjson: 'application/x-ndjson' } as const

const verifyHelp = `
Exit code of a file: 0 intact, 1 broken, 2 cannot be read, 3 a selection, which cannot be verified.
With --anchor a cut end is found even where the manifest was made to fit.`

/** `audit export`, `audit verify`. */
export function addAuditCommands(program: Command, action: Action): void {
  const audit = program.command('audit').description('the audit trail, for auditors')
  audit
    .command('export')
    .description('write audit events, newest first')
    .option('--from <time>', 'a day or an instant, such as 2026-11-24')
    .option('--to <time>')
    .option('--actor <id>')
    .option('--grantee <id>')
    .option('--resource <id>')
    .option('--request <id>')
    .option('--event <name>', 'such as grant.ended')
    .option('--integration <name>')
    .addOption(new Option('--format <form>').choices(['csv', 'ndjson']).default('ndjson'))
    .option('--out <file>', 'instead of printing')
    .action(action(exportOptions, exportAudit))
  audit
    .command('verify')
    .description('check an export by itself, or let the broker check its own trail')
    .argument(
      '[file]',
      'an NDJSON export, or events.ndjson of an evidence pack; no broker is asked',
    )
    .option(
      '--anchor <hash>',
      'of a checkpoint, or of the manifest, known from elsewhere; with a file',
    )
    .option('--from <time>', 'for the broker: the days to check')
    .option('--to <time>')
    .addHelpText('after', verifyHelp)
    .action(action(verifyOptions, verify))
}

async function exportAudit(
  { api, world, say }: Context,
  _args: readonly string[],
  { format, out, ...query }: z.infer<typeof exportOptions>,
): Promise<void> {
  const action = 'export the audit'
  const response = await api.stream('/audit', {
    action,
    query,
    headers: { accept: mediaTypes[format] },
  })
  const body = Readable.fromWeb(response.body ?? new ReadableStream())
  try {
    if (out === undefined) {
      for await (const part of body) world.out.write(part)
    } else {
      await pipeline(body, createWriteStream(out, { mode: 0o600 }))
      say(`Written to ${out}.`)
    }
  } catch (cause) {
    // Half an export must not be taken for a whole one.
    if (out !== undefined) await rm(out, { force: true })
    throw new CliError(`Cannot ${action}: it broke off`, { cause })
  }
}

async function verify(
  context: Context,
  [file]: readonly string[],
  { anchor, ...query }: z.infer<typeof verifyOptions>,
): Promise<void> {
  const isOfDays = query.from !== undefined || query.to !== undefined
  if (file === undefined && anchor !== undefined) {
    throw new CliError('Cannot verify: --anchor goes with a file')
  }
  if (file === undefined) return verifyTrail(context, query)
  if (isOfDays)
    throw new CliError('Cannot verify: a file is verified whole, without --from or --to')
  await verifyFile(context, file, anchor)
}

async function verifyTrail(
  { api, show, world }: Context,
  query: Omit<z.infer<typeof verifyOptions>, 'anchor'>,
): Promise<void> {
  const { body } = await api.call('GET', '/audit/verify', { action: 'verify the audit', query })
  const found = read(verification, body)
  const { firstBroken } = found
  show(body, () =>
    facts(
      [
        ['Verdict', found.verdict],
        ['Rows', text(found.rows)],
        ['Streams', text(found.streams)],
        ['Checkpoints', text(found.checkpoints)],
        ['Covered until', found.coveredUntil ?? undefined],
        ['Uncovered', text(found.uncovered)],
        ['Pending', text(found.pending)],
        [
          'First broken',
          firstBroken &&
            `${firstBroken.problem ?? ''} (${firstBroken.stream ?? firstBroken.day ?? ''} ${text(firstBroken.sequence) ?? ''})`,
        ],
      ],
      world.out,
    ),
  )
  if (found.verdict !== 'intact') throw new CliError(`The audit is ${found.verdict}`)
}

function text(value: number | undefined): string | undefined {
  return value === undefined ? undefined : String(value)
}
