import { createStore } from '../parts/store.ts'
import {
  callbackOf,
  leaveToSignIn,
  leaveToSignOut,
  refreshTokens,
  SignInRefused,
  type Tokens,
  takeCallback,
} from './sign-in.ts'

/** Whether somebody is signed in, for what the page shows. Tokens are nobody's to read. */
export type Session =
  | { readonly kind: 'signing-in' }
  | { readonly kind: 'signed-in' }
  | { readonly kind: 'signed-out'; readonly refusal?: { readonly words: string } }

export const session = createStore<Session>({ kind: 'signing-in' })

let tokens: Tokens | undefined
let refreshing: Promise<string> | undefined

/** Takes a sign-in in that comes back, or begins one without asking anybody anything. */
export function startSession(): void {
  const callback = callbackOf(location)
  if (location.pathname === '/signed-out') session.set({ kind: 'signed-out' })
  else if (callback === undefined) void signIn('none')
  else void settle(takeCallback(callback))
}

export function signIn(prompt?: 'none' | 'select_account'): Promise<void> {
  session.set({ kind: 'signing-in' })
  return settle(leaveToSignIn(prompt))
}

export async function signOut(): Promise<void> {
  tokens = undefined
  await leaveToSignOut()
}

/** A token that is good for another while; leaves the page where only a sign-in gives one. */
export async function accessToken(): Promise<string> {
  if (tokens === undefined) return new Promise<never>(() => {})
  if (tokens.expiresAt - spare > Date.now()) return tokens.accessToken
  return renew()
}

/** The API did not take the token: another one, from the authority. */
export function renew(): Promise<string> {
  refreshing ??= replaceTokens().finally(() => {
    refreshing = undefined
  })
  return refreshing
}

const spare = 60_000

async function replaceTokens(): Promise<string> {
  const old = tokens?.refreshToken
  tokens = old === undefined ? undefined : await refreshTokens(old)
  return tokens?.accessToken ?? leaveToSignIn('none')
}

async function settle(signingIn: Promise<Tokens>): Promise<void> {
  try {
    tokens = await signingIn
    session.set({ kind: 'signed-in' })
  } catch (error) {
    const words = error instanceof SignInRefused ? error.message : 'The sign-in did not succeed.'
    session.set({ kind: 'signed-out', refusal: { words } })
  }
}
