import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { lockState } from '../azurite/state-lock.ts'

/** All that a stack leaves in its state folder, and so all that `--fresh` may remove from it. */
const ours = /^(azurite|entra|service-bus|host|ready\.json|[a-z-]+\.log)$/

/**
 * Makes the folder ready for a start: nobody else uses it, a previous stack has finished saving, and
 * with `fresh` it is empty of our own. What is not ours stays, since people name folders by mistake.
 */
export async function prepareStateFolder(
  folder: string,
  options: { readonly fresh: boolean; readonly onWait: () => void },
): Promise<void> {
  const azurite = join(folder, 'azurite')
  mkdirSync(azurite, { recursive: true })
  const lock = await lockState(azurite, { onWait: options.onWait })
  lock.release()
  // The file of an earlier run would name addresses and processes that are gone.
  rmSync(join(folder, 'ready.json'), { force: true })
  if (!options.fresh || !existsSync(folder)) return
  for (const name of readdirSync(folder).filter((entry) => ours.test(entry))) {
    rmSync(join(folder, name), { recursive: true, force: true })
  }
}
