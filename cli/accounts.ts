import { chmod, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import * as z from 'zod'
import { CliError } from './cli-error.ts'
import type { World } from './world.ts'

const accountSchema = z.object({
  accessToken: z.string(),
  /** Instant after which it is not sent any more. */
  expiresAt: z.string(),
  refreshToken: z.string().optional(),
  name: z.string().optional(),
})

/** Who is signed in at one broker. */
export type Account = z.infer<typeof accountSchema>

const fileSchema = z.object({
  /** Address of the broker at which somebody signed in last. */
  current: z.string().optional(),
  accounts: z.record(z.string(), accountSchema),
})

type AccountsFile = z.infer<typeof fileSchema>

export interface Accounts {
  current(): Promise<string | undefined>
  at(address: string): Promise<Account | undefined>
  keep(address: string, account: Account): Promise<void>
  forget(address: string): Promise<boolean>
}

/** Tokens in a file of the person's own configuration folder that nobody else may read. */
export function openAccounts(world: World): Accounts {
  const file = join(configurationFolder(world), 'entra-jit', 'tokens.json')

  const read = async (): Promise<AccountsFile> => {
    let text: string
    try {
      text = await readFile(file, 'utf8')
    } catch {
      return { accounts: {} }
    }
    const parsed = fileSchema.safeParse(parseJson(text))
    // What nobody can read is of no use to anybody: the next sign-in replaces it.
    return parsed.success ? parsed.data : { accounts: {} }
  }

  const write = async (content: AccountsFile): Promise<void> => {
    const draft = `${file}.${process.pid}.tmp`
    try {
      await mkdir(dirname(file), { recursive: true, mode: 0o700 })
      await writeFile(draft, `${JSON.stringify(content, null, 2)}\n`, { mode: 0o600 })
      await chmod(draft, 0o600)
      await rename(draft, file)
    } catch (cause) {
      await rm(draft, { force: true })
      throw new CliError(`Cannot keep the sign-in in ${file}`, { cause })
    }
  }

  return {
    current: async () => (await read()).current,
    at: async (address) => (await read()).accounts[address],
    async keep(address, account) {
      const { accounts } = await read()
      await write({ current: address, accounts: { ...accounts, [address]: account } })
    },
    async forget(address) {
      const { current, accounts } = await read()
      const { [address]: gone, ...rest } = accounts
      if (gone === undefined) return false
      await write({ ...(current === address ? {} : { current }), accounts: rest })
      return true
    },
  }
}

function configurationFolder({ env, platform, home }: World): string {
  const chosen = env['XDG_CONFIG_HOME']
  if (chosen !== undefined && chosen !== '') return chosen
  if (platform === 'win32') return env['APPDATA'] ?? join(home, 'AppData', 'Roaming')
  return join(home, '.config')
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
