import type { ReactNode } from 'react'
import { Link } from 'wouter'
import { Page } from '../parts/page.tsx'

/** An address that leads nowhere, or to a page that is not for this person. */
export function NotFound(): ReactNode {
  return (
    <Page
      title="There is no such page"
      tabTitle="Not found"
      lead="The address may be mistyped, or the page is not for you."
    >
      <p>
        <Link href="/" className="link">
          Go to my access
        </Link>
      </p>
    </Page>
  )
}
