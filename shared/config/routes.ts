/*
 * Over 300 lines on purpose: every call of the API with who may make it is one table, to be read
 * from top to bottom by whoever reviews the permissions.
 */
import type * as z from 'zod'
import { accessFlowSchema } from './access-flow-schema.ts'
import { bundleSchema } from './bundle-schema.ts'
import * as cleanup from './cleanup-schema.ts'
import { configSetSchema } from './config-set.ts'
import { integrationSchema } from './integration-schema.ts'
import * as bodies from './request-schema.ts'

/** Who may call a route at all; what he sees of it is the use case's matter. */
export type Access =
  /** Without a token. */
  | 'anyone'
  | 'signed-in'
  /** Everybody signed in but auditors, who change nothing. */
  | 'requester'
  | 'admin'
  | 'admin-or-auditor'

/** Status of an answer that is no problem, and the name of what it answers. */
export interface RouteAnswer {
  readonly status: number
  readonly what: AnswerName
  /** Forms that may be asked for besides JSON. */
  readonly alsoAs?: readonly string[]
}

export interface Route {
  readonly operationId: string
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  /** Below `/api`. */
  readonly path: string
  readonly access: Access
  readonly summary: string
  readonly body?: z.ZodType
  /** Forms in which the body may be sent besides JSON. */
  readonly bodyAlsoAs?: readonly string[]
  readonly query?: readonly string[]
  /** Headers of the request that change what it does. */
  readonly headers?: readonly string[]
  readonly answers: readonly RouteAnswer[]
}

export type AnswerName =
  | 'me'
  | 'catalog'
  | 'principals'
  | 'request'
  | 'requests'
  | 'approvals'
  | 'submitted'
  | 'preview'
  | 'events'
  | 'integration'
  | 'integrations'
  | 'access-flow'
  | 'access-flows'
  | 'bundle'
  | 'bundles'
  | 'config-plan'
  | 'config-changes'
  | 'code'
  | 'sign-in'
  | 'automatic'
  | 'resource'
  | 'resources'
  | 'discovery'
  | 'connectors'
  | 'connector-test'
  | 'mass-end'
  | 'mass-end-progress'
  | 'cleanup'
  | 'cleanups'
  | 'cleanup-run'
  | 'report'
  | 'verdict'
  | 'checkpoint'
  | 'evidence'
  | 'emergency-stop'
  | 'ordered'
  | 'health'
  | 'openapi'
  | 'nothing'

const requestFilter = [
  'status',
  'requester',
  'grantee',
  'resource',
  'integration',
  'from',
  'to',
  'next',
]
const auditFilter = [
  'from',
  'to',
  'actor',
  'grantee',
  'resource',
  'request',
  'event',
  'integration',
  'next',
]

const yaml = 'application/yaml'

/** `format` is one of terraform (as long as nothing is said), yaml, json and bicep. */
const codeAnswer: Pick<Route, 'query' | 'answers'> = {
  query: ['format'],
  answers: [{ status: 200, what: 'code', alsoAs: ['text/plain', yaml] }],
}

const documentRoutes = (
  path: string,
  suffix: string,
  plural: string,
  what: 'integration' | 'access-flow' | 'bundle',
  body: z.ZodType,
  list: Pick<Route, 'access' | 'summary'> = {
    access: 'admin-or-auditor',
    summary: `All ${wordsOf(what)}s`,
  },
): readonly Route[] => [
  {
    operationId: `list${plural}`,
    method: 'GET',
    path,
    ...list,
    query: ['next'],
    answers: [{ status: 200, what: `${what}s` }],
  },
  {
    operationId: `get${suffix}`,
    method: 'GET',
    path: `${path}/{name}`,
    access: 'admin-or-auditor',
    summary: `One ${wordsOf(what)}, with its ETag`,
    answers: [{ status: 200, what }],
  },
  {
    operationId: `put${suffix}`,
    method: 'PUT',
    path: `${path}/{name}`,
    access: 'admin',
    summary: `Creates or replaces ${oneOf(what)}`,
    body,
    headers: ['If-Match', 'If-None-Match'],
    answers: [
      { status: 200, what },
      { status: 201, what },
    ],
  },
  {
    operationId: `delete${suffix}`,
    method: 'DELETE',
    path: `${path}/{name}`,
    access: 'admin',
    summary: `Deletes ${oneOf(what)} that no open request depends on`,
    headers: ['If-Match'],
    answers: [{ status: 204, what: 'nothing' }],
  },
  {
    operationId: `get${suffix}Code`,
    method: 'GET',
    path: `${path}/{name}/code`,
    access: 'admin-or-auditor',
    summary: `One ${wordsOf(what)} as code`,
    ...codeAnswer,
  },
]

