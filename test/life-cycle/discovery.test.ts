import { afterEach, describe, expect, test } from 'vitest'
import { flow, readers } from '../operations/broker-in-memory.ts'
import { type LifeCycle, startLifeCycle } from './start-life-cycle.ts'

let life: LifeCycle

afterEach(() => life.stop())

const pass = (milliseconds: number) => life.clock.advanceTo(life.clock.now() + milliseconds)

const place = '/integrations/ContosoEntra/discover'

describe('discovery over HTTP', () => {
  test('is ordered, carried out by the timer, and watched', async () => {
    life = await startLifeCycle()
    const never = await life.call('admin', 'GET', place)
    const ordered = await life.call('admin', 'POST', place)
    await pass(31_000)

    const watched = await life.call('admin', 'GET', place)
    const listed = await life.call('admin', 'GET', '/resources?integration=ContosoEntra')

    expect(never.status).toBe(404)
    expect(ordered).toMatchObject({ status: 202, body: { state: 'waiting', pages: 0 } })
    expect(watched).toMatchObject({
      status: 200,
      body: { id: ordered.body.id, state: 'finished', found: 1, changed: 1, gone: 0 },
    })
    expect(listed.body.items).toMatchObject([
      { id: readers, kind: 'security', manageable: true, integrations: ['ContosoEntra'] },
    ])
    expect(life.published.at(-1)).toMatchObject({ event: 'discovery.finished' })
  })

  test('is done by the schedule without anybody asking', async () => {
    life = await startLifeCycle()

    await pass(3_700_000)

    expect(await life.call('admin', 'GET', place)).toMatchObject({ body: { state: 'finished' } })
  })

  test('lets an administrator tag what was found', async () => {
    life = await startLifeCycle()
    await life.call('admin', 'POST', place)
    await pass(31_000)
    const path = `/resources/group/${readers}/tags`

    const tagged = await life.call('admin', 'PUT', path, { tags: { env: 'prod' } })
    const wrong = await Promise.all(
      [
        { tags: { owners: 'mia' } },
        { tags: { extension_00000000000000000000000000000001_x: '1' } },
        { tags: { env: '1', ENV: '2' } },
        { tags: { env: '' } },
        { tags: { ' env': 'x' } },
        { tags: Object.fromEntries(Array.from({ length: 21 }, (_, n) => [`k${n}`, 'x'])) },
        {},
      ].map((body) => life.call('admin', 'PUT', path, body)),
    )
    const unknown = await Promise.all(
      ['/resources/unit/x/tags', '/resources/group/x/tags', `/resources/unit/${readers}/tags`].map(
        (each) => life.call('admin', 'PUT', each, { tags: {} }),
      ),
    )

    expect(tagged).toMatchObject({
      status: 200,
      body: { tags: { env: 'prod' }, tagsEtag: '"tags-1"' },
    })
    expect(wrong.map(({ status }) => status)).toEqual(wrong.map(() => 400))
    expect(unknown.map(({ status }) => status)).toEqual([404, 404, 404])
  })

  test('makes tags something that flows may pick by', async () => {
    life = await startLifeCycle()
    const put = (selector: object) => {
      const target = { integration: 'ContosoEntra', resourceType: 'group', permissions: ['member'] }
      const { name: _, ...body } = flow({ targets: [{ ...target, include: [selector] }] } as object)
      return life.call('admin', 'PUT', '/access-flows/tagged', body)
    }

    const named = await put({ by: 'tag', key: 'env', values: ['prod*'] })
    const unnamed = await put({ by: 'tag', values: ['prod*'] })

    expect(named.status).toBe(201)
    expect(unnamed).toMatchObject({
      status: 400,
      body: { errors: [{ pointer: '/targets/0/include/0/key' }] },
    })
  })

  test('belongs to administrators, of integrations that exist', async () => {
    life = await startLifeCycle()
    const calls = [
      ['mia', 'POST', place],
      ['mia', 'GET', place],
      ['mia', 'GET', '/resources'],
      ['mia', 'PUT', `/resources/group/${readers}/tags`],
      ['admin', 'POST', '/integrations/Nowhere/discover'],
      ['admin', 'GET', '/integrations/Nowhere/discover'],
      ['admin', 'GET', '/resources?nonsense=1'],
      ['admin', 'GET', '/resources'],
    ] as const

    const answers = await Promise.all(
      calls.map(([as, method, path]) =>
        life.call(as, method, path, method === 'PUT' ? { tags: {} } : undefined),
      ),
    )

    expect(answers.map(({ status }) => status)).toEqual([403, 403, 403, 403, 404, 404, 400, 200])
  })
})
