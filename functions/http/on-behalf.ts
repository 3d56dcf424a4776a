import type { Caller } from '../../shared/identity/authenticate.ts'
import { may } from '../../shared/identity/roles.ts'
import type { Needs } from '../../shared/operations/needs.ts'
import { recordForbidden } from '../../shared/operations/record-refusal.ts'
import { type Refusal, refused } from '../../shared/operations/refusal.ts'

const notOnBehalf = refused(
  'not-allowed',
  'requester-not-allowed',
  'Only applications with the role Access.RequestOnBehalf may name a requester.',
)

/** Refuses a caller who names a requester that he may not speak for, and writes it to the audit. */
export async function refuseOnBehalf(
  needs: Needs,
  caller: Caller,
  { requester }: { readonly requester?: string | undefined },
): Promise<Refusal | undefined> {
  if (requester === undefined || may(caller).includes('request-for-others')) return undefined
  await recordForbidden(needs, caller, 'request-for-others')
  return notOnBehalf
}
