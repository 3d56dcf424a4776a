import { app } from '@azure/functions'

app.setup({ enableHttpStream: true })

app.http('count', {
  authLevel: 'anonymous',
  methods: ['POST'],
  handler: async (request) => {
    let length = 0
    for await (const chunk of request.body) length += chunk.length
    return { jsonBody: { length, query: request.query.getAll('x') } }
  },
})
app.http('ignore', { authLevel: 'anonymous', handler: () => ({ body: 'no' }) })
app.http('drip', {
  authLevel: 'anonymous',
  handler: () => {
    const pieces = ['one', 'two', 'three']
    const body = new ReadableStream({
      pull(controller) {
        const piece = pieces.shift()
        if (piece === undefined) controller.close()
        else controller.enqueue(Buffer.from(piece))
      },
    })
    return { body, headers: { 'set-cookie': 'a=b', connection: 'close' } }
  },
})
app.http('endless', {
  authLevel: 'anonymous',
  handler: (_request, context) => ({
    body: new ReadableStream({
      start: (controller) => controller.enqueue(Buffer.from('first')),
      cancel: () => context.log('the reader has gone'),
    }),
  }),
})
