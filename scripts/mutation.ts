import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { dirname, join, matchesGlob } from 'node:path'
import { parseArgs } from 'node:util'

const help = `npm run mutation [-- --only FILE … --force --concurrency N]: whether the tests of shared/access notice when it is broken.

  --only FILE      of this file, or files by a pattern, and no others; may be given several times
  --force          tries every mutant anew; without it, those whose code and tests have not changed are known
  --concurrency N  so many at once (2)

Writes reports/mutation/mutation.html and .json. Exits with 1 below the score of stryker.config.json
("break"). What is left, and why: docs/mutation.md.`

const root = dirname(import.meta.dirname)
const report = join(root, 'reports/mutation/mutation.json')

const { values } = parseArgs({
  options: {
    only: { type: 'string', multiple: true, default: [] },
    force: { type: 'boolean', default: false },
    concurrency: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
})
if (values.help) {
  console.log(help)
  process.exit(0)
}

rmSync(report, { force: true })
const args = [
  ...(values.only.length === 0 ? [] : ['--mutate', values.only.join(',')]),
  ...(values.force ? ['--force'] : []),
  ...(values.concurrency === undefined ? [] : ['--concurrency', values.concurrency]),
]
const child = spawn('stryker', ['run', ...args], {
  cwd: root,
  stdio: 'inherit',
  shell: process.platform === 'win32',
})
for (const ending of ['disconnect', 'SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(ending, () => child.kill())
}
const [code] = await once(child, 'close')
if (existsSync(report)) console.log(scoreOf(JSON.parse(readFileSync(report, 'utf8')), values.only))
process.exitCode = typeof code === 'number' ? code : 1

/** As Stryker counts it: what could not even be loaded, and what was left out, is no mutant. */
function scoreOf(
  { files }: { files: Record<string, { mutants: readonly { status: string }[] }> },
  only: readonly string[],
): string {
  // The report also holds what earlier runs found of the other files.
  const all = Object.entries(files)
    .filter(([name]) => only.length === 0 || only.some((pattern) => matchesGlob(name, pattern)))
    .flatMap(([, { mutants }]) => mutants)
  const count = (...states: readonly string[]) =>
    all.filter(({ status }) => states.includes(status)).length
  const found = count('Killed', 'Timeout')
  const left = count('Survived', 'NoCoverage')
  const percent = ((100 * found) / Math.max(1, found + left)).toFixed(2)
  const subject = only.length === 0 ? 'shared/access' : only.join(', ')
  return `Mutation score of ${subject}: ${percent} % (${found} of ${found + left} mutants noticed, ${left} left)`
}
