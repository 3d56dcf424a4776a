import { existsSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { lineOf, runConformance, totalsOf } from './run-conformance.ts'

const help = `npm run conformance: the embedded host against recorded exchanges of the real one.

  --recordings DIR   folder of the recordings (default ../shared/golden)
  --only NAME        one scenario
  --verbose          every difference, listed ones too
  --help

Exit code 1: there is a difference that docs/embedded-host.md does not list.`

const root = dirname(dirname(import.meta.dirname))
const { values } = parseArgs({
  options: {
    recordings: { type: 'string', default: join(root, '../shared/golden') },
    only: { type: 'string' },
    verbose: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
})
if (values.help) {
  console.log(help)
  process.exit(0)
}
const folder = resolve(values.recordings)
if (!existsSync(folder)) {
  console.error(`Cannot compare: there is no folder ${folder}`)
  process.exit(2)
}
const results = await runConformance(folder, {
  only: values.only,
  onResult: (result) => {
    console.log(lineOf(result))
    if (!values.verbose) return
    for (const { where, difference, listed } of result.findings) {
      console.log(`    ${listed === undefined ? '!' : listed.id} ${where}: ${difference}`)
    }
  },
})
console.log(`\n${totalsOf(results)}`)
process.exit(results.some(({ verdict }) => verdict === 'different') ? 1 : 0)
