import type { SimulatorAnswer } from '../exchange.ts'
import type { SimulatedUser } from '../tenant.ts'

/** The page on which a person is picked; each name is a plain link, so that no script is needed. */
export function signInPage(
  users: readonly SimulatedUser[],
  search: string,
  hidden: URLSearchParams,
  addressOf: (user: SimulatedUser) => string,
  { declineAddress }: { readonly declineAddress?: string } = {},
): SimulatorAnswer {
  const shown = users.filter(({ displayName, userPrincipalName }) =>
    `${displayName} ${userPrincipalName}`.toLowerCase().includes(search.toLowerCase()),
  )
  const items = shown.map((user) => {
    const detail = [user.jobTitle, user.department].filter(Boolean).join(', ')
    return `<li><a href="${escaped(addressOf(user))}"><b>${escaped(user.displayName)}</b> <span>${escaped(user.userPrincipalName)}${detail === '' ? '' : ` · ${escaped(detail)}`}</span></a></li>`
  })
  const fields = [...hidden].map(
    ([name, value]) => `<input type="hidden" name="${escaped(name)}" value="${escaped(value)}">`,
  )
  const decline =
    declineAddress === undefined
      ? ''
      : `\n<p><a href="${escaped(declineAddress)}">That was not me: decline</a></p>`
  return document(
    'Sign in to the local company',
    `<h1>Who are you today?</h1>
<p>${standIn} Pick a person of the sample company; there is no password.</p>
<form>
${fields.join('\n')}
<label for="search">Search by name</label>
<input id="search" name="search" type="search" value="${escaped(search)}">
<button>Search</button>
</form>
<p role="status">${shown.length} ${shown.length === 1 ? 'person' : 'people'}</p>
<ul>
${items.join('\n')}
</ul>${decline}`,
  )
}

/** A page that asks for one word. */
export function formPage(
  heading: string,
  name: string,
  label: string,
  button: string,
): SimulatorAnswer {
  return document(
    heading,
    `<h1>${escaped(heading)}</h1>
<p>${standIn}</p>
<form>
<label for="${name}">${escaped(label)}</label>
<input id="${name}" name="${name}" autocomplete="off" required>
<button>${escaped(button)}</button>
</form>`,
  )
}

/** A page that says how it ended. */
export function messagePage(heading: string, text: string, status = 200): SimulatorAnswer {
  return document(heading, `<h1>${escaped(heading)}</h1>\n<p>${escaped(text)}</p>`, status)
}

/** An error that must not be sent back to an address that may not be the client's. */
export function errorPage(text: string): SimulatorAnswer {
  return messagePage('Sign-in refused', text, 400)
}

const standIn = 'This is the local stand-in for Entra.'

function document(title: string, main: string, status = 200): SimulatorAnswer {
  return {
    status,
    headers: pageHeaders,
    body: `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(title)}</title>
<style>${style}</style>
</head>
<body>
<main>
${main}
</main>
</body>
</html>
`,
  }
}

const style =
  'body{font:1rem/1.5 system-ui,sans-serif;margin:2rem auto;max-width:40rem;padding:0 1rem;color:#1b1b1b;background:#fff}' +
  'ul{list-style:none;padding:0}li{border-top:1px solid #ddd}a{display:block;padding:.6rem 0;color:#0b57a4}' +
  'span{color:#555}label{display:block}@media(prefers-color-scheme:dark){body{color:#eee;background:#1b1b1b}a{color:#8ab4f8}span{color:#bbb}li{border-color:#444}}'

const pageHeaders = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy':
    "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'",
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
}
