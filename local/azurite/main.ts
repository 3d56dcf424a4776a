import { mkdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { PortTakenError, startServices } from './services.ts'
import { lockState, StateInUseError } from './state-lock.ts'

const help = `Azurite (blob, queue and table storage) in a process of its own, on 127.0.0.1.

  --state DIR                                 keep what is stored below DIR/azurite (default: memory only)
  --blob-port N --queue-port N --table-port N (defaults 10000, 10001, 10002; 0 = a free one)

It saves and leaves on SIGTERM, SIGINT, or when the process that started it is gone.`

/**
 * Azurite writes to disk every few seconds only. So it runs in a session of its own, which a kill of
 * the rest does not reach, and it takes the end of its parent as the sign to save and leave.
 */
async function main(): Promise<void> {
  let leave = () => {}
  const asked = new Promise<void>((fulfil) => {
    leave = fulfil
  })
  process.on('SIGTERM', leave).on('SIGINT', leave).on('disconnect', leave)

  const { values } = parseArgs({
    options: {
      state: { type: 'string' },
      'blob-port': { type: 'string', default: '10000' },
      'queue-port': { type: 'string', default: '10001' },
      'table-port': { type: 'string', default: '10002' },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) return console.log(help)

  const folder = values.state === undefined ? undefined : join(resolve(values.state), 'azurite')
  if (folder !== undefined) mkdirSync(folder, { recursive: true })
  const lock = folder === undefined ? undefined : await lockState(folder)
  const services = await startServices({
    ...(folder === undefined ? {} : { folder }),
    ports: {
      blob: Number(values['blob-port']),
      queue: Number(values['queue-port']),
      table: Number(values['table-port']),
    },
  })
  const ready = { ports: services.ports, connectionString: services.connectionString }
  console.log(`READY ${JSON.stringify(ready)}`)
  process.send?.({ ready })

  await asked
  lock?.announceLeaving()
  await services.stop()
}

try {
  await main()
  process.exit(0)
} catch (error) {
  if (!(error instanceof PortTakenError || error instanceof StateInUseError)) throw error
  console.error(error.message)
  process.exit(1)
}
