import { app } from '@azure/functions'

const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE']

app.http('echo', {
  route: 'echo/{id:int?}',
  methods,
  authLevel: 'anonymous',
  handler: async (request) => ({
    headers: { 'x-custom': 'v1' },
    jsonBody: {
      method: request.method,
      url: request.url,
      params: request.params,
      query: [...request.query.entries()],
      headers: Object.fromEntries(request.headers),
      body: await request.text(),
      user: request.user,
    },
  }),
})
app.http('all', {
  route: 'all/{*rest}',
  authLevel: 'anonymous',
  handler: (request) => ({ jsonBody: request.params }),
})
app.http('bytes', {
  route: 'bytes',
  authLevel: 'anonymous',
  handler: async (request) => ({ body: Buffer.from(await request.arrayBuffer()) }),
})
app.http('undefined', { authLevel: 'anonymous', handler: () => undefined })
app.http('throws', {
  authLevel: 'anonymous',
  handler: () => {
    throw new Error('on purpose')
  },
})
app.http('status', {
  route: 'status/{code}',
  authLevel: 'anonymous',
  handler: (request) => ({ status: Number(request.params.code), body: 'text' }),
})
app.http('cookies', {
  authLevel: 'anonymous',
  handler: () => ({
    body: 'c',
    cookies: [
      {
        name: 'a',
        value: 'b',
        path: '/',
        httpOnly: true,
        secure: true,
        sameSite: 'Lax',
        maxAge: 60,
        expires: new Date(0),
      },
      { name: 'c', value: 'd e' },
    ],
  }),
})
app.http('text', { authLevel: 'anonymous', handler: () => 'a bare text' })
app.http('redirect', {
  authLevel: 'anonymous',
  handler: () => ({ status: 302, headers: { location: '/api/echo' } }),
})
app.http('plain', { handler: (request) => ({ body: request.method }) })
app.http('guarded', { authLevel: 'function', handler: () => ({ body: 'guarded' }) })
app.http('admins', { authLevel: 'admin', handler: () => ({ body: 'admins' }) })
app.http('setting', {
  authLevel: 'anonymous',
  handler: () => ({ jsonBody: [process.env.SAMPLE_SETTING, process.env.WEBSITE_HOSTNAME] }),
})
app.http('held', {
  authLevel: 'anonymous',
  handler: async () => {
    await new Promise((resolve) => process.once('sample-release', resolve))
    return { body: 'done' }
  },
})
app.http('b-overlap', {
  route: 'overlap/{name}',
  authLevel: 'anonymous',
  handler: () => ({ body: 'b' }),
})
app.http('A-overlap', {
  route: 'overlap/{*rest}',
  authLevel: 'anonymous',
  handler: () => ({ body: 'a' }),
})
