const { app } = require('@azure/functions')

app.http('one', { authLevel: 'anonymous', handler: () => ({ body: 'one' }) })
