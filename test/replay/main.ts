import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { orchestrationVersion } from '../../functions/durable/access-life-cycle.ts'
import { record } from './record.ts'
import { stories } from './stories.ts'

const help = `npm run record-histories: keeps the histories of today's orchestrator for the releases to come.

  --again   also those of this version that are kept already; never after its release
  --help`

const { values } = parseArgs({
  options: {
    again: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
})
if (values.help) {
  console.log(help)
  process.exit(0)
}

const root = join(import.meta.dirname, '../..')
const folder = join(import.meta.dirname, `v${orchestrationVersion}`)
await mkdir(folder, { recursive: true })
const kept = new Set(await readdir(folder))
for (const [name, story] of Object.entries(stories)) {
  const file = `${name}.json`
  if (kept.has(file) && !values.again) continue
  const recording = await record(story)
  // Stack traces name the folder of whoever records.
  const text = JSON.stringify(recording, null, 2).replaceAll(root, '/app')
  await writeFile(join(folder, file), `${text}\n`)
  console.log(`v${orchestrationVersion}/${file}: ${recording.history.length} events`)
}
process.exit(0)
