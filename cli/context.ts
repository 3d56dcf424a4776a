import type { Command } from 'commander'
import * as z from 'zod'
import { type Account, openAccounts } from './accounts.ts'
import { addressOf } from './address.ts'
import { type Api, createApi } from './api.ts'
import { CliError } from './cli-error.ts'
import { refresh, signInAs, signInByBrowser } from './sign-in.ts'
import type { World } from './world.ts'

const globalOptions = z.object({
  url: z.string().optional(),
  as: z.string().optional(),
  output: z.enum(['table', 'json']).default('table'),
  debug: z.boolean().default(false),
})

export type GlobalOptions = z.infer<typeof globalOptions>

/** What a command works with: who asks, whom, and how the answer is to be shown. */
export interface Context {
  readonly world: World
  readonly options: GlobalOptions
  readonly address: string
  readonly api: Api
  /** Prints data: the body as JSON, or what a person reads. */
  show(body: unknown, words: () => string): void
  /** Says something beside the data. */
  say(text: string): void
  /** Ends the command with this code, though nothing went wrong. */
  exitWith(code: number): void
}

/** Makes the context of one command run. */
export async function contextOf(
  world: World,
  command: Command,
  exitWith: (code: number) => void,
): Promise<Context> {
  const options = globalOptions.parse(command.optsWithGlobals())
  const accounts = openAccounts(world)
  const address = addressOf(options.url, await accounts.current(), world)
  let token: Promise<string> | undefined
  const tokenOf = () => {
    token ??= findToken(world, address, options.as)
    return token
  }
  return {
    world,
    options,
    address,
    api: createApi(world, address, tokenOf, options.debug),
    show(body, words) {
      const text = options.output === 'json' ? JSON.stringify(body, null, 2) : words()
      if (text !== '') world.out.write(`${text}\n`)
    },
    say: (text) => void world.err.write(`${text}\n`),
    exitWith,
  }
}

async function findToken(world: World, address: string, as: string | undefined): Promise<string> {
  if (as !== undefined) return (await signInAs(world, address, as)).accessToken
  const given = world.env['ENTRA_JIT_TOKEN']
  if (given !== undefined && given !== '') return given
  const accounts = openAccounts(world)
  const account = await accounts.at(address)
  if (account !== undefined && isFresh(account, world.now())) return account.accessToken
  const renewed = account && (await refresh(world, address, account))
  if (renewed !== undefined) {
    await accounts.keep(address, renewed)
    return renewed.accessToken
  }
  if (!world.isInteractive) {
    const why = account === undefined ? 'nobody is signed in' : 'the sign-in has expired'
    throw new CliError(`Cannot go on: ${why} at ${address}`, {
      hint: 'Sign in with: entra-jit login',
    })
  }
  const fresh = await signInByBrowser(world, address, true)
  await accounts.keep(address, fresh)
  return fresh.accessToken
}

function isFresh({ expiresAt }: Account, now: Date): boolean {
  return new Date(expiresAt) > now
}
