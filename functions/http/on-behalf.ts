import type { Caller } from '../../shared/identity/authenticate.ts'
import { may } from '../../shared/identity/roles.ts'
import { type Refusal, refused } from '../../shared/operations/refusal.ts'

const notOnBehalf = refused(
  'not-allowed',
  'requester-not-allowed',
  'Only applications with the role Access.RequestOnBehalf may name a requester.',
)

/** Refuses a caller who names a requester that he may not speak for. */
export function onBehalfRefusal(
  caller: Caller,
  { requester }: { readonly requester?: string | undefined },
): Refusal | undefined {
  return requester === undefined || may(caller).includes('request-for-others')
    ? undefined
    : notOnBehalf
}
