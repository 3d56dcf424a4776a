import { FluentProvider } from '@fluentui/react-components'
import { QueryClientProvider } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { queryClient, useRead } from '../api/queries.ts'
import type { Me } from '../api/types.ts'
import { session } from '../auth/session.ts'
import { Problem } from '../parts/states.tsx'
import { useStore } from '../parts/store.ts'
import { LiveRegion } from './live-region.tsx'
import { MeContext } from './me.ts'
import { Shell } from './shell.tsx'
import { SignedOut, SigningIn } from './signed-out.tsx'
import { useTheme } from './theme.ts'

export function App(): ReactNode {
  return (
    <FluentProvider theme={useTheme()} className="root">
      <QueryClientProvider client={queryClient}>
        <WhoeverIsHere />
        <LiveRegion />
      </QueryClientProvider>
    </FluentProvider>
  )
}

function WhoeverIsHere(): ReactNode {
  const current = useStore(session)
  switch (current.kind) {
    case 'signing-in':
      return <SigningIn />
    case 'signed-out':
      return <SignedOut words={current.refusal?.words} />
    case 'signed-in':
      return <SignedIn />
  }
}

function SignedIn(): ReactNode {
  const { data: me, error, refetch } = useRead<Me>('/me', { staleTime: Number.POSITIVE_INFINITY })
  if (error !== null && me === undefined) {
    return (
      <main className="lonely">
        <h1>entra-jit</h1>
        <Problem problem={error} onRetry={refetch} />
      </main>
    )
  }
  if (me === undefined) return <SigningIn />
  return (
    <MeContext value={me}>
      <Shell />
    </MeContext>
  )
}
