import type { ReactNode } from 'react'
import { Page } from '../../parts/page.tsx'

/** The few things that one may want to know, and where the rest is. */
export default function HelpPage(): ReactNode {
  return (
    <Page
      title="Help"
      tabTitle="Help"
      lead="Access for as long as it is needed, and proof that it ended."
    >
      <section className="section card stack" aria-labelledby="ask">
        <h2 id="ask">Asking</h2>
        <p>
          Under <b>Ask for access</b> you see what you may ask for. Pick one or several, say for how
          long and why, and look at the right: it tells before you send whether access comes at
          once, who would have to approve, or what stands in the way and what would work instead.
        </p>
        <p>
          Access begins when everything is decided, or at the time you name. Its end is fixed at
          that moment, and nothing but an extension moves it.
        </p>
      </section>
      <section className="section card stack" aria-labelledby="hold">
        <h2 id="hold">Holding and giving back</h2>
        <p>
          <b>My access</b> shows what you hold with the time that is left. You need do nothing at
          the end: access is taken away, and the record proves it. Give it back earlier whenever you
          are done; ask for more time with <b>Extend</b>.
        </p>
        <p>
          Access that you had before, or that somebody gave you by other means, is never taken away.
        </p>
        <p>
          Some applications look at your groups only when you sign in. When access is there and does
          not work yet, sign out of that application and in again.
        </p>
      </section>
      <section className="section card stack" aria-labelledby="decide">
        <h2 id="decide">Deciding</h2>
        <p>
          <b>Approvals</b> shows what waits for you: who asks for what, why, for how long, what it
          gives, and what that person holds already. Approve it for as long as was asked or shorter,
          or deny it and say why. Nothing is decided by opening a link.
        </p>
      </section>
      <section className="section card stack" aria-labelledby="times">
        <h2 id="times">Times</h2>
        <p>
          Times are those of your zone, and of UTC where an end is meant. They follow the clock of
          the service, even if the one of your machine is wrong.
        </p>
      </section>
      <section className="section card stack" aria-labelledby="keys">
        <h2 id="keys">Keyboard and screen readers</h2>
        <p>
          Everything can be reached with Tab and used with Enter or Space. The first Tab on a page
          skips to its content. Changes that you did not make yourself are said, not only shown.
        </p>
      </section>
      <section className="section card stack" aria-labelledby="else">
        <h2 id="else">Without this page</h2>
        <p>
          The command line does the same: <code>entra-jit request</code>,{' '}
          <code>entra-jit list</code>, and <code>entra-jit --help</code> for the rest. The API
          describes itself at{' '}
          <a href="/api/openapi.json" className="link">
            /api/openapi.json
          </a>
          .
        </p>
      </section>
    </Page>
  )
}
