import { Button, MessageBar, MessageBarBody, MessageBarTitle } from '@fluentui/react-components'
import { useMutation } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { call } from '../../api/client.ts'
import type { ApiProblem } from '../../api/problem.ts'
import type { Verdict } from '../../api/types.ts'
import { announce } from '../../parts/announce.ts'
import { withQuery } from '../../parts/filters.tsx'
import { Problem } from '../../parts/states.tsx'
import { EndTime } from '../../parts/time.tsx'

/** Verifies the audit log, of the days that are shown, and says what was found. */
export function Verify({ query }: { query: URLSearchParams }): ReactNode {
  const days = new URLSearchParams([...query].filter(([name]) => name === 'from' || name === 'to'))
  const { mutate, data, error, isPending } = useMutation<Verdict, ApiProblem>({
    mutationFn: () => call<Verdict>(withQuery('/audit/verify', days)),
    onSuccess: ({ verdict }) => announce(titles[verdict]),
  })
  return (
    <section className="section" aria-labelledby="proof">
      <div className="list-head">
        <h2 id="proof">Proof</h2>
        <Button disabled={isPending} onClick={() => mutate()}>
          {isPending ? 'Verifying …' : 'Verify'}
        </Button>
      </div>
      {error !== null ? (
        <Problem problem={error} onRetry={mutate} />
      ) : data === undefined ? (
        <p className="quiet">
          Computes every chain anew and compares it with the rows by day and with the checkpoints
          {days.size === 0 ? ', from the first day on.' : ', of the days that are filtered.'}
        </p>
      ) : (
        <Found verdict={data} />
      )}
    </section>
  )
}

const titles = {
  intact: 'The audit log is intact',
  broken: 'The audit log was changed',
} as const

function Found({ verdict }: { verdict: Verdict }): ReactNode {
  const { rows, streams, checkpoints, coveredUntil, uncovered, pending, firstBroken } = verdict
  return (
    <MessageBar intent={verdict.verdict === 'intact' ? 'success' : 'error'} layout="multiline">
      <MessageBarBody>
        <MessageBarTitle>{titles[verdict.verdict]}</MessageBarTitle>
        {firstBroken === undefined ? null : (
          <span className="block">
            First at the event {firstBroken.sequence} of the stream {firstBroken.stream}, on{' '}
            {firstBroken.day}: {firstBroken.problem}
          </span>
        )}
        <span className="block">
          {counted(rows, 'event')} in {counted(streams, 'stream')} and{' '}
          {counted(checkpoints, 'checkpoint')} were looked at.
        </span>
        <span className="block">
          {coveredUntil === null ? (
            'No checkpoint covers them yet: what nobody has kept elsewhere is proven by its chain only.'
          ) : (
            <>
              Checkpoints cover everything until <EndTime at={coveredUntil} />;{' '}
              {uncovered === 0 ? 'nothing came later' : `${counted(uncovered, 'event')} came later`}
              .
            </>
          )}
        </span>
        {pending === 0 ? null : (
          <span className="block">
            {counted(pending, 'event')} {pending === 1 ? 'is' : 'are'} on the way to the rows by
            day; that is no fault.
          </span>
        )}
      </MessageBarBody>
    </MessageBar>
  )
}

function counted(count: number, what: string): string {
  return `${count.toLocaleString('en')} ${what}${count === 1 ? '' : 's'}`
}
