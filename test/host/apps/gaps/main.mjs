import { app, output } from '@azure/functions'
import * as df from 'durable-functions'

const result = output.storageQueue({ name: 'result', queueName: 'out', connection: 'STORE' })

df.app.entity('counter', (context) => context.df.return(1))
app.storageQueue('queued', {
  queueName: 'in',
  connection: 'STORE',
  extraOutputs: [result],
  handler: (_message, context) => context.extraOutputs.set(result, 'lost?'),
})
app.timer('tick', {
  schedule: '0 0 0 1 1 *',
  retry: { strategy: 'fixedDelay', maxRetryCount: 2, delayInterval: 1_000 },
  handler: () => undefined,
})
