import { Button } from '@fluentui/react-components'
import type { ReactNode } from 'react'

interface MoreProps {
  readonly pages: {
    readonly hasNextPage: boolean
    readonly isFetchingNextPage: boolean
    readonly fetchNextPage: () => Promise<unknown>
  }
  readonly words: string
}

/** Reads the next page of a list, where there is one. */
export function More({ pages, words }: MoreProps): ReactNode {
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = pages
  if (!hasNextPage) return null
  return (
    <Button
      className="gap-above"
      disabled={isFetchingNextPage}
      onClick={() => void fetchNextPage()}
    >
      {isFetchingNextPage ? 'Reading …' : words}
    </Button>
  )
}
