import { type ReactNode, useEffect, useRef } from 'react'

interface PageProps {
  readonly title: ReactNode
  /** What the tab says. */
  readonly tabTitle: string
  /** A sentence below the title. */
  readonly lead?: ReactNode
  /** What can be done on the whole page. */
  readonly actions?: ReactNode
  readonly children: ReactNode
}

/** The frame of every page: its one `h1`, which has the focus after a change of page. */
export function Page({ title, tabTitle, lead, actions, children }: PageProps): ReactNode {
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => {
    // The first page leaves the focus where the browser puts it: before the skip link.
    if (hasShownOne) heading.current?.focus()
    hasShownOne = true
  }, [])
  useEffect(() => {
    document.title = `${tabTitle} · entra-jit`
  }, [tabTitle])
  return (
    <div className="page">
      <div className="page-head">
        <div>
          <h1 ref={heading} tabIndex={-1}>
            {title}
          </h1>
          {lead === undefined ? null : <p className="lead">{lead}</p>}
        </div>
        {actions === undefined ? null : <div className="actions">{actions}</div>}
      </div>
      {children}
    </div>
  )
}

let hasShownOne = false
