import { Button } from '@fluentui/react-components'
import { NavigationRegular } from '@fluentui/react-icons'
import { type ReactNode, Suspense, useState } from 'react'
import { Link, Route, Switch, useLocation } from 'wouter'
import { Loading } from '../parts/states.tsx'
import { ConnectionBanner } from './connection-banner.tsx'
import { Mark } from './mark.tsx'
import { useMe } from './me.ts'
import { NotFound } from './not-found.tsx'
import { PageBoundary } from './page-boundary.tsx'
import { pages } from './pages.tsx'
import { UserMenu } from './user-menu.tsx'

/** Everything around a page: skip link, header, navigation, the one `main`. */
export function Shell(): ReactNode {
  const me = useMe()
  const [location] = useLocation()
  const [isOpen, setOpen] = useState(false)
  const mine = pages.filter(({ isFor }) => isFor?.(me) ?? true)
  return (
    <div className="shell">
      <a className="skip-link" href="#main">
        Skip to the content
      </a>
      <header className="header">
        <Button
          className="nav-toggle"
          appearance="subtle"
          icon={<NavigationRegular />}
          aria-label="Menu"
          aria-expanded={isOpen}
          aria-controls="navigation"
          onClick={() => setOpen(!isOpen)}
        />
        <Link href="/" className="brand" aria-label="entra-jit, my access">
          <Mark />
          <span>entra-jit</span>
        </Link>
        <UserMenu />
      </header>
      <div className="body">
        <nav id="navigation" className={isOpen ? 'nav nav-open' : 'nav'} aria-label="Pages">
          <ul>
            {mine.map(({ path, nav }) =>
              nav === undefined ? null : (
                <li key={path}>
                  <Link
                    href={path}
                    aria-current={location === path ? 'page' : undefined}
                    onClick={() => setOpen(false)}
                  >
                    <span className="nav-icon" aria-hidden="true">
                      {nav.icon}
                    </span>
                    {nav.label}
                  </Link>
                </li>
              ),
            )}
          </ul>
        </nav>
        <main id="main" className="main" tabIndex={-1}>
          <ConnectionBanner />
          <PageBoundary key={location}>
            <Suspense fallback={<Loading what="the page" rows={5} />}>
              <Switch>
                {mine.map(({ path, page: PageOf }) => (
                  <Route key={path} path={path}>
                    <PageOf />
                  </Route>
                ))}
                <Route>
                  <NotFound />
                </Route>
              </Switch>
            </Suspense>
          </PageBoundary>
        </main>
      </div>
    </div>
  )
}
