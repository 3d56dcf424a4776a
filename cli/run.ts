import { Command, CommanderError, Option } from 'commander'
import type * as z from 'zod'
import { CliError } from './cli-error.ts'
import { addApprovalCommands } from './commands/approvals.ts'
import { addAskingCommands } from './commands/asking.ts'
import { addAuditCommands } from './commands/audit.ts'
import { addCleanupCommands } from './commands/cleanup.ts'
import { addConfigCommands } from './commands/config.ts'
import { addIdentityCommands } from './commands/identity.ts'
import { addRequestCommands } from './commands/requests.ts'
import { addResourceCommands } from './commands/resources.ts'
import { type Context, contextOf } from './context.ts'
import { styled } from './text.ts'
import type { World } from './world.ts'

/** Turns what a command does into what commander calls: arguments, and options by their schema. */
export type Action = <Options>(
  options: z.ZodType<Options>,
  handle: (context: Context, args: readonly string[], options: Options) => Promise<void>,
) => (...all: unknown[]) => Promise<void>

const examples = `
Examples:
  entra-jit login
  entra-jit request "Production Readers" --duration 1h --justification "errors in checkout" --wait
  entra-jit approvals
  entra-jit approve <request> --reason "on call"
  entra-jit config plan access.yaml
  entra-jit config apply access.yaml
  entra-jit list --output json | jq '.items[].id'

Environment: ENTRA_JIT_URL (the broker), ENTRA_JIT_TOKEN (a token, for pipelines), NO_COLOR.
Exit code: 0 done, 1 not done, 2 a plan with changes; audit verify <file> has its own.`

/** Runs one command line; answers the exit code. */
export async function run(args: readonly string[], world: World): Promise<number> {
  let exitCode = 0
  const action: Action =
    (schema, handle) =>
    async (...all) => {
      const command = all.at(-1)
      if (!(command instanceof Command)) throw new Error('Cannot run: commander passed no command')
      const context = await contextOf(world, command, (code) => {
        exitCode = code
      })
      const given = command.processedArgs.flat().filter((each) => typeof each === 'string')
      await handle(context, given, schema.parse(command.opts()))
    }
  try {
    await createProgram(world, action).parseAsync([...args], { from: 'user' })
    return exitCode
  } catch (error) {
    // Commander has said what is wrong with the command line, or printed the help, itself.
    if (error instanceof CommanderError) return error.exitCode
    if (!(error instanceof CliError)) throw error
    world.err.write(`${styled('red', error.message, world.err)}\n`)
    if (error.hint !== undefined) world.err.write(`${error.hint}\n`)
    return error.exitCode
  }
}

function createProgram(world: World, action: Action): Command {
  const program = new Command('entra-jit')
    .description('Access to Microsoft Entra groups and roles, just in time')
    .option('--url <address>', 'the broker (default: where you signed in last, or the local stack)')
    .option('--as <name>', 'be one of the sample people of a local stack, for this command')
    .addOption(
      new Option('--output <form>', 'for people or for programs')
        .choices(['table', 'json'])
        .default('table'),
    )
    .option('--debug', 'show each call to the broker')
    .addHelpText('after', examples)
    .showSuggestionAfterError()
    .exitOverride()
    .configureOutput({
      writeOut: (text) => void world.out.write(text),
      writeErr: (text) => void world.err.write(text),
      getOutHelpWidth: () => world.out.columns ?? 100,
      getErrHelpWidth: () => world.err.columns ?? 100,
    })
  addIdentityCommands(program, action)
  addAskingCommands(program, action)
  addRequestCommands(program, action)
  addApprovalCommands(program, action)
  addResourceCommands(program, action)
  addCleanupCommands(program, action)
  addConfigCommands(program, action)
  addAuditCommands(program, action)
  return program
}
