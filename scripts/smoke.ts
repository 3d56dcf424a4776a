import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { readReadyFile } from '../local/stack/ready-file.ts'

/**
 * Does what the README tells a newcomer to do: `npm start`, watch the sample, Ctrl-C. Fails unless
 * both sample requests came to their end, the stop was orderly, and nothing is left running.
 */
const state = resolve(process.argv[2] ?? '.local/smoke')
const readyFile = join(state, 'smoke-ready.json')
const npm = spawn(
  'npm',
  ['start', '--', '--ports', 'auto', '--state', state, '--ready-file', readyFile],
  // A group of its own: Ctrl-C in a terminal reaches the whole group, and so does this script's.
  { stdio: ['ignore', 'pipe', 'inherit'], shell: process.platform === 'win32', detached: true },
)
const ended = once(npm, 'exit')

let isUp = false
for await (const line of createInterface(npm.stdout)) {
  console.log(line)
  if (!line.startsWith('Ctrl-C stops it')) continue
  isUp = true
  break
}
if (!isUp) fail(`Cannot start the stack: npm start ended with ${(await ended)[0]}`)

const { processes } = await readReadyFile(readyFile)
npm.stdout.resume()
if (npm.pid === undefined) fail('Cannot stop the stack: npm start has no process')
process.kill(process.platform === 'win32' ? npm.pid : -npm.pid, 'SIGINT')
const [code, signal] = await ended
// npm reports the interruption itself as its end; that the parts left is looked at below.
if (code !== 0 && signal !== 'SIGINT') fail(`Cannot accept the stop: npm start ended with ${code}`)

const left = processes.filter(({ pid }) => isAlive(pid))
if (left.length > 0) fail(`Cannot accept the stop: still running: ${JSON.stringify(left)}`)
console.log('Started, showed both samples, stopped, left nothing running')

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

function fail(message: string): never {
  console.error(message)
  npm.kill('SIGTERM')
  process.exit(1)
}
