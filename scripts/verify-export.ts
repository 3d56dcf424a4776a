import { createReadStream } from 'node:fs'
import { parseArgs } from 'node:util'
import { type ExportVerdict, verifyExport } from '../shared/ledger/verify-export.ts'

const help = `npm run verify-export -- FILE [--anchor HASH]: verifies an audit export by itself, without the system.

  FILE            what GET /api/audit answered as application/x-ndjson, or events.ndjson of an evidence pack
  --anchor HASH   a hash that you know from elsewhere: of a checkpoint (the event topic and the archive have
                  them), or of the manifest when you trusted it. With it a cut end is found even where
                  the manifest was made to fit

Exits 0 when it is intact, 1 when it is broken, 2 when it cannot be read, 3 when it was filtered and so
cannot be verified.`

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { anchor: { type: 'string' }, help: { type: 'boolean', default: false } },
})
const [file] = positionals
if (values.help || file === undefined) {
  console.error(help)
  process.exit(values.help ? 0 : 2)
}
try {
  const verdict = await verifyExport(linesOf(file), values.anchor)
  console.log(wordsOf(verdict, values.anchor))
  process.exitCode = { intact: 0, broken: 1, 'not-verifiable': 3 }[verdict.verdict]
} catch (error) {
  console.error(`Cannot read ${file}: ${error instanceof Error ? error.message : String(error)}`)
  process.exitCode = 2
}

function wordsOf(verdict: ExportVerdict, anchor: string | undefined): string {
  switch (verdict.verdict) {
    case 'intact':
      return [
        `intact: ${verdict.rows} rows of ${verdict.streams} streams`,
        `${verdict.covered} rows are covered by ${anchor === undefined ? 'the latest checkpoint' : 'the anchor'}`,
        `checkpoint ${verdict.checkpoint ?? 'none'}`,
        `manifest   ${verdict.manifest}`,
        ...(anchor === undefined
          ? ['Without --anchor HASH a cut end is found only as long as the manifest is genuine.']
          : []),
      ].join('\n')
    case 'broken': {
      const line = verdict.line === undefined ? '' : ` in line ${verdict.line}`
      const place =
        verdict.stream === undefined ? '' : ` (${verdict.stream}, event ${verdict.sequence})`
      return `broken: ${verdict.problem}${line}${place}`
    }
    case 'not-verifiable':
      return 'not verifiable: it is a selection, in which the chains have gaps'
  }
}

/** Splits at line feeds alone: Node's own reader also splits at characters that texts may hold. */
async function* linesOf(file: string): AsyncGenerator<string> {
  let rest = ''
  for await (const chunk of createReadStream(file, 'utf8')) {
    const lines = `${rest}${chunk}`.split('\n')
    rest = lines.pop() ?? ''
    yield* lines
  }
  if (rest !== '') yield rest
}
