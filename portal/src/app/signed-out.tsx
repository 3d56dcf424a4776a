import { Button } from '@fluentui/react-components'
import { type ReactNode, useEffect, useState } from 'react'
import { signIn } from '../auth/session.ts'
import { Marked } from '../parts/user-text.tsx'
import { Mark } from './mark.tsx'

/** While the authority is asked: nothing moves when the page comes. */
export function SigningIn(): ReactNode {
  const [isSlow, setSlow] = useState(false)
  useEffect(() => {
    const timer = setTimeout(() => setSlow(true), 5_000)
    return () => clearTimeout(timer)
  }, [])
  return (
    <main className="lonely" aria-busy="true">
      <Mark size={40} />
      <h1 className="visually-hidden">entra-jit</h1>
      <p role="status">
        {isSlow
          ? 'Signing you in takes longer than usual. It goes on by itself.'
          : 'Signing you in …'}
      </p>
    </main>
  )
}

/** Nobody is signed in, and why, where there is a reason. */
export function SignedOut({ words }: { words: string | undefined }): ReactNode {
  useEffect(() => {
    document.title = 'Signed out · entra-jit'
  }, [])
  return (
    <main className="lonely">
      <Mark size={40} />
      <h1>{words === undefined ? 'You are signed out' : 'The sign-in did not succeed'}</h1>
      {words === undefined ? (
        <p>Access that you hold goes on, and ends on time, whether you are signed in or not.</p>
      ) : (
        <p className="refusal" role="alert">
          <Marked text={words} />
        </p>
      )}
      <div className="actions">
        <Button appearance="primary" size="large" onClick={() => void signIn()}>
          Sign in
        </Button>
        <Button size="large" onClick={() => void signIn('select_account')}>
          Use another account
        </Button>
      </div>
    </main>
  )
}
