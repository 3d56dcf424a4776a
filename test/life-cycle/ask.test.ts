import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { answerSchemas } from '../../shared/config/answers-schema.ts'
import { flow, mia, readers } from '../operations/broker-in-memory.ts'
import { type LifeCycle, startLifeCycle } from './start-life-cycle.ts'

const ben = '20000000-0000-4000-8000-000000000002'
const resource = { type: 'group', id: readers }
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
