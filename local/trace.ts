import { dirname, join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { readReadyFile, readyFileIn } from './stack/ready-file.ts'
import { paint } from './stack/report.ts'
import { collectTrace } from './trace/collect-trace.ts'

const help = `npm run trace -- REQUEST: everything that happened to one request of the running local stack, in order.

  --state DIR           state folder of the stack (default .local/)
  --ready-file FILE     or the file that npm start -- --ready-file wrote
  --json                one JSON object a line, for tools

Sources: its audit events, the history of its orchestration, and the calls to Microsoft Graph about its
grantee and resource while it lived.`

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    state: { type: 'string', default: join(dirname(import.meta.dirname), '.local') },
    'ready-file': { type: 'string' },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
})

const [requestId] = positionals
if (values.help || requestId === undefined) {
  console.error(help)
  process.exit(values.help ? 0 : 1)
}
try {
  const ready = await readReadyFile(values['ready-file'] ?? readyFileIn(resolve(values.state)))
  const entries = await collectTrace(ready, requestId)
  const began = Date.parse(entries[0]?.at ?? '')
  const colours = { audit: 'green', history: 'cyan', graph: 'yellow' } as const
  for (const entry of entries) {
    const since = `+${((Date.parse(entry.at) - began) / 1000).toFixed(3)} s`.padStart(12)
    const source = paint(colours[entry.source], entry.source.padEnd(7))
    if (values.json) console.log(JSON.stringify(entry))
    else console.log(`${entry.at.slice(11, 23)} ${paint('dim', since)}  ${source}  ${entry.text}`)
  }
} catch (error) {
  if (!(error instanceof Error && error.message.startsWith('Cannot '))) throw error
  console.error(error.message)
  process.exit(1)
}
