import { Button } from '@fluentui/react-components'
import { useMutation } from '@tanstack/react-query'
import { type ReactNode, useEffect, useMemo, useRef, useState } from 'react'
import { useLocation, useSearchParams } from 'wouter'
import type { ApiProblem } from '../../api/problem.ts'
import { useRead } from '../../api/queries.ts'
import type { AccessRequest, CatalogItem, List } from '../../api/types.ts'
import { announce } from '../../parts/announce.ts'
import { Page } from '../../parts/page.tsx'
import { Empty, Loading, Problem } from '../../parts/states.tsx'
import { Trace } from '../../parts/trace.tsx'
import { AskForm } from './ask-form.tsx'
import { commonDuration, keyOf, searchable } from './catalog.ts'
import { CatalogList } from './catalog-list.tsx'
import { draftOf, useDraft } from './draft.ts'
import { type Outcome, Outcomes } from './outcomes.tsx'
import { PreviewCard } from './preview-card.tsx'
import { usePreviews } from './previews.ts'
import { send } from './send.ts'
import './ask.css'

/** Find what you need, say for how long and why, see what will happen, send. */
export default function AskPage(): ReactNode {
  const catalog = useRead<List<CatalogItem>>('/catalog', { staleTime: 60_000 })
  return (
    <Page
      title="Ask for access"
      tabTitle="Ask for access"
      lead="Pick one or several, say for how long and why."
    >
      {catalog.data === undefined ? (
        catalog.error === null ? (
          <Loading what="what you may ask for" rows={5} />
        ) : (
          <Problem problem={catalog.error} onRetry={catalog.refetch} />
        )
      ) : catalog.data.items.length === 0 ? (
        <Empty title="There is nothing that you may ask for">
          <p>No access flow covers you at the moment. Whoever owns the resource can change that.</p>
        </Empty>
      ) : (
        <Asking items={catalog.data.items} />
      )}
    </Page>
  )
}

function Asking({ items }: { items: readonly CatalogItem[] }): ReactNode {
  const [parameters, setParameters] = useSearchParams()
  const catalog = useMemo(() => searchable(items), [items])
  const { draft, change, forgetChoices, clear } = useDraft()
  const [outcomes, setOutcomes] = useState<readonly Outcome[]>([])
  const picked = new Set(parameters.getAll('pick'))
  const picks = catalog.filter(({ key }) => picked.has(key)).map(({ item }) => item)
  const pick = (keys: readonly string[]) =>
    setParameters(
      (former) => {
        const next = new URLSearchParams(former)
        next.delete('pick')
        next.delete('repeat')
        for (const key of keys) next.append('pick', key)
        return next
      },
      { replace: true },
    )
  const repeated = useRepeated(parameters.get('repeat'), items, (request, item) => {
    change(draftOf(request))
    if (item !== undefined) pick([keyOf(item)])
  })
  return (
    <>
      {outcomes.length === 0 ? null : <Outcomes outcomes={outcomes} />}
      {repeated}
      <div className={picks.length === 0 ? 'ask' : 'ask ask-picked'}>
        <CatalogList
          catalog={catalog}
          picked={picked}
          query={parameters.get('q') ?? ''}
          onQuery={(query) =>
            setParameters(
              (former) => {
                const next = new URLSearchParams(former)
                if (query === '') next.delete('q')
                else next.set('q', query)
                return next
              },
              { replace: true },
            )
          }
          onPick={(key, isPicked) => {
            forgetChoices()
            pick(isPicked ? [...picked, key] : [...picked].filter((each) => each !== key))
          }}
        />
        {picks.length === 0 ? null : (
          <AskPanel
            items={picks}
            draft={draft}
            change={change}
            drop={(key) => pick([...picked].filter((each) => each !== key))}
            onSent={(sent) => {
              clear()
              setOutcomes(sent)
              pick([])
            }}
          />
        )}
      </div>
    </>
  )
}

