import { Button, MessageBar, MessageBarBody, MessageBarTitle } from '@fluentui/react-components'
import { type ReactNode, useEffect, useState } from 'react'
import type { ApiProblem } from '../api/problem.ts'
import { durationWords, withWords } from './duration.ts'
import { Marked } from './user-text.tsx'

const patience = [
  [3_000, 'Still loading …'],
  [10_000, 'This takes longer than usual. It goes on by itself; nothing is lost.'],
] as const

/** Grey lines where something will be, with words once it takes long. */
export function Loading({ what, rows = 3 }: { what: string; rows?: number }): ReactNode {
  const [words, setWords] = useState('')
  useEffect(() => {
    const timers = patience.map(([after, text]) => setTimeout(() => setWords(text), after))
    return () => timers.forEach(clearTimeout)
  }, [])
  return (
    <div className="loading" aria-busy="true">
      <p className="visually-hidden" role="status">
        {words === '' ? `Loading ${what}` : words}
      </p>
      {Array.from({ length: rows }, (_, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: one grey line is like the other.
        <div key={index} className="loading-row" />
      ))}
      <p className="quiet loading-words" aria-hidden="true">
        {words}
      </p>
    </div>
  )
}

/** Nothing there, and what can be done about it. */
export function Empty({
  title,
  icon,
  children,
}: {
  title: string
  icon?: ReactNode
  children?: ReactNode
}): ReactNode {
  return (
    <div className="empty">
      {icon === undefined ? null : (
        <span className="empty-icon" aria-hidden="true">
          {icon}
        </span>
      )}
      <p className="empty-title">{title}</p>
      {children}
    </div>
  )
}

interface ProblemProps {
  readonly problem: ApiProblem
  readonly onRetry?: () => unknown
  readonly children?: ReactNode
}

/** What went wrong, in the words of the API, and the next step. */
export function Problem({ problem, onRetry, children }: ProblemProps): ReactNode {
  const next = nextStep(problem)
  return (
    <MessageBar intent={problem.status === 0 ? 'warning' : 'error'} layout="multiline" role="alert">
      <MessageBarBody>
        <MessageBarTitle>{problem.title}</MessageBarTitle>
        <Marked text={withWords(problem.message)} />
        {next === '' ? null : <span className="block">{next}</span>}
        {problem.status >= 500 && problem.instance !== undefined ? (
          <span className="block quiet">For the operator: {problem.instance}</span>
        ) : null}
        {children}
        {onRetry === undefined ? null : (
          <Button size="small" className="gap-above" onClick={() => onRetry()}>
            Try again
          </Button>
        )}
      </MessageBarBody>
    </MessageBar>
  )
}

function nextStep({ status, retryAfter }: ApiProblem): string {
  if (retryAfter !== undefined)
    return `It can be tried again in ${durationWords(retryAfter * 1_000)}.`
  if (status === 404) return 'It does not exist, or it is not for you to see.'
  if (status === 429) return 'Wait a moment before the next try.'
  return ''
}
