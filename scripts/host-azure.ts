import { spawn, spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { buildApp } from './build.ts'

/**
 * Runs the built app on the real Azure Functions Core Tools, where they are installed. What `func start`
 * takes may follow, such as `--port 7071`. Settings come from the environment, then from
 * `local.settings.json`, then from the sample beside it, whose storage, directory and queue are those
 * of `npm run storage`, `npm run entra` and `npm run bus`.
 */
const root = dirname(import.meta.dirname)
const isWindows = process.platform === 'win32'

const found = spawnSync('func', ['--version'], { encoding: 'utf8', shell: isWindows })
if (found.status !== 0) {
  console.error(
    'Cannot run on the Azure Functions Core Tools: there is no `func` here. Install version 4 of them ' +
      '(https://learn.microsoft.com/azure/azure-functions/functions-run-local), or use `npm run host`',
  )
  process.exit(1)
}

const own = join(root, 'local.settings.json')
const file = existsSync(own) ? own : join(root, 'local.settings.sample.json')
const { Values } = JSON.parse(readFileSync(file, 'utf8')) as { Values: Record<string, string> }
const { output } = await buildApp({ root })
console.log(`Core Tools ${found.stdout.trim()}, settings of ${file}`)

const child = spawn('func', ['start', ...process.argv.slice(2)], {
  cwd: output,
  stdio: 'inherit',
  shell: isWindows,
  env: { ...Values, ...process.env },
})
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal))
child.on('exit', (code) => process.exit(code ?? 1))
