import type { HttpHandler } from '@azure/functions'
import { textProblem } from '../../shared/access/text.ts'
import { routeOf } from '../../shared/config/routes.ts'
import { searchDirectory } from '../../shared/operations/search-directory.ts'
import type { Broker } from '../broker.ts'
import type { Endpoint } from './endpoint.ts'
import { listResponse, queryOf } from './lists.ts'
import { invalid } from './request-endpoints.ts'

const fewestCharacters = 3
const mostCharacters = 100

/** `GET /directory`: people and groups by name, for whoever has to pick one. */
export function directoryEndpoints(
  { needs, readConfiguration }: Broker,
  endpoint: Endpoint,
): Readonly<Record<string, HttpHandler>> {
  return {
    searchDirectory: endpoint(routeOf('searchDirectory'), async ({ request, caller }) => {
      const { q = '', type } = queryOf(request, ['q', 'type'])
      const text = q.trim()
      const characters = [...text].length
      if (characters < fewestCharacters || characters > mostCharacters) {
        const detail = `It has ${fewestCharacters} to ${mostCharacters} characters.`
        return invalid([{ pointer: '/query/q', detail }])
      }
      const problem = textProblem(text)
      if (problem !== undefined) return invalid([{ pointer: '/query/q', detail: problem }])
      if (type !== 'user' && type !== 'group') {
        return invalid([{ pointer: '/query/type', detail: 'It is "user" or "group".' }])
      }
      const outcome = await searchDirectory(needs, readConfiguration, caller, { q: text, type })
      return outcome.kind === 'refused' ? outcome : listResponse(outcome.items, undefined)
    }),
  }
}
