import type { Command } from 'commander'
import * as z from 'zod'
import { openAccounts } from '../accounts.ts'
import { me, read } from '../answers.ts'
import type { Context } from '../context.ts'
import type { Action } from '../run.ts'
import { signInAs, signInByBrowser } from '../sign-in.ts'
import { signInByDeviceCode } from '../sign-in-by-device-code.ts'
import { facts } from '../text.ts'

const loginOptions = z.object({ browser: z.boolean(), deviceCode: z.boolean().default(false) })

/** `login`, `logout`, `whoami`. */
export function addIdentityCommands(program: Command, action: Action): void {
  program
    .command('login')
    .description('sign in with the browser')
    .option('--no-browser', 'print the address of the page only')
    .option('--device-code', 'sign in with a browser on another machine, by a code')
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
  { browser, deviceCode }: z.infer<typeof loginOptions>,
): Promise<void> {
  const signIn = () => {
    if (options.as !== undefined) return signInAs(world, address, options.as)
    return deviceCode
      ? signInByDeviceCode(world, address)
      : signInByBrowser(world, address, browser)
  }
  const account = await signIn()
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
