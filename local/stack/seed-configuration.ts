import * as z from 'zod'
import { apiAs, expectAnswer } from './api-client.ts'
import type { ReadyFile } from './ready-file.ts'

/** Documents that the local company starts with, by where they live in the API. */
export interface Configuration {
  readonly integrations: readonly { readonly name: string }[]
  readonly accessFlows: readonly { readonly name: string }[]
}

/**
 * Puts the ready-made integration and flows through the API, as an administrator would. What is
 * there stays as it is, so that changes made by hand outlive a restart.
 */
export async function seedConfiguration(
  ready: ReadyFile,
  administrator: string,
  { integrations, accessFlows }: Configuration,
): Promise<string> {
  const call = await apiAs(ready, administrator)
  let added = 0
  for (const [folder, documents] of [
    ['integrations', integrations],
    ['access-flows', accessFlows],
  ] as const) {
    for (const document of documents) {
      const path = `/${folder}/${document.name}`
      const answer = await call('PUT', path, document, { 'if-none-match': '*' })
      // Asked for only where it is absent: that it is there already is the other good answer.
      expectAnswer(`save ${path}`, answer, [200, 201, 412], z.unknown())
      if (answer.status !== 412) added += 1
    }
  }
  const total = `${integrations.length} integration(s) and ${accessFlows.length} access flows`
  return added === 0 ? `${total}, as they were` : `${total}, ${added} of them new`
}
