import * as z from 'zod'
import {
  createDocument,
  type ZodOpenApiOperationObject,
  type ZodOpenApiPathsObject,
  type ZodOpenApiResponseObject,
} from 'zod-openapi'
import { answerSchemas, problem } from './answers-schema.ts'
import { type Route, type RouteAnswer, routes } from './routes.ts'

let served: object | undefined

/** The OpenAPI 3.1 description, made of the very schemas that validate. */
export function openApiDocument(): object {
  served ??= createDocument({
    openapi: '3.1.0',
    info: {
      title: 'entra-jit',
      version: '0.1.0',
      description: 'Just-in-time access to Microsoft Entra groups and directory roles',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: '/api' }],
    security: [{ bearer: [] }],
    components: {
      securitySchemes: {
        bearer: {
          type: 'http',
          scheme: 'bearer',
          bearerFormat: 'JWT',
          description: 'Access token of the tenant for this API: scope Access.Use, or a role',
        },
      },
    },
    paths: pathsOf(routes),
  })
  return served
}

function pathsOf(all: readonly Route[]): ZodOpenApiPathsObject {
  const paths: ZodOpenApiPathsObject = {}
  for (const route of all) {
    paths[route.path] = { ...paths[route.path], [route.method.toLowerCase()]: operationOf(route) }
  }
  return paths
}

function operationOf(route: Route): ZodOpenApiOperationObject {
  const path = [...route.path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name ?? '')
  const { query = [], headers = [] } = route
  return {
    operationId: route.operationId,
    summary: route.summary,
    ...(route.access === 'anyone' ? { security: [] } : {}),
    requestParams: {
      ...(path.length === 0 ? {} : { path: stringsOf(path, true) }),
      ...(query.length === 0 ? {} : { query: stringsOf(query, false) }),
      ...(headers.length === 0 ? {} : { header: stringsOf(headers, false) }),
    },
    ...(route.body === undefined
      ? {}
      : { requestBody: { content: { 'application/json': { schema: route.body } } } }),
    responses: {
      ...Object.fromEntries(
        route.answers.map((answer) => [
          String(answer.status),
          { description: answer.what, ...contentOf(answer) },
        ]),
      ),
      default: {
        description: 'A problem (RFC 9457)',
        content: { 'application/problem+json': { schema: problem } },
      },
    },
  }
}

function contentOf({ what, alsoAs = [] }: RouteAnswer): Pick<ZodOpenApiResponseObject, 'content'> {
  const schema = answerSchemas[what]
  const own = schema === undefined ? [] : [['application/json', { schema }]]
  const others = alsoAs.map((type) => [type, { schema: z.string() }])
  const content = Object.fromEntries([...own, ...others])
  return own.length + others.length === 0 ? {} : { content }
}

function stringsOf(names: readonly string[], isRequired: boolean): z.ZodObject {
  return z.object(
    Object.fromEntries(
      names.map((name) => [name, isRequired ? z.string() : z.string().optional()]),
    ),
  )
}
