/*
 * Over 300 lines on purpose: one table of everything that Graph is known to answer.
 */
import { describe, expect, test } from 'vitest'
import type { AccessKey } from '../../shared/access/access.ts'
import {
  classifyGraphError,
  type GraphErrorAnswer,
  retryAfterOf,
} from '../../shared/directory/classify-graph-error.ts'
import { ann, group, membership, role, unit, unitRole } from './scripted-graph.ts'

const noon = new Date('2026-01-05T12:00:00Z')
const insufficient = 'Insufficient privileges to complete the operation.'
const conflicting =
  'A conflicting object with one or more of the specified property values is present in the directory.'
const gone = (id: string) =>
  `Resource '${id}' does not exist or one of its queried reference-property objects are not present.`

interface Row {
  readonly operation: 'add' | 'remove'
  readonly access?: AccessKey
  readonly status: number
  readonly code?: string
  readonly message?: string
  readonly retryAfter?: string
  readonly expected: Readonly<Record<string, unknown>>
}

const bad = 'Request_BadRequest'
const lost = 'Request_ResourceNotFound'
const denied = 'Authorization_RequestDenied'
const notApplied = { kind: 'not-applied' }
const ambiguous = { kind: 'ambiguous' }
const refused = (reason: string) => ({ kind: 'refused', reason })

const rows: readonly Row[] = [
  // Already as wished.
  {
    operation: 'add',
    status: 400,
    code: bad,
    message:
      "One or more added object references already exist for the following modified properties: 'members'.",
    expected: { kind: 'already' },
  },
  {
    operation: 'add',
    status: 400,
    code: bad,
    message:
      "One or more added object references already exist for the following modified properties: 'owners'.",
    expected: { kind: 'already' },
  },
  {
    operation: 'add',
    access: unitRole,
    status: 400,
    code: bad,
    message: conflicting,
    expected: { kind: 'already' },
  },
  {
    operation: 'add',
    access: unitRole,
    status: 409,
    code: bad,
    message: conflicting,
    expected: { kind: 'already' },
  },
  {
    operation: 'add',
    access: unitRole,
    status: 409,
    code: 'Conflict',
    message: 'It exists.',
    expected: { kind: 'already' },
  },
  {
    operation: 'remove',
    status: 400,
    code: bad,
    message:
      "One or more removed object references do not exist for the following modified properties: 'members'.",
    expected: { kind: 'already', missing: undefined },
  },
  {
    operation: 'remove',
    status: 404,
    code: lost,
    message: gone(ann),
    expected: { kind: 'already', missing: undefined },
  },
  {
    operation: 'remove',
    status: 404,
    code: lost,
    message: gone(group.toUpperCase()),
    expected: { kind: 'already', missing: 'resource' },
  },
  {
    operation: 'remove',
    access: unitRole,
    status: 404,
    code: lost,
    message: gone('lAPpYvVpN0KRkAEhdxReEMmO4KwRqtpKkUWt3wOYIz4-1'),
    expected: { kind: 'already', missing: undefined },
  },
  // Gone.
  {
    operation: 'add',
    status: 404,
    code: lost,
    message: gone(ann),
    expected: refused('grantee-gone'),
  },
  {
    operation: 'add',
    status: 404,
    code: lost,
    message: gone(group),
    expected: refused('resource-gone'),
  },
  {
    operation: 'add',
    access: unitRole,
    status: 404,
    code: lost,
    message: gone(role),
    expected: refused('resource-gone'),
  },
  {
    operation: 'add',
    access: unitRole,
    status: 404,
    code: lost,
    message: gone(unit),
    expected: refused('resource-gone'),
  },
  {
    operation: 'add',
    status: 404,
    code: lost,
    message: gone('something else'),
    expected: notApplied,
  },
  // Not yet known to the replica that answers.
  {
    operation: 'add',
    status: 400,
    code: bad,
    message: "The source resource object or one of the objects being referenced don't exist.",
    expected: notApplied,
  },
  // Never manageable.
  {
    operation: 'add',
    status: 400,
    code: bad,
    message: 'Cannot Update a mail-enabled security groups and or distribution list.',
    expected: refused('not-manageable'),
  },
  {
    operation: 'remove',
    status: 400,
    code: bad,
    message:
      'Unable to update the specified properties for on-premises mastered Directory Sync objects or objects currently undergoing migration.',
    expected: refused('not-manageable'),
  },
  {
    operation: 'add',
    access: unitRole,
    status: 400,
    code: bad,
    message: 'The given built-in role is not supported to be assigned to a single resource scope.',
    expected: refused('not-manageable'),
  },
  // Forbidden.
  {
    operation: 'add',
    status: 403,
    code: denied,
    message: insufficient,
    expected: refused('forbidden'),
  },
  {
    operation: 'remove',
    status: 403,
    code: denied,
    message: insufficient,
    expected: refused('forbidden'),
  },
  {
    operation: 'add',
    status: 403,
    code: bad,
    message: 'Guests users are not allowed to join this group.',
    expected: refused('forbidden'),
  },
  {
    operation: 'add',
    status: 403,
    code: 'UnknownError',
    message: '{"errorCode":"PermissionScopeNotGranted","message":"Authorization failed."}',
    expected: {
      ...refused('forbidden'),
      detail: '403 PermissionScopeNotGranted Authorization failed.',
    },
  },
  // Quota, under both statuses.
  {
    operation: 'add',
    status: 403,
    code: 'Directory_QuotaExceeded',
    message:
      "Unable to perform operation as '121' would exceed the maximum quota count '100' for forward-link 'owners'.",
    expected: refused('quota'),
  },
  {
    operation: 'add',
    status: 400,
    code: 'Directory_QuotaExceeded',
    message: 'The directory object quota limit for the Principal has been exceeded.',
    expected: refused('quota'),
  },
  // Malformed.
  {
    operation: 'add',
    status: 400,
    code: bad,
    message: "Invalid object identifier 'x'.",
    expected: refused('invalid'),
  },
  {
    operation: 'add',
    status: 405,
    code: 'BadRequest',
    message: 'No.',
    expected: refused('invalid'),
  },
  // Certainly not applied, worth another try.
  {
    operation: 'add',
    status: 429,
    code: 'TooManyRequests',
    message: 'Please retry again later.',
    retryAfter: '7',
    expected: { ...notApplied, retryAfterSeconds: 7 },
  },
  {
    operation: 'remove',
    status: 429,
    code: 'Request_ThrottledTemporarily',
    message: 'quota limit',
    retryAfter: 'Mon, 05 Jan 2026 12:00:09 GMT',
    expected: { ...notApplied, retryAfterSeconds: 9 },
  },
  { operation: 'add', status: 429, expected: { ...notApplied, retryAfterSeconds: undefined } },
  { operation: 'add', status: 401, code: 'InvalidAuthenticationToken', expected: notApplied },
  {
    operation: 'add',
    status: 409,
    code: 'Directory_ConcurrencyViolation',
    message: 'Concurrent.',
    retryAfter: '2.5',
    expected: { ...notApplied, retryAfterSeconds: 2.5 },
  },
  {
    operation: 'add',
    access: unitRole,
    status: 409,
    code: 'Directory_ConcurrencyViolation',
    message: 'Concurrent.',
    expected: notApplied,
  },
  { operation: 'remove', access: unitRole, status: 409, code: 'Conflict', expected: notApplied },
  // A no without a reason proves nothing about what is there.
  { operation: 'remove', status: 404, expected: notApplied },
  { operation: 'add', status: 400, expected: notApplied },
  // Perhaps applied.
  { operation: 'add', status: 500, code: 'InternalServerError', expected: ambiguous },
  { operation: 'add', status: 502, expected: ambiguous },
  {
    operation: 'remove',
    status: 503,
    code: 'ServiceUnavailable',
    retryAfter: '10',
    expected: ambiguous,
  },
  { operation: 'remove', status: 504, expected: ambiguous },
  { operation: 'add', status: 509, expected: ambiguous },
  { operation: 'add', status: 408, expected: ambiguous },
  { operation: 'add', status: 307, expected: ambiguous },
]

