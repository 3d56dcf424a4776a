import { cp, mkdtemp, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { driveScenario, type Finding } from './drive-scenario.ts'
import { notOffered, readRecordings } from './recording.ts'

export interface ScenarioResult {
  readonly name: string
  readonly verdict: 'match' | 'listed' | 'not offered' | 'different'
  readonly detail: string
  readonly findings: readonly Finding[]
}

const root = dirname(dirname(import.meta.dirname))

/** Drives every recording of a folder again, with the app that lies beside them. */
export async function runConformance(
  folder: string,
  options: {
    readonly only?: string | undefined
    readonly onResult?: (result: ScenarioResult) => void
  } = {},
): Promise<readonly ScenarioResult[]> {
  const work = await mkdtemp(join(tmpdir(), 'entra-jit-conformance-'))
  const results: ScenarioResult[] = []
  try {
    const app = join(work, 'app')
    await cp(await appOf(folder), app, { recursive: true })
    await symlink(join(root, 'node_modules'), join(work, 'node_modules'), 'junction')
    for (const file of await readRecordings(folder)) {
      if (options.only !== undefined && file.name !== options.only) continue
      const result = await judge(app, file)
      results.push(result)
      options.onResult?.(result)
    }
  } finally {
    await rm(work, { recursive: true, force: true })
  }
  return results
}

/** Other recordings may be published without the app: it is always the same one. */
async function appOf(folder: string): Promise<string> {
  const { access } = await import('node:fs/promises')
  const candidates = [join(folder, 'app'), resolve(root, '../shared/golden/app')]
  for (const candidate of candidates) {
    const isThere = await access(join(candidate, 'package.json')).then(
      () => true,
      () => false,
    )
    if (isThere) return candidate
  }
  throw new Error(`Cannot drive the recordings of ${folder}: the app beside them is missing`)
}

async function judge(
  app: string,
  file: Awaited<ReturnType<typeof readRecordings>>[number],
): Promise<ScenarioResult> {
  const { name } = file
  if ('other' in file) return { name, verdict: 'not offered', detail: file.other, findings: [] }
  const missing = notOffered(file.recording)
  if (missing !== undefined) return { name, verdict: 'not offered', detail: missing, findings: [] }
  const findings = await driveScenario(app, file.recording)
  const accident = findings.find(({ listed }) => listed === undefined)
  if (accident !== undefined) {
    const detail = `${accident.where}: ${accident.difference}`
    return { name, verdict: 'different', detail, findings }
  }
  const ids = [...new Set(findings.map(({ listed }) => listed?.id))]
  return { name, verdict: ids.length === 0 ? 'match' : 'listed', detail: ids.join(', '), findings }
}

/** One line for people. */
export function lineOf({ name, verdict, detail }: ScenarioResult): string {
  const said = verdict === 'listed' ? 'match, but for' : verdict
  return `${said.padEnd(14)} ${name}${detail === '' ? '' : `: ${detail}`}`
}

export function totalsOf(results: readonly ScenarioResult[]): string {
  const count = (verdict: ScenarioResult['verdict']) =>
    results.filter((result) => result.verdict === verdict).length
  return `${count('match')} match, ${count('listed')} match but for listed differences, ${count('not offered')} not offered, ${count('different')} different`
}
