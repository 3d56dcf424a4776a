import type { HttpHandler, HttpRequest } from '@azure/functions'
import { routeOf } from '../../shared/config/routes.ts'
import {
  type AuditFilter,
  eventView,
  isAuditCursor,
  listAudit,
} from '../../shared/operations/audit-log.ts'
import { exportAudit } from '../../shared/operations/export-audit.ts'
import type { Broker } from '../broker.ts'
import { csvOf } from './csv.ts'
import type { Endpoint } from './endpoint.ts'
import { cursorOf, instantOf, listResponse, pageSize, queryOf } from './lists.ts'

/** `/audit`: a page as JSON, or everything that matches as an export. */
export function auditEndpoints(
  broker: Broker,
  endpoint: Endpoint,
): Readonly<Record<string, HttpHandler>> {
  const { tables, now } = broker.needs
  return {
    listAudit: endpoint(routeOf('listAudit'), async ({ request }) => {
      const filter = filterOf(request)
      const accept = request.headers.get('accept') ?? ''
      if (accept.includes('text/csv')) {
        return exported('text/csv; charset=utf-8', 'audit.csv', csvOf(everything(filter)))
      }
      if (accept.includes('application/x-ndjson')) {
        const lines = exportAudit(tables, filter, now())
        return exported('application/x-ndjson', 'audit.ndjson', lines)
      }
      const page = await listAudit(
        tables,
        filter,
        now(),
        pageSize,
        cursorOf(request, isAuditCursor),
      )
      return listResponse(page.events.map(eventView), page.next)
    }),
  }

  async function* everything(filter: AuditFilter): AsyncGenerator<Record<string, unknown>> {
    let after: string | undefined
    do {
      const page = await listAudit(tables, filter, now(), 500, after)
      for (const event of page.events) yield eventView(event)
      after = page.next
    } while (after !== undefined)
  }
}

function filterOf(request: HttpRequest): AuditFilter {
  const { from, to, ...rest } = queryOf(request, [
    'from',
    'to',
    'actor',
    'grantee',
    'resource',
    'request',
    'event',
    'integration',
  ])
  const since = instantOf('from', from)
  const until = instantOf('to', to)
  return {
    ...rest,
    ...(since === undefined ? {} : { from: since }),
    ...(until === undefined ? {} : { to: until }),
  }
}

function exported(type: string, name: string, text: AsyncIterable<string>) {
  return {
    headers: { 'content-type': type, 'content-disposition': `attachment; filename="${name}"` },
    body: ReadableStream.from(bytesOf(text)),
  }
}

async function* bytesOf(text: AsyncIterable<string>): AsyncGenerator<Uint8Array> {
  const encoder = new TextEncoder()
  for await (const part of text) yield encoder.encode(part)
}
