import { app } from '@azure/functions'

app.timer('hourly', {
  schedule: '0 0 * * * *',
  handler: (timer, context) => context.log(JSON.stringify(timer)),
})
app.timer('configured', {
  schedule: '%EVERY%',
  runOnStartup: true,
  handler: (_timer, context) => context.log('ran'),
})
app.timer('failing', {
  schedule: '0 30 * * * *',
  handler: () => {
    throw new Error('on purpose')
  },
})
app.timer('unset', { schedule: '%NOWHERE%', handler: () => undefined })
app.timer('unreadable', { schedule: '0 0 0 0 0 0', handler: () => undefined })
