const { app } = require('@azure/functions')

let calls = 0

app.http('two', {
  authLevel: 'anonymous',
  handler: () => {
    calls += 1
    return { body: `two ${calls}` }
  },
})
