import type { Command } from 'commander'
import * as z from 'zod'
import { openAccounts } from '../accounts.ts'
import { me, read } from '../answers.ts'
import type { Context } from '../context.ts'
import type { Action } from '../run.ts'
import { signInAs, signInByBrowser } from '../sign-in.ts'
import { facts } from '../text.ts'

const loginOptions = z.object({ browser: z.boolean() })

/** `login`, `logout`, `whoami`. */
export function addIdentityCommands(program: Command, action: Action): void {
  program
    .command('login')
    .description('sign in with the browser')
    .option('--no-browser', 'print the address of the page only')
    .action(action(loginOptions, login))
  program
    .command('logout')
    .description('forget the sign-in on this machine')
    .action(action(z.object({}), logout))
  program
    .command('whoami')
    .description('who you are to the broker, and what you may do')
    .action(action(z.object({}), whoami))
}

async function login(
  { world, address, options, say }: Context,
  _args: readonly string[],
  { browser }: z.infer<typeof loginOptions>,
): Promise<void> {
  const account =
    options.as === undefined
      ? await signInByBrowser(world, address, browser)
      : await signInAs(world, address, options.as)
  await openAccounts(world).keep(address, account)
  say(`Signed in at ${address}${account.name === undefined ? '' : ` as ${account.name}`}.`)
}

async function logout({ world, address, say }: Context): Promise<void> {
  const wasThere = await openAccounts(world).forget(address)
  say(wasThere ? `Signed out at ${address}.` : `Nobody was signed in at ${address}.`)
}

async function whoami({ api, address, show, world }: Context): Promise<void> {
  const { body } = await api.call('GET', '/me', { action: 'say who you are' })
  const { name, id, tenantId, roles, may } = read(me, body)
  show(body, () =>
    facts(
      [
        ['Name', name],
        ['Id', id],
        ['Tenant', tenantId],
        ['Broker', address],
        ['Roles', roles.join(', ')],
        ['May', may.join(', ')],
      ],
      world.out,
    ),
  )
}
