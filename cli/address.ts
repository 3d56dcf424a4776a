import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as z from 'zod'
import { CliError } from './cli-error.ts'
import type { World } from './world.ts'

const readySchema = z.object({
  addresses: z.object({ functions: z.string() }),
  people: z.array(z.object({ name: z.string(), userPrincipalName: z.string() })),
})

export type LocalStack = z.infer<typeof readySchema>

/** What a local stack wrote about itself when it was ready, in the folder of its state. */
export function findLocalStack({ env, folder }: World): LocalStack | undefined {
  const file = env['ENTRA_JIT_READY_FILE'] ?? join(folder, '.local', 'ready.json')
  try {
    return readySchema.parse(JSON.parse(readFileSync(file, 'utf8')))
  } catch {
    return undefined
  }
}

/** Whether an address is on this machine. */
export function isLoopback(address: string): boolean {
  const url = URL.parse(address)
  return url !== null && ['localhost', '127.0.0.1', '[::1]'].includes(url.hostname)
}

/** The broker's address without `/api`; https, unless it is on this machine. */
function checkedAddress(text: string): string {
  const url = URL.parse(/^https?:\/\//i.test(text) ? text : `https://${text}`)
  if (url === null) throw new CliError(`Cannot use "${text}" as the address of the broker`)
  if (url.protocol !== 'https:' && !isLoopback(url.href)) {
    throw new CliError(`Cannot use ${text}: a token is sent by https only`)
  }
  return `${url.origin}${url.pathname.replace(/\/+(api\/*)?$/, '')}`
}

/**
 * Where the broker is: as the flag or the environment says, else where somebody signed in last,
 * else the local stack. Of a stack on this machine its own word counts: its ports may have changed.
 */
export function addressOf(
  flag: string | undefined,
  signedInAt: string | undefined,
  world: World,
): string {
  const said = flag ?? world.env['ENTRA_JIT_URL']
  if (said !== undefined && said !== '') return checkedAddress(said)
  if (signedInAt !== undefined && !isLoopback(signedInAt)) return signedInAt
  return findLocalStack(world)?.addresses.functions ?? signedInAt ?? 'http://localhost:7071'
}