interface AskPanelProps {
  readonly items: readonly CatalogItem[]
  readonly draft: ReturnType<typeof useDraft>['draft']
  readonly change: ReturnType<typeof useDraft>['change']
  readonly drop: (key: string) => void
  readonly onSent: (outcomes: readonly Outcome[]) => void
}

function AskPanel({ items, draft, change, drop, onSent }: AskPanelProps): ReactNode {
  const [, go] = useLocation()
  const duration = draft.duration ?? commonDuration(items).usual ?? ''
  const previews = usePreviews(items, draft, duration)
  const key = useKeyFor(JSON.stringify([items.map(keyOf), draft]))
  const sending = useMutation({
    mutationFn: () => send(items, draft, duration, key.current),
    onSuccess: (answer) => {
      if ('id' in answer) {
        announce('Sent.')
        onSent([])
        go(`/requests/${answer.id}`)
      } else {
        const accepted = answer.filter(({ request }) => request !== undefined).length
        announce(`Sent: ${accepted} of ${answer.length} were accepted.`)
        onSent(
          answer.flatMap((each, index) => {
            const item = items[index]
            return item === undefined ? [] : [{ item, answer: each }]
          }),
        )
      }
    },
  })
  return (
    <form
      id="ask-form"
      className="ask-panel card stack"
      aria-label="What you ask for"
      onSubmit={(event) => {
        event.preventDefault()
        if (duration !== '' && !sending.isPending) sending.mutate()
      }}
    >
      <AskForm
        items={items}
        draft={draft}
        duration={duration}
        previews={previews.map(({ preview }) => preview)}
        onChange={change}
        onDrop={drop}
      />
      <section aria-label="What will happen" aria-live="polite" className="stack">
        {previews.map(({ item, key: name, ...rest }) => (
          <PreviewCard
            key={name}
            name={item.resource.name}
            {...rest}
            draft={draft}
            onChange={change}
          />
        ))}
      </section>
      {sending.error === null ? null : <Refused problem={sending.error} />}
      <Button
        appearance="primary"
        size="large"
        type="submit"
        disabled={duration === '' || sending.isPending}
      >
        {sending.isPending
          ? 'Sending …'
          : items.length === 1
            ? 'Send request'
            : `Send ${items.length} requests`}
      </Button>
    </form>
  )
}

function Refused({ problem }: { problem: ApiProblem }): ReactNode {
  return (
    <Problem problem={problem}>
      {problem.nearest === undefined ? null : (
        <span className="block">Nearest: {problem.nearest.detail}</span>
      )}
      {problem.trace === undefined ? null : <Trace entries={problem.trace} />}
    </Problem>
  )
}

/** A new idempotency key whenever what would be sent is something else. */
function useKeyFor(content: string) {
  const key = useRef('')
  const former = useRef('')
  if (former.current !== content) {
    former.current = content
    key.current = crypto.randomUUID()
  }
  return key
}

/** Fills the form with what a former request asked for, once. */
function useRepeated(
  id: string | null,
  items: readonly CatalogItem[],
  fill: (request: AccessRequest, item: CatalogItem | undefined) => void,
): ReactNode {
  const { data, error } = useRead<AccessRequest>(`/requests/${id}`, { enabled: id !== null })
  const isFilled = useRef(false)
  const found =
    data &&
    items.find(
      ({ resource, integration }) =>
        resource.id === data.resource.id &&
        resource.type === data.resource.type &&
        (resource.scope ?? '/') === (data.resource.scope ?? '/') &&
        integration === data.integration,
    )
  useEffect(() => {
    if (data === undefined || isFilled.current) return
    isFilled.current = true
    fill(data, found)
  }, [data, found, fill])
  if (error !== null) return <Problem problem={error} />
  if (id === null || data === undefined || found !== undefined) return null
  return <p role="status">What that request asked for is not among what you may ask for now.</p>
}
