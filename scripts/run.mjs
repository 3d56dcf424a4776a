// Runs a script of this repository with Node 24 on a machine that has only Node ≥ 20 and npm:
//
//   node scripts/run.mjs local/main.ts --port 7071      a script
//   node scripts/run.mjs --bin vitest run               the command of an installed package
//
// What is missing is installed first. So this file uses nothing but Node's own modules, and no syntax
// that Node 20 lacks.
import { spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { constants } from 'node:os'
import { delimiter, dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const modules = join(root, 'node_modules')

const [first, ...rest] = process.argv.slice(2)
if (first === undefined) fail('Cannot run: name a script, or --bin and a command')
installIfNeeded()
const target = first === '--bin' ? commandFile(rest[0]) : join(root, first)
run(target, first === '--bin' ? rest.slice(1) : rest, first !== '--bin')

/** Installs only when the lock file is another one than at the last install: else no network is touched. */
function installIfNeeded() {
  const stamp = join(modules, '.installed-lock')
  const lockText = readFileSync(join(root, 'package-lock.json'))
  const digest = createHash('sha256').update(lockText).digest('hex')
  if (readIfThere(stamp) === digest) return
  if (!isInstalled(JSON.parse(lockText.toString()))) {
    const began = Date.now()
    process.stderr.write('Installing packages (npm ci) … ')
    npmInstall()
    process.stderr.write(`done in ${Math.round((Date.now() - began) / 1000)} s\n`)
  }
  mkdirSync(modules, { recursive: true }) // npm makes no folder when there is nothing to put in it.
  writeFileSync(stamp, digest)
}

/** Whether a person's own `npm ci` or `npm install` has already brought just what the lock names. */
function isInstalled(lock) {
  const hidden = readIfThere(join(modules, '.package-lock.json'))
  if (hidden === undefined) return false
  const installed = JSON.parse(hidden).packages
  const same = (path) =>
    lock.packages[path] !== undefined &&
    lock.packages[path].version === installed[path].version &&
    lock.packages[path].integrity === installed[path].integrity
  // Packages for other systems are in the lock, but never on the disk.
  const needed = Object.keys(lock.packages).filter((path) => path && !lock.packages[path].optional)
  return Object.keys(installed).every(same) && needed.every((path) => installed[path])
}

function npmInstall() {
  const args = ['ci', '--no-audit', '--no-fund', '--loglevel=error']
  const npm = process.env.npm_execpath
  const result =
    npm !== undefined && /\.c?js$/.test(npm)
      ? spawnSync(process.execPath, [npm, ...args], { cwd: root, encoding: 'utf8' })
      : spawnSync(['npm', ...args].join(' '), { cwd: root, encoding: 'utf8', shell: true })
  if (result.status === 0) return
  process.stderr.write(`failed\n${result.stdout ?? ''}${result.stderr ?? ''}`)
  fail('Cannot install: npm ci did not succeed (the messages above say why)')
}

/** The Node of the `node` package, whatever the machine has. */
function findNode() {
  const name = process.platform === 'win32' ? 'node.exe' : 'node'
  const bundled = join(modules, 'node', 'bin', name)
  if (existsSync(bundled)) return bundled
  if (Number(process.versions.node.split('.')[0]) >= 24) return process.execPath
  return fail(
    `Cannot run: this is Node ${process.versions.node} and the Node 24 of the package "node" is missing. ` +
      'Its install script did not run: try `npm rebuild node`',
  )
}

/** The JavaScript file behind a command, since what lies in `.bin` differs from system to system. */
function commandFile(command) {
  const { dependencies = {}, devDependencies = {} } = readJson(join(root, 'package.json'))
  for (const name of [command, ...Object.keys({ ...devDependencies, ...dependencies })]) {
    const manifest = join(modules, name ?? '', 'package.json')
    if (name === undefined || !existsSync(manifest)) continue
    const { bin } = readJson(manifest)
    const file = typeof bin === 'string' ? name === command && bin : bin?.[command]
    if (file) return join(modules, name, file)
  }
  return fail(`Cannot run ${command}: no installed package has this command`)
}

function run(file, args, isScript) {
  const node = findNode()
  const path = Object.keys(process.env).find((key) => key.toUpperCase() === 'PATH') ?? 'PATH'
  const child = spawn(node, [resolve(file), ...args], {
    // A script of ours sees by the channel when this process is killed, and leaves as well.
    stdio: isScript ? ['inherit', 'inherit', 'inherit', 'ipc'] : 'inherit',
    env: {
      ...process.env,
      [path]: [dirname(node), join(modules, '.bin'), process.env[path]].join(delimiter),
    },
  })
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(signal, () => child.kill(signal))
  }
  leaveWithNpm(() => child.kill('SIGTERM'))
  child.on('error', (error) => fail(`Cannot run ${file}: ${error.message}`))
  child.on('exit', (code, signal) => {
    process.exit(signal === null ? code : 128 + constants.signals[signal])
  })
}

/** npm hands a signal to its shell only: when that has gone, so has whoever wanted this to run. */
function leaveWithNpm(leave) {
  if (process.env.npm_lifecycle_event === undefined) return
  const parent = process.ppid
  setInterval(() => process.ppid !== parent && leave(), 500).unref()
}

function readIfThere(file) {
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined
}

function readJson(file) {
  return JSON.parse(readFileSync(file, 'utf8'))
}

function fail(message) {
  process.stderr.write(`${message}\n`)
  process.exit(1)
}
