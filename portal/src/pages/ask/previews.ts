import { keepPreviousData, useQueries } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { call } from '../../api/client.ts'
import type { CatalogItem, Preview } from '../../api/types.ts'
import { bodyOf, type Draft, refOf } from './draft.ts'

const restMilliseconds = 400

/** What would become of each request, as soon as nobody has typed for a moment. */
export function usePreviews(items: readonly CatalogItem[], draft: Draft, duration: string) {
  const bodies = items.map((item) => ({
    ...bodyOf(draft, duration, items),
    integration: item.integration,
    resource: refOf(item),
  }))
  const settled: typeof bodies = JSON.parse(useRest(JSON.stringify(duration === '' ? [] : bodies)))
  const results = useQueries({
    queries: settled.map((body) => ({
      queryKey: ['preview', body],
      queryFn: ({ signal }: { signal: AbortSignal }) =>
        call<Preview>('/requests/preview', { method: 'POST', body, signal }),
      staleTime: 15_000,
      placeholderData: keepPreviousData<Preview | undefined>,
    })),
  })
  return items.map((item, index) => ({ item, result: results[index] }))
}

/** A text once it has been the same for a while. */
function useRest(text: string): string {
  const [rested, setRested] = useState(text)
  useEffect(() => {
    const timer = setTimeout(() => setRested(text), restMilliseconds)
    return () => clearTimeout(timer)
  }, [text])
  return rested
}
