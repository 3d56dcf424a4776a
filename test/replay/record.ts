import {
  accessLifeCycleName,
  orchestrationVersion,
} from '../../functions/durable/access-life-cycle.ts'
import { orchestrators } from '../../functions/durable/orchestrators.ts'
import { shown } from '../../local/host/durable/history.ts'
import { startLifeCycle } from '../life-cycle/start-life-cycle.ts'
import type { Recording } from './recording.ts'
import { replay } from './replay.ts'
import type { Story } from './stories.ts'

/** Plays a story on the embedded host, and keeps the history that Durable Functions has of it. */
export async function record({ options = {}, run }: Story): Promise<Recording> {
  const life = await startLifeCycle(options)
  try {
    const id = await run(life)
    const instance = await life.store.read(id)
    if (instance?.head.status !== 'Completed') {
      throw new Error(`Cannot record ${id}: it is ${instance?.head.status ?? 'not there'}`)
    }
    const history = instance.history.map(shown)
    const code = orchestrators[accessLifeCycleName]
    if (code === undefined) throw new Error(`Cannot record: ${accessLifeCycleName} is missing`)
    const { difference, ended } = await replay(history, code)
    if (difference !== undefined) throw new Error(`Cannot record ${id}: ${difference}`)
    return { orchestrationVersion, history, ended }
  } finally {
    await life.stop()
  }
}
