import { usePages, useRead, useWhole } from '../../api/queries.ts'
import type { AccessRequest, List, Me } from '../../api/types.ts'

/** What somebody holds, waits for and has had. */
export interface MyRequests {
  readonly requests: readonly AccessRequest[] | undefined
  readonly problem: ReturnType<typeof useRead>['error']
  readonly retry: () => unknown
  readonly hasMore: boolean
  readonly isReadingMore: boolean
  readonly readMore: () => unknown
}

/**
 * The requests of whoever is signed in, newest first: the first page is kept live, older ones are
 * read when wanted. What is active is read apart where there is more than a page.
 */
export function useMyRequests(me: Me): MyRequests {
  const path = `/requests${personOf(me)}`
  const newest = useRead<List<AccessRequest>>(path, { live: true })
  const hasOlder = newest.data?.next !== undefined
  const active = useWhole<AccessRequest>(`${path}${path.includes('?') ? '&' : '?'}status=active`, {
    enabled: hasOlder,
  })
  const pages = usePages<AccessRequest>(path, { enabled: hasOlder })
  const older = pages.data?.pages.slice(1).flatMap(({ items }) => items) ?? []
  return {
    requests: newest.data && unique([...newest.data.items, ...(active.data ?? []), ...older]),
    problem: newest.error,
    retry: newest.refetch,
    hasMore: hasOlder && pages.hasNextPage,
    isReadingMore: pages.isFetchingNextPage,
    readMore: pages.fetchNextPage,
  }
}

/** Whoever may see everybody's requests asks for his own. */
function personOf({ id, may }: Me): string {
  return may.includes('audit.read') ? `?grantee=${id}` : ''
}

function unique(requests: readonly AccessRequest[]): readonly AccessRequest[] {
  return [...new Map(requests.map((request) => [request.id, request])).values()]
}
