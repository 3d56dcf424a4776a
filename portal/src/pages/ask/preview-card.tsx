import { Button } from '@fluentui/react-components'
import {
  CheckmarkCircleFilled,
  ClockRegular,
  DismissCircleFilled,
  EditRegular,
} from '@fluentui/react-icons'
import type { ReactElement, ReactNode } from 'react'
import type { ApiProblem } from '../../api/problem.ts'
import type { Preview } from '../../api/types.ts'
import { isoWords, withWords } from '../../parts/duration.ts'
import { Problem } from '../../parts/states.tsx'
import { useNow } from '../../parts/time.tsx'
import { dayAndTime } from '../../parts/time-words.ts'
import { Trace } from '../../parts/trace.tsx'
import { Marked, UserText } from '../../parts/user-text.tsx'
import type { Draft } from './draft.ts'

interface PreviewCardProps {
  readonly name: string
  readonly preview: Preview | undefined
  readonly error: ApiProblem | null
  readonly isOld: boolean
  readonly draft: Draft
  readonly onChange: (changes: Partial<Draft>) => void
}

/** What would become of one request, before it is sent. */
export function PreviewCard(props: PreviewCardProps): ReactNode {
  const { name, preview, error, isOld, draft, onChange } = props
  if (preview === undefined) {
    return error === null ? (
      <p className="quiet preview">Looking at what would become of it …</p>
    ) : (
      <Problem problem={error} />
    )
  }
  const verdict = verdictOf(preview, draft)
  return (
    <div className={`preview preview-${verdict.kind}`} aria-busy={isOld}>
      <p className="preview-verdict">
        <span className="preview-icon" aria-hidden="true">
          {verdict.icon}
        </span>
        <span>
          <UserText text={name} />: <b>{verdict.words}</b>
        </span>
      </p>
      {verdict.kind === 'asks' ? <WhoDecides preview={preview} /> : null}
      {verdict.kind === 'refused' ? <Instead preview={preview} onChange={onChange} /> : null}
      <Trace entries={preview.trace} />
    </div>
  )
}

interface Verdict {
  readonly kind: 'good' | 'asks' | 'incomplete' | 'refused'
  readonly words: string
  readonly icon: ReactElement
}

/** Something that is only not filled in yet is no refusal. */
function verdictOf({ outcome, nearest }: Preview, { justification, ticket }: Draft): Verdict {
  if (outcome === 'granted-automatically') {
    return { kind: 'good', words: 'comes at once', icon: <CheckmarkCircleFilled /> }
  }
  if (outcome === 'needs-approval') {
    return { kind: 'asks', words: 'needs approval', icon: <ClockRegular /> }
  }
  const { change } = nearest ?? {}
  if (change?.justification !== undefined && justification === '') {
    return { kind: 'incomplete', words: 'wants a justification', icon: <EditRegular /> }
  }
  if (change?.ticket !== undefined && ticket === '') {
    return { kind: 'incomplete', words: 'wants a ticket', icon: <EditRegular /> }
  }
  return { kind: 'refused', words: 'would be refused', icon: <DismissCircleFilled /> }
}

function WhoDecides({ preview: { approvers, approval } }: { preview: Preview }): ReactNode {
  const first = earliest(approvers)
  const count = approval?.necessaryDecisions ?? 1
  if (first.length === 0) return <p>Nobody is known who could decide.</p>
  const shown = first.slice(0, mostNames)
  return (
    <p>
      Asked first:{' '}
      {shown.map(({ id, name }, index) => (
        <span key={id}>
          {index === 0 ? '' : ', '}
          <UserText text={name} />
        </span>
      ))}
      {first.length > shown.length ? ` and ${first.length - shown.length} more` : ''}.{' '}
      {count === 1 ? 'One decision is enough.' : `${count} decisions are needed.`}
    </p>
  )
}

const mostNames = 4

/** Those who are asked at once: of the first step, and before it is passed on. */
function earliest(approvers: Preview['approvers']): Preview['approvers'] {
  const stage = Math.min(...approvers.map((approver) => approver.stage))
  const inStage = approvers.filter((approver) => approver.stage === stage)
  const tier = Math.min(...inStage.map((approver) => approver.tier))
  return inStage.filter((approver) => approver.tier === tier)
}

function Instead({ preview, onChange }: Pick<PreviewCardProps, 'onChange'> & { preview: Preview }) {
  const { detail, nearest } = preview
  const now = useNow()
  const change = nearest?.change
  return (
    <>
      <p>
        <Marked text={withWords(nearest?.detail ?? detail ?? 'No access flow allows it.')} />
      </p>
      <div className="actions">
        {change?.duration === undefined ? null : (
          <Button size="small" onClick={() => onChange({ duration: change.duration ?? '' })}>
            Ask for {isoWords(change.duration)} instead
          </Button>
        )}
        {change?.startsAt === undefined ? null : (
          <Button
            size="small"
            onClick={() => onChange({ startsAt: localOf(change.startsAt ?? '') })}
          >
            Start {dayAndTime(change.startsAt, now)}
          </Button>
        )}
        {change?.accessFlow === undefined ? null : (
          <Button
            size="small"
            onClick={() =>
              onChange(change.accessFlow === undefined ? {} : { accessFlow: change.accessFlow })
            }
          >
            Use the access flow {change.accessFlow}
          </Button>
        )}
      </div>
    </>
  )
}

/** An instant as the browser's field for local times has it. */
function localOf(at: string): string {
  const instant = new Date(at)
  const local = new Date(instant.getTime() - instant.getTimezoneOffset() * 60_000)
  return local.toISOString().slice(0, 16)
}
