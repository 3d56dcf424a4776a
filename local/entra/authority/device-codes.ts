import { randomBytes, randomInt } from 'node:crypto'
import type { SimulatedUser } from '../tenant.ts'
import { OAuthRefusal } from './oauth-error.ts'

/** What a device asked for. */
export interface DeviceAsking {
  readonly clientId: string
  readonly scope: string
}

interface DeviceSignIn {
  readonly asking: DeviceAsking
  readonly userCode: string
  readonly until: number
  /** Polling before this instant is too early. */
  nextPollAt: number
  intervalMilliseconds: number
  answer?: { readonly userId: string } | 'declined'
}

export const deviceCodeSeconds = 15 * 60
export const pollSeconds = 5
const mostSignIns = 1_000
/** None of them is taken for another when it is read aloud. */
const letters = 'BCDFGHJKLMNPQRSTVWXYZ23456789'

export interface DeviceCodes {
  issue(asking: DeviceAsking): { readonly deviceCode: string; readonly userCode: string }
  /** Whether somebody may still answer this code. */
  isWaiting(userCode: string): boolean
  /** Records what the person said; false where the code is not waiting. */
  answer(userCode: string, answer: Pick<SimulatedUser, 'id'> | 'declined'): boolean
  /** One poll of the device: who signed in, or a refusal that says to go on, to slow down or to stop. */
  redeem(deviceCode: string, clientId: string): { readonly userId: string; readonly scope: string }
}

/** Sign-ins of devices without a browser (RFC 8628). */
export function createDeviceCodes(now: () => Date): DeviceCodes {
  const signIns = new Map<string, DeviceSignIn>()
  const waiting = (userCode: string) => {
    const wanted = userCode.replace(/[\s-]/g, '').toUpperCase()
    return [...signIns.values()].find(
      (one) => one.userCode === wanted && one.answer === undefined && one.until > now().getTime(),
    )
  }
  return {
    issue(asking) {
      const [oldest] = signIns.keys()
      if (signIns.size >= mostSignIns && oldest !== undefined) signIns.delete(oldest)
      const deviceCode = randomBytes(32).toString('base64url')
      const userCode = Array.from({ length: 9 }, () => letters[randomInt(letters.length)]).join('')
      signIns.set(deviceCode, {
        asking,
        userCode,
        until: now().getTime() + deviceCodeSeconds * 1_000,
        nextPollAt: 0,
        intervalMilliseconds: pollSeconds * 1_000,
      })
      return { deviceCode, userCode }
    },
    isWaiting: (userCode) => waiting(userCode) !== undefined,
    answer(userCode, answer) {
      const found = waiting(userCode)
      if (found === undefined) return false
      found.answer = answer === 'declined' ? answer : { userId: answer.id }
      return true
    },
    redeem(deviceCode, clientId) {
      const found = signIns.get(deviceCode)
      if (found === undefined || found.asking.clientId !== clientId) {
        const text = 'The provided device code is not known, or was used before.'
        throw new OAuthRefusal('bad_verification_code', 70018, text)
      }
      const time = now().getTime()
      if (found.until <= time) {
        const text = 'The device code has expired before somebody signed in.'
        throw new OAuthRefusal('expired_token', 70019, text)
      }
      const isEarly = time < found.nextPollAt
      if (isEarly) found.intervalMilliseconds += pollSeconds * 1_000
      found.nextPollAt = time + found.intervalMilliseconds
      if (isEarly) {
        throw new OAuthRefusal('slow_down', 70016, 'The device polls faster than its interval.')
      }
      if (found.answer === undefined) {
        const text =
          'The provided request has not yet been authorized by the user. The user must input their code.'
        throw new OAuthRefusal('authorization_pending', 70016, text)
      }
      signIns.delete(deviceCode)
      if (found.answer === 'declined') {
        throw new OAuthRefusal('authorization_declined', 70017, 'The user declined the sign-in.')
      }
      return { userId: found.answer.userId, scope: found.asking.scope }
    },
  }
}
