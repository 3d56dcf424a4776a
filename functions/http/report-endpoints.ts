import type { HttpHandler } from '@azure/functions'
import { routeOf } from '../../shared/config/routes.ts'
import { type ReportBy, reportKinds } from '../../shared/ledger/report-rows.ts'
import { readReport } from '../../shared/operations/reports.ts'
import type { Broker } from '../broker.ts'
import type { Endpoint } from './endpoint.ts'
import { instantOf, listResponse, queryOf } from './lists.ts'
import { invalid } from './request-endpoints.ts'

const dayMilliseconds = 24 * 3_600_000
const mostDays = 400
const daysUnlessSaid = 30

/** `GET /reports`: counts for charts. */
export function reportEndpoints(
  { needs }: Broker,
  endpoint: Endpoint,
): Readonly<Record<string, HttpHandler>> {
  return {
    getReport: endpoint(routeOf('getReport'), async ({ request }) => {
      const query = queryOf(request, ['from', 'to', 'by'])
      const by = (query.by ?? 'day') as ReportBy
      if (!reportKinds.includes(by)) {
        return invalid([{ pointer: '/query/by', detail: `It is ${reportKinds.join(', ')}.` }])
      }
      const to = instantOf('to', query.to) ?? needs.now()
      const from =
        instantOf('from', query.from) ?? new Date(to.getTime() - daysUnlessSaid * dayMilliseconds)
      const days = (to.getTime() - from.getTime()) / dayMilliseconds
      if (days < 0 || days > mostDays) {
        const detail = `It is before "to", by ${mostDays} days at most.`
        return invalid([{ pointer: '/query/from', detail }])
      }
      return listResponse(await readReport(needs.tables, { from, to, by }), undefined)
    }),
  }
}
