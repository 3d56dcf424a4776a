import { request } from 'node:http'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { type Sample, startSample } from './start-sample.ts'

let host: Sample

beforeAll(async () => {
  host = await startSample('streams')
})

afterAll(() => host.stop())

describe('an app that asked for HTTP streaming', () => {
  test('reads a body as it comes, and repeated query names one by one', async () => {
    const body = Buffer.alloc(300_000, 'x')

    const response = await fetch(`${host.url}/api/count?x=1&x=2`, { method: 'POST', body })

    expect(await response.json()).toEqual({ length: 300_000, query: ['1', '2'] })
  })

  test('may leave a body unread', async () => {
    const body = Buffer.alloc(1_000_000, 'x')
    const send = () => fetch(`${host.url}/api/ignore`, { method: 'POST', body })

    const answers = [await send(), await send()]

    expect(await Promise.all(answers.map((answer) => answer.text()))).toEqual(['no', 'no'])
  })

  test('answers piece by piece, without headers that belong to the connection', async () => {
    const response = await fetch(`${host.url}/api/drip`)

    expect(await response.text()).toBe('onetwothree')
    expect(response.headers.get('connection')).toBe('keep-alive')
    expect(response.headers.getSetCookie()).toEqual(['a=b'])
  })

  test('learns that the reader of an endless answer has gone', async () => {
    await new Promise<void>((resolve, reject) => {
      const outgoing = request(`${host.url}/api/endless`, (incoming) => {
        incoming.once('data', () => {
          outgoing.destroy()
          resolve()
        })
      })
      outgoing.on('error', reject).end()
    })

    await vi.waitFor(() => {
      expect(host.lines.join('\n')).toContain('Function.endless.User: the reader has gone')
    })
  })
})
