import { app } from '@azure/functions'

app.http('same', { authLevel: 'anonymous', handler: () => ({ body: 'http' }) })
app.timer('Same', { schedule: '0 0 0 1 1 *', handler: () => undefined })
