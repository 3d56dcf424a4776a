import { call } from '../../api/client.ts'
import { readAgain } from '../../api/queries.ts'
import type { AccessRequest, CatalogItem, Submitted } from '../../api/types.ts'
import { bodyOf, type Draft, refOf } from './draft.ts'

export type SubmittedItem = Extract<Submitted, { readonly items: unknown }>['items'][number]

/** Sends one request, or several at once; the same key twice is the same request. */
export async function send(
  items: readonly CatalogItem[],
  draft: Draft,
  duration: string,
  key: string,
): Promise<AccessRequest | readonly SubmittedItem[]> {
  const resources = items.map(refOf)
  const [only] = resources
  const answer = await call<Submitted>('/requests', {
    method: 'POST',
    headers: { 'idempotency-key': key },
    body: {
      ...bodyOf(draft, duration, items),
      ...(resources.length === 1 ? { resource: only } : { resources }),
    },
  })
  await readAgain('/requests')
  return 'items' in answer ? answer.items : answer
}
