import * as z from 'zod'
import {
  createDocument,
  type ZodOpenApiOperationObject,
  type ZodOpenApiPathsObject,
} from 'zod-openapi'
import { answerSchemas, problem } from './answers-schema.ts'
import { type Route, routes } from './routes.ts'

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
  const names = [...route.path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name ?? '')
  return {
    operationId: route.operationId,
    summary: route.summary,
    ...(route.access === 'anyone' ? { security: [] } : {}),
    ...(names.length + (route.query?.length ?? 0) === 0
      ? {}
      : {
          requestParams: {
            ...(names.length === 0 ? {} : { path: stringsOf(names, true) }),
            ...(route.query === undefined ? {} : { query: stringsOf(route.query, false) }),
          },
        }),
    ...(route.body === undefined
      ? {}
      : { requestBody: { content: { 'application/json': { schema: route.body } } } }),
    responses: {
      ...Object.fromEntries(
        route.answers.map(({ status, what }) => {
          const schema = answerSchemas[what]
          return [
            String(status),
            {
              description: what,
              ...(schema === undefined ? {} : { content: { 'application/json': { schema } } }),
            },
          ]
        }),
      ),
      default: {
        description: 'A problem (RFC 9457)',
        content: { 'application/problem+json': { schema: problem } },
      },
    },
  }
}

function stringsOf(names: readonly string[], isRequired: boolean): z.ZodObject {
  return z.object(
    Object.fromEntries(
      names.map((name) => [name, isRequired ? z.string() : z.string().optional()]),
    ),
  )
}
