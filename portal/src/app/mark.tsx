import type { ReactNode } from 'react'

/** The product's mark: a clock that is open at the end. */
export function Mark({ size = 28 }: { size?: number }): ReactNode {
  return (
    <svg className="brand-mark" width={size} height={size} viewBox="0 0 32 32" aria-hidden="true">
      <rect width="32" height="32" rx="7" />
      <path d="M16 6a10 10 0 1 0 10 10M16 10.5V16l3.8 2.6" />
      <circle cx="24" cy="8" r="2.4" />
    </svg>
  )
}
