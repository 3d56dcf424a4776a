import type { ReactNode } from 'react'
import { announcement } from '../parts/announce.ts'
import { useStore } from '../parts/store.ts'

/** Says what has happened to whoever listens. There is one, and it is always there. */
export function LiveRegion(): ReactNode {
  const { text, count } = useStore(announcement)
  return (
    <div className="visually-hidden" role="status" aria-live="polite">
      <span key={count}>{text}</span>
    </div>
  )
}
