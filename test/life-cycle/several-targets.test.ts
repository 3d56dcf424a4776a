import { describe, expect, test } from 'vitest'
import { answerSchemas } from '../../shared/config/answers-schema.ts'
import { mia } from '../operations/broker-in-memory.ts'
import { askingMia, resource, unknown } from './asking.ts'

const role = { type: 'directory-role', id: '40000000-0000-4000-8000-000000000001' }

const { post, running } = askingMia()

describe('POST /requests with several resources', () => {
  test('answers each with a status of its own', async () => {
    const { status, body } = await post('/requests', {
      resources: [resource, unknown],
      duration: 'PT1H',
      justification: 'release',
    })

    expect(status).toBe(202)
    expect(body).toMatchObject({
      items: [
        { status: 202, request: { justification: 'release', resource } },
        { status: 404, problem: { status: 404, type: '/problems/no-such-resource' } },
      ],
    })
    expect(answerSchemas.submitted?.safeParse(body).error).toBeUndefined()
    const listed = (await running().call(mia, 'GET', '/requests')).body.items
    expect(listed.map(({ id }: { id: string }) => id)).toEqual([body.items[0].request.id])
  })

  test.each([
    { what: 'neither one nor several', over: {}, pointer: '/resource' },
    { what: 'both', over: { resource, resources: [unknown] }, pointer: '/resources' },
    { what: 'none', over: { resources: [] }, pointer: '/resources' },
    { what: 'one twice', over: { resources: [resource, resource] }, pointer: '/resources/1' },
    {
      what: 'one twice, with and without its scope',
      over: { resources: [role, { ...role, scope: '/' }] },
      pointer: '/resources/1',
    },
    {
      what: 'more than fifty',
      over: {
        resources: Array.from({ length: 51 }, (_, index) => ({
          type: 'group',
          id: `30000000-0000-4000-8000-${String(index).padStart(12, '0')}`,
        })),
      },
      pointer: '/resources',
    },
    {
      what: 'a permission that one does not have',
      over: { resources: [resource, role], permission: 'member' },
      pointer: '/permission',
    },
  ])('refuses $what at $pointer', async ({ over, pointer }) => {
    const { status, body } = await post('/requests', { duration: 'PT1H', ...over })

    expect(status).toBe(400)
    expect(body.errors.map((error: { pointer: string }) => error.pointer)).toEqual([pointer])
  })
})
