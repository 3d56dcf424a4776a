import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type Api, startApi } from './start-api.ts'

let api: Api

beforeEach(async () => {
  api = await startApi()
})
afterEach(() => api.stop())

const ask = (path: string, id: string) =>
  api.call('mia', 'POST', path, {
    body: { resource: { type: 'group', id }, duration: 'PT1H', justification: 'incident' },
  })

describe('a group that gives power over this product', () => {
  test.each(['/requests', '/requests/preview'])('is refused at %s as guarded', async (path) => {
    const inner = api.newGroup({ name: 'Inner' })
    api.newGroup({ name: 'Outer', members: [inner], unmanageable: 'role-assignable' })
    const { status, body } = await ask(path, inner)

    expect(status).toBe(422)
    expect(body).toMatchObject({
      type: '/problems/guarded',
      detail:
        'It gives power over this product: Inner → Outer → directory roles that can be assigned to it.',
    })
    expect(api.directory.writes).toEqual([])
  })

  test('is asked for like any other once it does not any more', async () => {
    const inner = api.newGroup({ name: 'Inner' })
    const outer = api.newGroup({ name: 'Outer', members: [inner], unmanageable: 'role-assignable' })
    const before = await ask('/requests', inner)
    api.directory.deleteObject(outer)
    const after = await ask('/requests', inner)

    expect([before.status, after.status]).toEqual([422, 202])
  })
})
