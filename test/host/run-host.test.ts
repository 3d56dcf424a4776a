import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { sampleDirectory, startSample } from './start-sample.ts'

const script = fileURLToPath(new URL('echo-main.ts', import.meta.url))
const storage = { AzureWebJobsStorage: 'UseDevelopmentStorage=true' }

function run(args: readonly string[], environment: Record<string, string> = storage) {
  const child = fork(script, args, { env: { ...process.env, ...environment }, silent: true })
  const output: string[] = []
  child.stdout?.on('data', (chunk) => output.push(String(chunk)))
  child.stderr?.on('data', (chunk) => output.push(String(chunk)))
  return { child, text: () => output.join('') }
}

async function ready(child: ChildProcess): Promise<{ url: string; rpcUrl: string }> {
  const [message] = await once(child, 'message')
  return message.ready
}

describe('the host as a command', () => {
  test('says when it is ready, answers, and exits with 0 when it is told to end', async () => {
    const { child, text } = run(['--port', '0', '--app', sampleDirectory('http')])

    const { url, rpcUrl } = await ready(child)
    const response = await fetch(`${url}/api/plain`)
    child.kill('SIGTERM')
    const [code] = await once(child, 'close')

    expect(response.status).toBe(200)
    expect(text()).toContain(`READY ${JSON.stringify({ url, rpcUrl })}`)
    expect(code).toBe(0)
  })

  test('ends by itself when the process that started it has gone', async () => {
    const { child } = run(['--port', '0', '--app', sampleDirectory('http')])

    await ready(child)
    child.disconnect()
    const [code] = await once(child, 'exit')

    expect(code).toBe(0)
  })

  test('refuses to start on a port that is taken, in one line', async () => {
    const host = await startSample('http')
    const { port } = new URL(host.url)
    const { child, text } = run(['--port', port, '--app', sampleDirectory('http')])

    const [code] = await once(child, 'close')
    await host.stop()

    expect(code).toBe(1)
    expect(text()).toBe(`Cannot listen on port ${port}: it is in use (--port chooses another)\n`)
  })

  test.each([
    [['--timers', 'never'], 'Cannot use --timers never: it is none of exact, early, late'],
    [['--port', 'x'], 'Cannot use --port x: it is no port'],
    [['--what'], "Unknown option '--what'"],
  ])('refuses %j', async (args, reason) => {
    const { child, text } = run([...args, '--app', sampleDirectory('http')])

    const [code] = await once(child, 'close')

    expect(code).toBe(1)
    expect(text()).toContain(reason)
  })

  test('refuses to start without a storage account', async () => {
    const args = ['--port', '0', '--app', sampleDirectory('http')]
    const { child, text } = run(args, { AzureWebJobsStorage: '' })

    const [code] = await once(child, 'close')

    expect(code).toBe(1)
    expect(text()).toContain('Cannot start the host: the setting AzureWebJobsStorage is missing')
  })

  test('explains itself', async () => {
    const { child, text } = run(['--help'])

    const [code] = await once(child, 'close')

    expect(code).toBe(0)
    expect(text()).toContain('--timers WHEN')
  })
})
