import { parseArgs } from 'node:util'
import { startServiceBus } from './service-bus.ts'

const help = `Service Bus stand-in: the queue and the topic of entra-jit over AMQP, on the loopback address.

  --port N      port to listen on, 0 for a free one (default 5672)
  --state DIR   folder for messages that outlive the process (default: memory only)
  --help        this text
`

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '5672' },
    state: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
})

if (values.help) process.stdout.write(help)
else await serve()

async function serve(): Promise<void> {
  const port = Number(values.port)
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    fail(`Cannot listen on port '${values.port}': --port takes a number from 0 to 65535`)
  }
  const bus = await startServiceBus({
    port,
    ...(values.state === undefined ? {} : { stateDirectory: values.state }),
  }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EADDRINUSE') throw error
    return fail(`Cannot listen on port ${port}: it is taken; choose another with --port`)
  })
  const stop = () => bus.stop().then(() => process.exit(0))
  process.on('SIGTERM', stop)
  process.on('SIGINT', stop)
  process.on('disconnect', stop)
  const ready = { port: bus.port, connectionString: bus.connectionString }
  process.stdout.write(`READY ${JSON.stringify(ready)}\n`)
  process.send?.({ ready })
}

function fail(message: string): never {
  process.stderr.write(`${message}\n`)
  process.exit(1)
}
