import {
  type InfiniteData,
  keepPreviousData,
  QueryClient,
  type UseQueryResult,
  useInfiniteQuery,
  useQuery,
} from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { call } from './client.ts'
import { connection, nextLook } from './connection.ts'
import type { ApiProblem } from './problem.ts'
import type { List } from './types.ts'

declare module '@tanstack/react-query' {
  interface Register {
    defaultError: ApiProblem
  }
}

/** Everything that the page has read lies here, by the path it was read from. */
export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      retry: (count, problem) => (problem.status === 0 || problem.status >= 500) && count < 2,
      staleTime: 2_000,
      refetchOnWindowFocus: 'always',
      // The browser's own idea of being online is wrong for a server on this machine.
      networkMode: 'always',
    },
    mutations: { networkMode: 'always' },
  },
})

/** How often an open page looks for changes that were made elsewhere. */
const lookMilliseconds = 4_000

interface ReadOptions {
  /** Looks again and again while the page is open. */
  readonly live?: boolean
  readonly enabled?: boolean
  readonly staleTime?: number
  /** Shows the answer of the former path until the new one is there. */
  readonly keepsFormer?: boolean
}

/** Reads a path of the API, and keeps reading it where the page is to be live. */
export function useRead<Answer>(
  path: string,
  { live = false, enabled = true, staleTime, keepsFormer = false }: ReadOptions = {},
): UseQueryResult<Answer, ApiProblem> {
  const isHidden = useIsHidden()
  return useQuery<Answer, ApiProblem>({
    queryKey: keyOf(path),
    queryFn: ({ signal }) => call<Answer>(path, { signal }),
    enabled,
    ...(staleTime === undefined ? {} : { staleTime }),
    ...(keepsFormer ? { placeholderData: keepPreviousData } : {}),
    ...looksOf(live, isHidden),
  })
}

/** Reads a list page by page; `path` may have a query of its own. */
export function usePages<Item>(
  path: string,
  { live = false, enabled = true }: Pick<ReadOptions, 'live' | 'enabled'> = {},
) {
  const isHidden = useIsHidden()
  return useInfiniteQuery<
    List<Item>,
    ApiProblem,
    InfiniteData<List<Item>>,
    readonly string[],
    string | undefined
  >({
    queryKey: [...keyOf(path), 'pages'],
    queryFn: ({ pageParam, signal }) => call<List<Item>>(withNext(path, pageParam), { signal }),
    initialPageParam: undefined,
    getNextPageParam: (last) => last.next,
    enabled,
    ...looksOf(live, isHidden),
  })
}

/** Reads a list to its end, for what is never long however much has to be looked through for it. */
export function useWhole<Item>(
  path: string,
  {
    enabled = true,
    live = false,
    staleTime = live ? 0 : 60_000,
  }: Pick<ReadOptions, 'enabled' | 'live' | 'staleTime'> = {},
): UseQueryResult<readonly Item[], ApiProblem> {
  const isHidden = useIsHidden()
  return useQuery<readonly List<Item>[], ApiProblem, readonly Item[]>({
    queryKey: [...keyOf(path), 'whole'],
    queryFn: async ({ signal }) => {
      const pages: List<Item>[] = []
      let next: string | undefined
      do {
        const page = await call<List<Item>>(withNext(path, next), { signal })
        pages.push(page)
        next = page.next
      } while (next !== undefined)
      return pages
    },
    select: itemsOf,
    enabled,
    staleTime,
    refetchIntervalInBackground: true,
    // A list of many pages is looked at less often, so that it costs no more calls than a short one.
    refetchInterval: ({ state: { data = [] } }) =>
      live &&
      nextLook(lookMilliseconds * Math.max(1, data.length), isHidden, connection.get().failures),
  })
}

function itemsOf<Item>(pages: readonly List<Item>[]): readonly Item[] {
  return pages.flatMap(({ items }) => items)
}

function withNext(path: string, next: string | undefined): string {
  if (next === undefined) return path
  return `${path}${path.includes('?') ? '&' : '?'}next=${encodeURIComponent(next)}`
}

/** After a change: everything below these paths is read anew. */
export async function readAgain(...paths: readonly string[]): Promise<void> {
  await Promise.all(paths.map((path) => queryClient.invalidateQueries({ queryKey: keyOf(path) })))
}

/** `/requests/x/events` as its parts, so that `/requests` covers it. */
function keyOf(path: string): readonly string[] {
  const [route = '', query] = path.split('?')
  return [...route.slice(1).split('/'), ...(query === undefined ? [] : [`?${query}`])]
}

function looksOf(live: boolean, isHidden: boolean) {
  if (!live) return {}
  return {
    refetchInterval: () => nextLook(lookMilliseconds, isHidden, connection.get().failures),
    refetchIntervalInBackground: true,
  }
}

function useIsHidden(): boolean {
  const [isHidden, setHidden] = useState(document.hidden)
  useEffect(() => {
    const update = () => setHidden(document.hidden)
    document.addEventListener('visibilitychange', update)
    return () => document.removeEventListener('visibilitychange', update)
  }, [])
  return isHidden
}
