import { app } from '@azure/functions'

const seen = []

app.hook.appStart(() => {
  seen.push('appStart')
})
app.hook.appTerminate(() => {
  process.emit('sample-terminated', seen)
})
app.hook.preInvocation((context) => {
  context.hookData.note = 'from before'
  context.inputs = context.inputs.map((input) => `${input}!`)
  const original = context.functionHandler
  context.functionHandler = async (...inputs) => `<${await original(...inputs)}>`
})
app.hook.postInvocation((context) => {
  seen.push(context.hookData.note)
  if (context.error !== undefined) {
    context.error = null
    context.result = 'mended'
  } else {
    context.result = context.result.toUpperCase()
  }
})
app.generic('shout', {
  trigger: { type: 'activityTrigger', name: 'input' },
  handler: (input) => {
    if (input === 'bad!') throw new Error('on purpose')
    return input
  },
})