function wordsOf(what: string): string {
  return what.replace('-', ' ')
}

function oneOf(what: string): string {
  return `${/^[aeiou]/.test(what) ? 'an' : 'a'} ${wordsOf(what)}`
}

/** Every route of the API: what is registered, authorised and described is this one table. */
export const routes: readonly Route[] = [
  {
    operationId: 'getMe',
    method: 'GET',
    path: '/me',
    access: 'signed-in',
    summary: 'Who the caller is and what he may do',
    answers: [{ status: 200, what: 'me' }],
  },
  {
    operationId: 'getCatalog',
    method: 'GET',
    path: '/catalog',
    access: 'signed-in',
    summary: 'What the caller may ask for',
    query: ['q', 'type', 'integration'],
    answers: [{ status: 200, what: 'catalog' }],
  },
  {
    operationId: 'searchDirectory',
    method: 'GET',
    path: '/directory',
    access: 'requester',
    summary: 'People or groups by name: all for administrators, else whom the caller may ask for',
    query: ['q', 'type'],
    answers: [{ status: 200, what: 'principals' }],
  },
  {
    operationId: 'submitRequest',
    method: 'POST',
    path: '/requests',
    access: 'requester',
    summary: 'Asks for access to one or several resources; Idempotency-Key makes repeating safe',
    body: bodies.requestBody,
    headers: ['Idempotency-Key'],
    answers: [{ status: 202, what: 'submitted' }],
  },
  {
    operationId: 'previewRequest',
    method: 'POST',
    path: '/requests/preview',
    access: 'requester',
    summary: 'What would become of a request, and why; nothing is asked for',
    body: bodies.previewBody,
    answers: [{ status: 200, what: 'preview' }],
  },
  {
    operationId: 'listRequests',
    method: 'GET',
    path: '/requests',
    access: 'signed-in',
    summary: "The caller's own requests; all of them for administrators and auditors",
    query: requestFilter,
    answers: [{ status: 200, what: 'requests' }],
  },
  {
    operationId: 'getRequest',
    method: 'GET',
    path: '/requests/{id}',
    access: 'signed-in',
    summary: 'One request',
    answers: [{ status: 200, what: 'request' }],
  },
  {
    operationId: 'listRequestEvents',
    method: 'GET',
    path: '/requests/{id}/events',
    access: 'signed-in',
    summary: 'The audit events of a request, in order',
    answers: [{ status: 200, what: 'events' }],
  },
  {
    operationId: 'getEvidence',
    method: 'GET',
    path: '/requests/{id}/evidence',
    access: 'admin-or-auditor',
    summary: 'All that proves a request, as a zip that is verified without us',
    answers: [{ status: 200, what: 'evidence', alsoAs: ['application/zip'] }],
  },
  {
    operationId: 'approveRequest',
    method: 'POST',
    path: '/requests/{id}/approve',
    access: 'requester',
    summary: 'Approves a pending request, for a shorter time if wished; for its approvers only',
    body: bodies.approveBody,
    answers: [{ status: 200, what: 'request' }],
  },
  {
    operationId: 'denyRequest',
    method: 'POST',
    path: '/requests/{id}/deny',
    access: 'requester',
    summary: 'Denies a pending request; one denial ends it',
    body: bodies.denyBody,
    answers: [{ status: 200, what: 'request' }],
  },
  {
    operationId: 'listApprovals',
    method: 'GET',
    path: '/approvals',
    access: 'signed-in',
    summary: 'Pending requests that the caller may decide; decided=mine lists those he has',
    query: ['decided', 'next'],
    answers: [{ status: 200, what: 'approvals' }],
  },
  {
    operationId: 'remindApprovers',
    method: 'POST',
    path: '/requests/{id}/remind',
    access: 'requester',
    summary: 'Reminds the approvers of a pending request; for its requester, once an hour',
    body: bodies.remindBody,
    answers: [{ status: 200, what: 'request' }],
  },
  {
    operationId: 'cancelRequest',
    method: 'POST',
    path: '/requests/{id}/cancel',
    access: 'requester',
    summary: 'Cancels a request that has not begun',
    body: bodies.cancelBody,
    answers: [{ status: 200, what: 'request' }],
  },
  {
    operationId: 'revokeRequest',
    method: 'POST',
    path: '/requests/{id}/revoke',
    access: 'requester',
    summary: 'Gives access back, or takes it (administrators)',
    body: bodies.revokeBody,
    answers: [
      { status: 200, what: 'request' },
      { status: 202, what: 'request' },
    ],
  },
  {
    operationId: 'extendRequest',
    method: 'POST',
    path: '/requests/{id}/extend',
    access: 'requester',
    summary: 'Asks for more time: a new request that starts now and overlaps',
    body: bodies.extendBody,
    headers: ['Idempotency-Key'],
    answers: [{ status: 202, what: 'request' }],
  },
  ...documentRoutes(
    '/integrations',
    'Integration',
    'Integrations',
    'integration',
    integrationSchema,
  ),
  {
    operationId: 'discover',
    method: 'POST',
    path: '/integrations/{name}/discover',
    access: 'admin',
    summary: 'Orders a discovery of everything that integrations may cover',
    answers: [{ status: 202, what: 'discovery' }],
  },
  {
    operationId: 'getDiscovery',
    method: 'GET',
    path: '/integrations/{name}/discover',
    access: 'admin-or-auditor',
    summary: 'How far the last discovery is',
    answers: [{ status: 200, what: 'discovery' }],
  },
  {
    operationId: 'listConnectors',
    method: 'GET',
    path: '/connectors',
    access: 'admin-or-auditor',
    summary:
      'By what the broker reaches the directory; connectors are settings, nothing creates one',
    answers: [{ status: 200, what: 'connectors' }],
  },
  {
    operationId: 'testConnector',
    method: 'POST',
    path: '/integrations/{name}/test',
    access: 'admin',
    summary: 'What the connector of an integration can and cannot do; changes nothing',
    answers: [{ status: 200, what: 'connector-test' }],
  },
  {
    operationId: 'listResources',
    method: 'GET',
    path: '/resources',
    access: 'admin-or-auditor',
    summary: 'Everything discovered, and why it cannot be managed where that is so',
    query: ['integration', 'type', 'q', 'next'],
    answers: [{ status: 200, what: 'resources' }],
  },
  {
    operationId: 'putResourceTags',
    method: 'PUT',
    path: '/resources/{type}/{id}/tags',
    access: 'admin',
    summary: 'Replaces the catalogue tags of a resource; honours If-Match',
    body: bodies.tagsBody,
    answers: [{ status: 200, what: 'resource' }],
  },
  ...documentRoutes('/access-flows', 'AccessFlow', 'AccessFlows', 'access-flow', accessFlowSchema),
  ...documentRoutes('/bundles', 'Bundle', 'Bundles', 'bundle', bundleSchema, {
    access: 'signed-in',
    summary: 'All bundles; for requesters what they may ask for of them',
  }),
  {
    operationId: 'planConfig',
    method: 'POST',
    path: '/config/plan',
    access: 'admin',
    summary: 'What a set of integrations, access flows and bundles would change, and for whom',
    body: configSetSchema,
    bodyAlsoAs: [yaml],
    answers: [{ status: 200, what: 'config-plan' }],
  },
  {
    operationId: 'applyConfig',
    method: 'PUT',
    path: '/config',
    access: 'admin',
    summary: 'Makes a set current, all of it or nothing; If-Match takes the id of a plan',
    body: configSetSchema,
    bodyAlsoAs: [yaml],
    headers: ['If-Match'],
    answers: [{ status: 200, what: 'config-changes' }],
  },
  {
    operationId: 'exportConfig',
    method: 'GET',
    path: '/config',
    access: 'admin-or-auditor',
    summary: 'All integrations, access flows and bundles as code',
    ...codeAnswer,
  },
  {
    operationId: 'confirmAccessFlow',
    method: 'POST',
    path: '/access-flows/{name}/confirm',
    access: 'admin',
    summary: 'Confirms how many people an automatic flow covers; refused where the count differs',
    body: bodies.confirmAutomaticBody,
    answers: [{ status: 200, what: 'automatic' }],
  },
  {
    operationId: 'listGrants',
    method: 'GET',
    path: '/grants',
    access: 'admin-or-auditor',
    summary: 'What is active now',
    query: ['status', 'requester', 'grantee', 'resource', 'integration', 'accessFlow', 'next'],
    answers: [{ status: 200, what: 'requests' }],
  },
  {
    operationId: 'revokeGrants',
    method: 'POST',
    path: '/grants/revoke',
    access: 'admin',
    summary: 'Ends many grants at once; refused where the count is not the expected one',
    body: bodies.revokeGrantsBody,
    answers: [{ status: 202, what: 'mass-end' }],
  },
  {
    operationId: 'getMassEnd',
    method: 'GET',
    path: '/grants/revoke/{id}',
    access: 'admin-or-auditor',
    summary: 'How far a mass end is',
    answers: [{ status: 200, what: 'mass-end-progress' }],
  },
  {
    operationId: 'listCleanups',
    method: 'GET',
    path: '/cleanup',
    access: 'signed-in',
    summary: 'Accounts whose access has ended: planned, kept, done and refused; own ones or all',
    query: ['state', 'integration', 'next'],
    answers: [{ status: 200, what: 'cleanups' }],
  },
  {
    operationId: 'keepAccount',
    method: 'POST',
    path: '/cleanup/{id}/keep',
    access: 'requester',
    summary: 'Keeps an account, until a day or for good; for those who answer for it',
    body: cleanup.keepBody,
    answers: [{ status: 200, what: 'cleanup' }],
  },
  {
    operationId: 'restoreAccount',
    method: 'POST',
    path: '/cleanup/{id}/restore',
    access: 'admin',
    summary: 'Brings back an account that was disabled or deleted; not what it had access to',
    body: cleanup.restoreBody,
    answers: [{ status: 202, what: 'cleanup' }],
  },
  {
    operationId: 'runCleanup',
    method: 'POST',
    path: '/cleanup/run',
    access: 'admin',
    summary: 'Orders a run, or counts what one would touch; refused where the count differs',
    body: cleanup.runBody,
    answers: [{ status: 202, what: 'cleanup-run' }],
  },
  {
    operationId: 'listAudit',
    method: 'GET',
    path: '/audit',
    access: 'admin-or-auditor',
    summary: 'Audit events, newest first; text/csv or application/x-ndjson streams an export',
    query: auditFilter,
    answers: [{ status: 200, what: 'events', alsoAs: ['text/csv', 'application/x-ndjson'] }],
  },
  {
    operationId: 'verifyAudit',
    method: 'GET',
    path: '/audit/verify',
    access: 'admin-or-auditor',
    summary: 'Verifies chains, day rows and checkpoints, of all days or of some',
    query: ['from', 'to'],
    answers: [{ status: 200, what: 'verdict' }],
  },
  {
    operationId: 'makeCheckpoint',
    method: 'POST',
    path: '/audit/checkpoint',
    access: 'admin',
    summary: 'Makes a checkpoint over what changed since the former one',
    answers: [{ status: 200, what: 'checkpoint' }],
  },
  {
    operationId: 'getReport',
    method: 'GET',
    path: '/reports',
    access: 'admin-or-auditor',
    summary: 'What happened in some days, by day, access flow or integration; 400 days at most',
    query: ['from', 'to', 'by'],
    answers: [{ status: 200, what: 'report' }],
  },
  {
    operationId: 'getEmergencyStop',
    method: 'GET',
    path: '/emergency-stop',
    access: 'admin-or-auditor',
    summary: 'Whether the emergency stop is on',
    answers: [{ status: 200, what: 'emergency-stop' }],
  },
  {
    operationId: 'putEmergencyStop',
    method: 'PUT',
    path: '/emergency-stop',
    access: 'admin',
    summary: 'Switches the emergency stop: it blocks all new grants, never ends',
    body: bodies.emergencyStopBody,
    answers: [{ status: 200, what: 'emergency-stop' }],
  },
  {
    operationId: 'reconcile',
    method: 'POST',
    path: '/reconcile',
    access: 'admin',
    summary: 'Orders a look at everything open, due or not',
    body: bodies.reconcileBody,
    answers: [{ status: 202, what: 'ordered' }],
  },
  {
    operationId: 'getHealth',
    method: 'GET',
    path: '/health',
    access: 'anyone',
    summary: 'Whether everything the broker depends on answers',
    answers: [
      { status: 200, what: 'health' },
      { status: 503, what: 'health' },
    ],
  },
  {
    operationId: 'getSignIn',
    method: 'GET',
    path: '/sign-in',
    access: 'anyone',
    summary: 'Where and for what a client signs people in',
    answers: [{ status: 200, what: 'sign-in' }],
  },
  {
    operationId: 'getOpenApi',
    method: 'GET',
    path: '/openapi.json',
    access: 'anyone',
    summary: 'This document',
    answers: [{ status: 200, what: 'openapi' }],
  },
]

/** The route of an operation; throws for one that is not in the table. */
export function routeOf(operationId: string): Route {
  const route = routes.find((each) => each.operationId === operationId)
  if (route === undefined) throw new Error(`Cannot serve ${operationId}: it is not in the table`)
  return route
}

/** Whether a signed-in caller may call a route. */
export function mayCall(
  route: Pick<Route, 'access'>,
  caller: { readonly roles: readonly string[]; readonly kind: 'user' | 'application' },
): boolean {
  const isAdmin = caller.roles.includes('Access.Admin')
  const isAuditor = caller.roles.includes('Access.Auditor')
  switch (route.access) {
    case 'anyone':
    case 'signed-in':
      return true
    case 'requester':
      if (isAdmin) return true
      if (caller.kind === 'application') return caller.roles.includes('Access.RequestOnBehalf')
      return !isAuditor
    case 'admin':
      return isAdmin
    case 'admin-or-auditor':
      return isAdmin || isAuditor
  }
}
