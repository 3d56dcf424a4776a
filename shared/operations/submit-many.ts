import { BrokerError } from '../access/errors.ts'
import { claim, claimPartition } from '../ledger/claims.ts'
import type { Arrival, RequestBody } from './arrival.ts'
import type { Clockwork, Needs } from './needs.ts'
import type { Refusal } from './refusal.ts'
import { hashOfBody, keyReused, type SubmitOutcome, type SubmitRequest } from './submit-request.ts'

/** Several resources asked for in one body: the rest of it holds for each of them. */
export interface ManyArrival {
  readonly arrival: Omit<Arrival, 'body' | 'claim'>
  readonly body: Omit<RequestBody, 'resource'>
  /** What differs from one to the next: the resource, and what a bundle says of it. */
  readonly items: readonly Pick<RequestBody, 'resource' | 'permission' | 'integration'>[]
  /** The whole body's idempotency key, and the body as it was sent. */
  readonly claim?: NonNullable<Arrival['claim']>
}

/** Nothing is known of an item whose outage this is; asked again under the same key, it is carried on. */
export type ItemOutcome = SubmitOutcome | { readonly kind: 'unavailable' }

export type ManyOutcome =
  | { readonly kind: 'submitted'; readonly items: readonly ItemOutcome[] }
  | Refusal

/** Items under way at once: enough to be quick, and too few to crowd out anybody else. */
const atOnce = 5

/** What the claim of a whole body stands for: no request of its own, but those of its items. */
const noRequest = 'several'

/**
 * Submits each resource as a request of its own, under the key `<key>/<n>`. No item waits for the fate
 * of another, and repeating the whole repeats every item.
 */
export async function submitMany(
  needs: Needs,
  submitRequest: SubmitRequest,
  { arrival, body, items: wantedItems, claim: whole }: ManyArrival,
  clockwork: Clockwork,
): Promise<ManyOutcome> {
  if (whole !== undefined) {
    const wanted = {
      partition: claimPartition(whole.owner, whole.key),
      requestId: noRequest,
      bodyHash: hashOfBody(whole.body),
    }
    const claimed = await claim(needs.tables, wanted, needs.now())
    if (claimed.kind === 'other-body') return keyReused
  }
  const submitItem = async (index: number): Promise<ItemOutcome> => {
    const own = wantedItems[index]
    if (own === undefined) throw new Error(`Cannot submit item ${index}: there is none`)
    const item = itemClaim(whole, index, own)
    try {
      return await submitRequest(
        { ...arrival, body: { ...body, ...own }, ...(item === undefined ? {} : { claim: item }) },
        clockwork,
      )
    } catch (error) {
      if (!(error instanceof BrokerError) || !error.retryable) throw error
      needs.log('warning', error.message, { code: error.code, item: index })
      return { kind: 'unavailable' }
    }
  }

  const items: ItemOutcome[] = []
  const indexes = [...wantedItems.keys()]
  while (indexes.length > 0) {
    items.push(...(await Promise.all(indexes.splice(0, atOnce).map(submitItem))))
  }
  return { kind: 'submitted', items }
}

/** The key and the body that an item would have had if it had been sent alone. */
function itemClaim(
  whole: ManyArrival['claim'],
  index: number,
  own: ManyArrival['items'][number],
): Arrival['claim'] {
  if (whole === undefined) return undefined
  // The schema has seen it: an object with a list of resources, or the name of a bundle.
  const { resources, bundle: _, ...rest } = whole.body as Readonly<Record<string, unknown>>
  const sent = Array.isArray(resources) ? { resource: resources[index] as unknown } : own
  return { owner: whole.owner, key: `${whole.key}/${index}`, body: { ...rest, ...sent } }
}
