import type { SimulatorAnswer } from '../exchange.ts'
import type { SimulatedUser } from '../tenant.ts'

/** The page on which a person is picked; each name is a plain link, so that no script is needed. */
export function signInPage(
  users: readonly SimulatedUser[],
  search: string,
  hidden: URLSearchParams,
  addressOf: (user: SimulatedUser) => string,
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
  return {
    status: 200,
    headers: pageHeaders,
    body: `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Sign in to the local company</title>
<style>${style}</style>
</head>
<body>
<main>
<h1>Who are you today?</h1>
<p>This is the local stand-in for Entra. Pick a person of the sample company; there is no password.</p>
<form>
${fields.join('\n')}
<label for="search">Search by name</label>
<input id="search" name="search" type="search" value="${escaped(search)}">
<button>Search</button>
</form>
<p role="status">${shown.length} ${shown.length === 1 ? 'person' : 'people'}</p>
<ul>
${items.join('\n')}
</ul>
</main>
</body>
</html>
`,
  }
}

/** An error that must not be sent back to an address that may not be the client's. */
export function errorPage(text: string): SimulatorAnswer {
  const body = `<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>Sign-in refused</title></head><body><main><h1>Sign-in refused</h1><p>${escaped(text)}</p></main></body></html>\n`
  return { status: 400, headers: pageHeaders, body }
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
