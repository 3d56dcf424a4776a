import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { dirname, join } from 'node:path'

/** `npm run check`: everything that CI wants besides tests, each with what it says when it fails. */
const root = dirname(import.meta.dirname)

const checks: readonly (readonly [title: string, command: string, ...args: string[]])[] = [
  ['types', 'tsc', '--noEmit'],
  ['types of the page', 'tsc', '--noEmit', '-p', 'portal'],
  ['types of its tests', 'tsc', '--noEmit', '-p', 'test/browser'],
  ['lint and format', 'biome', 'ci', '--error-on-warnings'],
  ['unused code', 'knip'],
  ['duplicate code', 'jscpd'],
  ['length of files', 'node', join(root, 'scripts/check-length.ts')],
]

const failed: string[] = []
for (const [title, command, ...args] of checks) {
  const began = performance.now()
  const child = spawn(command, args, { cwd: root, shell: process.platform === 'win32' })
  const said: string[] = []
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => said.push(chunk.toString()))
  }
  const [code] = await once(child, 'close')
  const seconds = `${((performance.now() - began) / 1000).toFixed(1)} s`
  console.log(`${code === 0 ? '✓' : '✗'} ${title.padEnd(18)}${seconds.padStart(8)}`)
  if (code === 0) continue
  failed.push(title)
  console.log(said.join(''))
}
if (failed.length > 0) {
  console.error(`Not clean: ${failed.join(', ')}`)
  process.exit(1)
}
