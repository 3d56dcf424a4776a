import { createReadStream } from 'node:fs'
import { type ExportVerdict, verifyExport } from '../shared/ledger/verify-export.ts'
import { CliError } from './cli-error.ts'
import type { Context } from './context.ts'
import { shown } from './text.ts'

const exitCodes = { intact: 0, broken: 1, 'not-verifiable': 3 } as const

/** Verifies an export, or the events of an evidence pack, by itself: nothing is asked of a broker. */
export async function verifyFile(
  { show, exitWith }: Pick<Context, 'show' | 'exitWith'>,
  file: string,
  anchor: string | undefined,
): Promise<void> {
  let verdict: ExportVerdict
  try {
    verdict = await verifyExport(linesOf(file), anchor)
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new CliError(`Cannot read ${shown(file)}: ${shown(reason)}`, { exitCode: 2, cause })
  }
  show(verdict, () => wordsOf(verdict, anchor))
  exitWith(exitCodes[verdict.verdict])
}

function wordsOf(verdict: ExportVerdict, anchor: string | undefined): string {
  switch (verdict.verdict) {
    case 'intact':
      return [
        `intact: ${verdict.rows} rows of ${verdict.streams} streams`,
        `${verdict.covered} rows are covered by ${anchor === undefined ? 'the latest checkpoint' : 'the anchor'}`,
        `checkpoint ${shown(verdict.checkpoint ?? 'none')}`,
        `manifest   ${shown(verdict.manifest)}`,
        ...(anchor === undefined
          ? ['Without --anchor HASH a cut end is found only as long as the manifest is genuine.']
          : []),
      ].join('\n')
    case 'broken': {
      const line = verdict.line === undefined ? '' : ` in line ${verdict.line}`
      const place =
        verdict.stream === undefined ? '' : ` (${shown(verdict.stream)}, event ${verdict.sequence})`
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
