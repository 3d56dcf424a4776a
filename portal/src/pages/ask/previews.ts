import { useQueries } from '@tanstack/react-query'
import { useEffect, useRef, useState } from 'react'
import { call } from '../../api/client.ts'
import type { CatalogItem, Preview } from '../../api/types.ts'
import { keyOf } from './catalog.ts'
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
    })),
  })
  // What was said before stays until there is something new: nothing jumps while somebody types.
  const former = useRef(new Map<string, Preview>())
  return items.map((item, index) => {
    const { data, error = null } = results[index] ?? {}
    const key = keyOf(item)
    if (data !== undefined) former.current.set(key, data)
    return { item, key, error, preview: data ?? former.current.get(key), isOld: data === undefined }
  })
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
