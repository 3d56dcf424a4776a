import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { answerSchemas } from '../../shared/config/answers-schema.ts'
import { flow, mia, readers } from '../operations/broker-in-memory.ts'
import { type LifeCycle, startLifeCycle } from './start-life-cycle.ts'

const ben = '20000000-0000-4000-8000-000000000002'
const resource = { type: 'group', id: readers }
const role = { type: 'directory-role', id: '40000000-0000-4000-8000-000000000001' }
const unknown = { type: 'group', id: '99999999-9999-4999-8999-999999999999' }

let life: LifeCycle

beforeEach(async () => {
  life = await startLifeCycle({ flows: [flow({ justification: { required: true } })] })
})
afterEach(() => life.stop())

const post = (path: string, body: object) => life.call(mia, 'POST', path, body)

describe('POST /requests/preview', () => {
  test.each([
    {
      what: 'a request that would be granted',
      over: { justification: 'errors' },
      answer: { outcome: 'granted-automatically', flow: 'oncall', maximumDuration: 'PT8H' },
    },
    {
      what: 'a request without its justification',
      over: {},
      answer: { outcome: 'refused', nearest: { change: { justification: { required: true } } } },
    },
  ])('answers $what', async ({ over, answer }) => {
    const { status, body } = await post('/requests/preview', {
      resource,
      duration: 'PT1H',
      ...over,
    })

    expect(status).toBe(200)
    expect(body).toMatchObject(answer)
    expect(answerSchemas.preview?.safeParse(body).error).toBeUndefined()
    expect((await life.call(mia, 'GET', '/requests')).body.items).toEqual([])
  })

  test.each([
    { what: 'no resource', over: {}, status: 400 },
    { what: 'several resources', over: { resources: [resource] }, status: 400 },
    { what: 'an unknown field', over: { resource, bogus: 1 }, status: 400 },
    { what: 'too short a time', over: { resource, duration: 'PT0S' }, status: 400 },
    { what: 'an unknown resource', over: { resource: unknown }, status: 404 },
    { what: 'a requester named by a person', over: { resource, requester: ben }, status: 403 },
  ])('refuses $what with $status', async ({ over, status }) => {
    const answer = await post('/requests/preview', { duration: 'PT1H', ...over })

    expect(answer.status).toBe(status)
    expect(answer.body).toMatchObject({ status, type: expect.stringContaining('/problems/') })
  })
})

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
    const listed = (await life.call(mia, 'GET', '/requests')).body.items
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
