import type { ReadyFile } from './ready-file.ts'
import { heading, list, paint } from './report.ts'

/** Where everything is, who there is to be, and something to paste. */
export function printWelcome(ready: ReadyFile): void {
  const { addresses, people } = ready
  heading('Running')
  list([
    ['Portal', `${shown(addresses.functions)}   sign in as anybody below`],
    ['API', shown(addresses.api)],
    ['OpenAPI', `${shown(addresses.api)}/openapi.json`],
    ['Entra simulator', `${shown(addresses.entra)}   (Graph at /v1.0, its log at /_simulator/log)`],
    ['Service Bus', `${shown(addresses.serviceBus)}   queue access-requests, topic access-events`],
    ['Storage', `Azurite: blob ${shown(addresses.blob)}, table ${shown(addresses.table)}`],
    ['State and logs', ready.stateFolder],
  ])

  heading('People (password of all: local)')
  list(
    people.map(({ name, is, userPrincipalName }) => [
      name.padEnd(8),
      `${userPrincipalName}   ${is}`,
    ]),
  )

  heading('To try')
  const person = people[0]
  const token = `curl -s ${shown(addresses.tokenEndpoint)} -d grant_type=password -d client_id=${ready.clientId} -d scope=${ready.clientId}/.default -d username=${person?.userPrincipalName} -d password=local`
  console.log(`  TOKEN=$(${token} | sed 's/.*"access_token":"\\([^"]*\\)".*/\\1/')`)
  console.log(`  curl -s -H "authorization: Bearer $TOKEN" ${shown(addresses.api)}/me`)
  console.log(
    `  npm run token -- --as ${person?.name}      ${paint('dim', 'the same token, shorter')}`,
  )
  console.log(`  npm run trace -- REQUEST     ${paint('dim', 'all that happened to one request')}`)
  console.log(
    `\n${paint('bold', 'Ctrl-C stops it. Start again, and running grants carry on: try it in the middle of one.')}`,
  )
}

/** People read and type `localhost`. */
function shown(address: string): string {
  return address.replace('//127.0.0.1', '//localhost')
}
