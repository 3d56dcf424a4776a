import { glob, readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'

/** No source file has more than 300 lines, unless a comment at its head says why. */
const root = dirname(import.meta.dirname)
const mostLines = 300
const reason = /^\/\*[\s\S]{0,200}\b(over|more than) \d+ lines/i

const tooLong: string[] = []
for (const folder of [
  'bench',
  'cli',
  'functions',
  'local',
  'portal',
  'scripts',
  'shared',
  'test',
]) {
  for await (const file of glob(`${folder}/**/*.{ts,tsx,mjs}`, { cwd: root })) {
    const text = await readFile(join(root, file), 'utf8')
    const lines = text.split('\n').length - 1
    if (lines > mostLines && !reason.test(text)) tooLong.push(`${file}: ${lines} lines`)
  }
}
for (const line of tooLong) console.error(line)
if (tooLong.length > 0) process.exit(1)
