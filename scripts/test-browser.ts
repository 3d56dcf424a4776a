import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { dirname, join } from 'node:path'
import { findChromium } from './find-chromium.ts'

/** `npm run test:browser`: the portal in a Chromium that is there; it is never downloaded. */
const root = dirname(import.meta.dirname)
const chromium = findChromium(process.env)
if (chromium === undefined) {
  console.error('Cannot test the portal: no Chromium here; name one with CHROMIUM_PATH')
  process.exit(1)
}
const vitest = join(root, 'node_modules/vitest/vitest.mjs')
const args = ['run', '--config', 'vitest.browser.config.ts', ...process.argv.slice(2)]
const child = spawn(process.execPath, [vitest, ...args], {
  cwd: root,
  stdio: 'inherit',
  env: { ...process.env, CHROMIUM_PATH: chromium },
})
const [code] = await once(child, 'exit')
process.exit(code ?? 1)
