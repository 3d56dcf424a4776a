import * as df from 'durable-functions'

const seen = globalThis[Symbol.for('entra-jit.test.seen')] ?? { calls: [] }

df.app.orchestration('chain', function* (context) {
  const first = yield context.df.callActivity('note', 'first')
  const second = yield context.df.callActivity('note', { after: first })
  return [first, second]
})
df.app.orchestration('sleep', function* (context) {
  yield context.df.createTimer(new Date(context.df.getInput()))
  return context.df.currentUtcDateTime.toISOString()
})
df.app.orchestration('wait', function* (context) {
  const timer = context.df.createTimer(new Date(context.df.getInput()))
  const go = context.df.waitForExternalEvent('Go')
  const winner = yield context.df.Task.any([go, timer])
  if (winner === go) timer.cancel()
  yield context.df.callActivity('note', winner === go ? go.result : 'late')
  return winner === go ? go.result : 'late'
})
df.app.orchestration('parent', function* (context) {
  return yield context.df.callSubOrchestrator('wait', context.df.getInput(), 'the-child')
})
df.app.orchestration('stuck', function* (context) {
  return yield context.df.callActivity('hangs')
})
df.app.orchestration('count', function* (context) {
  const count = context.df.getInput()
  yield context.df.callActivity('note', count)
  if (count < 3) context.df.continueAsNew(count + 1)
  return count
})
df.app.orchestration('asksEntity', function* (context) {
  return yield context.df.callEntity(new df.EntityId('counter', 'a'), 'get')
})
df.app.orchestration('asksHttp', function* (context) {
  return yield context.df.callHttp({ method: 'GET', url: 'http://127.0.0.1:9' })
})
df.app.activity('note', {
  handler: (input) => {
    seen.calls.push(input)
    return input
  },
})
df.app.activity('hangs', {
  handler: () => {
    seen.calls.push('hangs')
    return seen.isCured ? 'cured' : new Promise(() => {})
  },
})
