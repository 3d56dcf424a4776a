import { parseArgs } from 'node:util'
import { seedTenant } from '../seed/seed-tenant.ts'
import { noQuotas } from './quota.ts'
import { startEntra } from './start-entra.ts'

const help = `Entra simulator: sign-in and tokens at /{tenant}, Graph at /v1.0, on the loopback address.

  --port N      port to listen on, 0 for a free one (default 7072)
  --state DIR   folder for changes and keys that outlive the process (default: memory only)
  --no-quota    never answers 429 by itself, for measuring what is behind it
  --help        this text

GET /_simulator/log tells every call; POST and DELETE /_simulator/faults make things go wrong;
PATCH /_simulator/tenant switches the licence. The rest is in docs/entra-simulator.md.`

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '7072' },
    state: { type: 'string' },
    'no-quota': { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
})

if (values.help) console.log(help)
else await serve()

async function serve(): Promise<void> {
  const port = Number(values.port)
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    fail(`Cannot listen on port '${values.port}': --port takes a number from 0 to 65535`)
  }
  const entra = await startEntra({
    port,
    tenant: seedTenant,
    ...(values['no-quota'] ? { quotas: noQuotas } : {}),
    ...(values.state === undefined ? {} : { stateDirectory: values.state }),
  }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EADDRINUSE') throw error
    return fail(`Cannot listen on port ${port}: it is taken; choose another with --port`)
  })
  const stop = () => entra.stop().then(() => process.exit(0))
  process.on('SIGTERM', stop)
  process.on('SIGINT', stop)
  process.on('disconnect', stop)
  const { url, tenantId, clientId } = entra
  const ready = { url, port: entra.port, tenantId, clientId }
  console.log(`READY ${JSON.stringify(ready)}`)
  process.send?.({ ready })
}

function fail(message: string): never {
  console.error(message)
  process.exit(1)
}