describe('classifyGraphError()', () => {
  test.each(rows)('reads $status $code to $operation as $expected.kind $expected.reason', (row) => {
    const { operation, access = membership, status, code = '', message = '', retryAfter } = row
    const answer: GraphErrorAnswer = {
      status,
      code,
      message,
      ...(retryAfter === undefined ? {} : { retryAfter }),
      graphRequestId: 'graph-request-1',
    }

    const outcome = classifyGraphError({ operation, access }, answer, noon)

    const told = { missing: undefined, retryAfterSeconds: undefined, ...outcome }
    expect(told).toMatchObject({ graphRequestId: 'graph-request-1', ...row.expected })
  })
})

describe('retryAfterOf()', () => {
  test.each([
    { header: undefined, expected: {} },
    { header: '', expected: {} },
    { header: 'soon', expected: {} },
    { header: '0', expected: { retryAfterSeconds: 0 } },
    { header: '-4', expected: { retryAfterSeconds: 0 } },
    { header: 'Mon, 05 Jan 2026 11:00:00 GMT', expected: { retryAfterSeconds: 0 } },
    { header: 'Mon, 05 Jan 2026 12:01:00 GMT', expected: { retryAfterSeconds: 60 } },
  ])('reads $header as $expected', ({ header, expected }) => {
    expect(retryAfterOf(header, noon)).toEqual(expected)
  })
})
