import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { loadApp } from '../../local/host/load-app.ts'
import { sampleDirectory, startSample } from './start-sample.ts'

describe('loadApp()', () => {
  test('loads every file that main matches, in the order of their names', async () => {
    const { functions } = await loadApp(sampleDirectory('commonjs'))

    expect(functions.map(({ metadata }) => metadata.name)).toEqual(['one', 'two'])
  })

  test('gives each load its own registrations, also while another load runs', async () => {
    const loaded = await Promise.all(
      ['http', 'commonjs', 'http', 'timers'].map((app) => loadApp(sampleDirectory(app))),
    )

    const names = loaded.map(({ functions }) => functions.map(({ metadata }) => metadata.name))
    expect(names[0]).toEqual(names[2])
    expect(names[1]).toEqual(['one', 'two'])
    expect(names[3]).toContain('hourly')
    expect(names[0]).not.toContain('one')
  })

  test('loads an app that has no libraries of its own', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'host-app-'))
    await cp(sampleDirectory('commonjs'), folder, { recursive: true })

    const { functions } = await loadApp(folder)
    await rm(folder, { recursive: true })

    expect(functions).toHaveLength(2)
  })

  test('says which file cannot be loaded and why', async () => {
    await expect(loadApp(sampleDirectory('broken'))).rejects.toThrow(
      /^Cannot load .*main\.mjs: no such setting$/,
    )
  })

  test('says that a folder is no app', async () => {
    await expect(loadApp(sampleDirectory('nowhere'))).rejects.toThrow(
      /^Cannot load the app: .*package\.json cannot be read$/,
    )
  })
})

describe('startHost()', () => {
  test('runs one app twice in a process, each with variables of its own', async () => {
    const first = await startSample('commonjs')
    const second = await startSample('commonjs')
    const get = async (url: string) => (await fetch(`${url}/api/two`)).text()
    const answers = [await get(first.url), await get(first.url), await get(second.url)]
    await Promise.all([first.stop(), second.stop()])

    expect(answers).toEqual(['two 1', 'two 2', 'two 1'])
  })

  test('loads no function at all when two have one name, and says so', async () => {
    const host = await startSample('twins')
    const { status } = await fetch(`${host.url}/api/same`)
    await host.stop()

    expect(status).toBe(404)
    expect(host.functions).toEqual([])
    expect(host.lines).toContain('error Host.Startup: Cannot load any function: two are named Same')
  })

  test('leaves nothing running when the app cannot be loaded', async () => {
    const before = process.env['WEBSITE_HOSTNAME']

    await expect(startSample('broken')).rejects.toThrow('no such setting')

    expect(process.env['WEBSITE_HOSTNAME']).toBe(before)
  })

  test('says that a port is taken', async () => {
    const host = await startSample('http')
    const port = Number(new URL(host.url).port)

    await expect(startSample('http', { port })).rejects.toThrow(
      `Cannot listen on port ${port}: it is in use (--port chooses another)`,
    )
    await host.stop()
  })
})
