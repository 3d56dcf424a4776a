import * as df from 'durable-functions'

df.app.orchestration('life', function* (context) {
  return yield context.df.callActivity('greet', context.df.getInput())
})
df.app.activity('greet', { handler: (name) => `Hello, ${name}!` })
df.app.activity('fails', {
  handler: () => {
    throw new TypeError('on purpose')
  },
})
df.app.activity('silent', { handler: () => undefined })
df.app.activity('metadata', { handler: (_input, context) => context.triggerMetadata })
df.app.entity('counter', (context) => context.df.return(1))
df.app.client.http('begin', {
  route: 'begin/{name}',
  authLevel: 'anonymous',
  handler: async (request, client) => {
    const id = await client.startNew(request.params.name, { instanceId: 'i1', input: { a: 1 } })
    return client.createCheckStatusResponse(request, id)
  },
})
