import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { routes } from '../../shared/config/routes.ts'
import { readers } from '../operations/broker-in-memory.ts'
import { type Api, type CallerName, pointersOf, startApi } from './start-api.ts'

interface Operation {
  readonly operationId: string
  readonly summary: string
  readonly security?: readonly unknown[]
  readonly parameters?: readonly {
    readonly in: string
    readonly name: string
    readonly required?: boolean
  }[]
  readonly requestBody?: {
    readonly content: Readonly<Record<string, { readonly schema: unknown }>>
  }
  readonly responses: Readonly<
    Record<string, { readonly content?: Readonly<Record<string, unknown>> }>
  >
}

interface Document {
  readonly openapi: string
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
  readonly security: readonly unknown[]
  readonly components: { readonly schemas: Readonly<Record<string, unknown>> }
}

let api: Api
let document: Document
let operations: readonly (Operation & { readonly route: string })[]

beforeAll(async () => {
  api = await startApi()
  document = (await api.send('GET', '/openapi.json')).body
  operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      ...operation,
      route: `${method.toUpperCase()} ${path}`,
    })),
  )
})
afterAll(() => api.stop())

const operationOf = (route: string): Operation => {
  const found = operations.find((each) => each.route === route)
  if (found === undefined) throw new Error(`Cannot find ${route}: it is not described`)
  return found
}

const namesIn = (route: string, where: string) =>
  (operationOf(route).parameters ?? []).filter((each) => each.in === where).map(({ name }) => name)

/** Every object and list of a document, with the pointer to it. */
function* nodesOf(node: unknown, pointer = '#'): Generator<{ pointer: string; node: object }> {
  if (typeof node !== 'object' || node === null) return
  yield { pointer, node }
  for (const [key, inner] of Object.entries(node)) {
    yield* nodesOf(inner, `${pointer}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`)
  }
}

describe('the OpenAPI document', () => {
  test('is of version 3.1 and describes the routes of the table, and no other', () => {
    expect(document.openapi).toMatch(/^3\.1\./)
    expect(operations.map(({ route, operationId }) => `${route} ${operationId}`).sort()).toEqual(
      routes.map(({ method, path, operationId }) => `${method} ${path} ${operationId}`).sort(),
    )
  })

  test('gives every operation an id and a summary of its own', () => {
    expect(new Set(operations.map(({ operationId }) => operationId)).size).toBe(routes.length)
    expect(new Set(operations.map(({ summary }) => summary)).size).toBe(routes.length)
  })

  test('has no reference that leads nowhere', () => {
    const nodes = [...nodesOf(document)]
    const known = new Set(nodes.map(({ pointer }) => pointer))
    const references = nodes.flatMap(({ node }) => ('$ref' in node ? [String(node.$ref)] : []))
    expect(references.length).toBeGreaterThan(20)
    expect(references.filter((reference) => !known.has(reference))).toEqual([])
  })

  test('has no schema that says nothing, and none without a name', () => {
    const names = Object.keys(document.components.schemas)
    expect(names.filter((name) => !/^[A-Z][A-Za-z]+$/.test(name))).toEqual([])
    const silent = [...nodesOf(document.components.schemas)].filter(
      ({ pointer, node }) =>
        /\/(properties\/\w+|items)$/.test(pointer) && Object.keys(node).length === 0,
    )
    expect(silent.map(({ pointer }) => pointer)).toEqual([])
  })

  test.each(routes.map((route) => [`${route.method} ${route.path}`, route] as const))(
    'describes %s as it is',
    (name, route) => {
      const operation = operationOf(name)
      expect(Object.keys(operation.responses).sort()).toEqual(
        [...route.answers.map(({ status }) => String(status)), 'default'].sort(),
      )
      expect(operation.responses['default']?.content).toHaveProperty(['application/problem+json'])
      expect(operation.security).toEqual(route.access === 'anyone' ? [] : undefined)
      expect(namesIn(name, 'path')).toEqual(
        [...route.path.matchAll(/\{(\w+)\}/g)].map(([, each]) => each),
      )
      expect(namesIn(name, 'query')).toEqual(route.query ?? [])
      expect(operation.requestBody === undefined).toBe(route.body === undefined)
    },
  )

  test('closes every body that is sent against unknown fields', () => {
    const open = [...nodesOf(document.components.schemas)].filter(
      ({ pointer, node }) =>
        /^#\/(\w+Body|Integration|AccessFlow|ConditionTree|Condition|Target|Selector|ResourceRef)\b/.test(
          pointer,
        ) &&
        'properties' in node &&
        'type' in node &&
        !('additionalProperties' in node),
    )
    expect(open.map(({ pointer }) => pointer)).toEqual([])
  })

  test('names the headers that change what a call does', () => {
    expect(namesIn('POST /requests', 'header')).toEqual(['Idempotency-Key'])
    expect(namesIn('POST /requests/{id}/extend', 'header')).toEqual(['Idempotency-Key'])
    expect(namesIn('PUT /access-flows/{name}', 'header')).toEqual(['If-Match', 'If-None-Match'])
    expect(namesIn('DELETE /integrations/{name}', 'header')).toEqual(['If-Match'])
  })

  test('names the forms in which a set is sent and code is answered', () => {
    const plan = operationOf('POST /config/plan')
    expect(Object.keys(plan.requestBody?.content ?? {})).toEqual([
      'application/json',
      'application/yaml',
    ])
    const { content } = operationOf('GET /config').responses['200'] ?? {}
    expect(Object.keys(content ?? {})).toEqual([
      'application/json',
      'text/plain',
      'application/yaml',
    ])
  })

  test('names the forms of the audit export', () => {
    const { content } = operationOf('GET /audit').responses['200'] ?? {}
    expect(Object.keys(content ?? {})).toEqual([
      'application/json',
      'text/csv',
      'application/x-ndjson',
    ])
  })
})

const sampleOf: Readonly<Record<string, string>> = {
  from: '2026-01-01',
  to: '2026-01-06T00:00:00Z',
  type: 'group',
  status: 'active',
  decided: 'mine',
  format: 'json',
  by: 'flow',
}

/** What a list cannot be asked without. */
const neededBy: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  '/directory': { q: 'mia', type: 'user' },
}

const nameOf: Readonly<Record<string, string>> = {
  'access-flows': 'oncall',
  bundles: 'start',
  integrations: 'ContosoEntra',
}

describe('the query of a list', () => {
  const lists = routes.filter(({ query }) => query !== undefined)

  test.each(lists.map(({ path, query = [] }) => [path, query] as const))(
    'GET %s takes what is described, and nothing else',
    async (path, query) => {
      const as: CallerName = 'ada'
      const list = path.replace('{name}', nameOf[path.split('/')[1] ?? ''] ?? '')
      const bundle = { resources: [{ resource: { type: 'group', id: readers } }] }
      await api.call(as, 'PUT', '/bundles/start', { body: bundle })
      for (const name of query.filter((each) => each !== 'next')) {
        const asked = { [name]: sampleOf[name] ?? 'x', ...neededBy[path] }
        const query = new URLSearchParams(asked).toString()
        const { status } = await api.call(as, 'GET', `${list}?${query}`)
        expect(status, name).toBe(200)
      }
      const [first = ''] = query
      const twice = await api.call(as, 'GET', `${list}?${first}=a&${first}=b`)
      expect(pointersOf(twice.body)).toEqual([`/query/${first}`])
      const { status, body } = await api.call(as, 'GET', `${list}?colour=red`)
      expect(status).toBe(400)
      expect(body.errors).toEqual([
        { pointer: '/query/colour', detail: 'There is no such parameter.' },
      ])
    },
  )
})
