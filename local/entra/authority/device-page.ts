import type { SimulatorAnswer, SimulatorRequest } from '../exchange.ts'
import type { SimulatedTenant } from '../tenant.ts'
import type { DeviceCodes } from './device-codes.ts'
import { errorPage, formPage, messagePage, signInPage } from './sign-in-page.ts'

/**
 * The page at which somebody enters the code that a device shows, and picks a person.
 *
 * Each step is a plain address, so that a script does it in one call: `?code=…&user=…`, or
 * `&decline=1`.
 */
export function devicePage(
  { url }: SimulatorRequest,
  codes: DeviceCodes,
  { users }: SimulatedTenant,
): SimulatorAnswer {
  const query = url.searchParams
  const code = query.get('code')
  if (code === null) {
    return formPage('Enter the code that your device shows', 'code', 'Code', 'Next')
  }
  if (!codes.isWaiting(code)) {
    return errorPage('That code did not work: it is wrong, was used before, or has expired.')
  }
  if (query.has('decline')) {
    codes.answer(code, 'declined')
    return messagePage('Declined', 'The device is not signed in. This page can be closed.')
  }
  const able = users.filter(({ accountEnabled }) => accountEnabled)
  const picked = query.get('user')?.toLowerCase()
  const user = able.find(({ id, userPrincipalName }) =>
    [id, userPrincipalName.toLowerCase()].includes(picked ?? ''),
  )
  if (user !== undefined) {
    codes.answer(code, user)
    return messagePage('Signed in', 'The device goes on by itself. This page can be closed.')
  }
  if (picked !== undefined) return errorPage('Nobody of that name can sign in here.')
  const hidden = new URLSearchParams({ code })
  const address = (more: Readonly<Record<string, string>>) =>
    `${url.pathname}?${new URLSearchParams({ code, ...more })}`
  return signInPage(able, query.get('search') ?? '', hidden, ({ id }) => address({ user: id }), {
    declineAddress: address({ decline: '1' }),
  })
}
