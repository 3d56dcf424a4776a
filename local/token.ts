import { dirname, join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { signIn } from './stack/api-client.ts'
import { readReadyFile, readyFileIn } from './stack/ready-file.ts'

const help = `npm run token -- --as NAME: prints an access token of the running local stack, and nothing else.

  --as NAME             a sample person (mia, ada, audrey, …) or a user principal name
  --state DIR           state folder of the stack (default .local/)
  --ready-file FILE     or the file that npm start -- --ready-file wrote

For example: curl -H "authorization: Bearer $(npm run --silent token -- --as mia)" http://localhost:7071/api/me`

const { values } = parseArgs({
  options: {
    as: { type: 'string' },
    state: { type: 'string', default: join(dirname(import.meta.dirname), '.local') },
    'ready-file': { type: 'string' },
    help: { type: 'boolean', default: false },
  },
})

if (values.help || values.as === undefined) {
  console.error(help)
  process.exit(values.help ? 0 : 1)
}
try {
  const ready = await readReadyFile(values['ready-file'] ?? readyFileIn(resolve(values.state)))
  console.log(await signIn(ready, values.as))
} catch (error) {
  if (!(error instanceof Error && error.message.startsWith('Cannot '))) throw error
  console.error(error.message)
  process.exit(1)
}
