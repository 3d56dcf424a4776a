import { app } from '@azure/functions'

app.serviceBusQueue('fromQueue', {
  connection: 'BUS',
  queueName: '%QUEUE%',
  handler: (message, context) => {
    context.log(JSON.stringify({ message, metadata: context.triggerMetadata }))
    if (message?.fail === true && context.triggerMetadata.deliveryCount < 2) {
      throw new Error('on purpose')
    }
  },
})
app.serviceBusTopic('fromTopic', {
  connection: 'BUS',
  topicName: 'events',
  subscriptionName: 'all',
  cardinality: 'many',
  handler: (messages, context) => {
    const { messageIdArray } = context.triggerMetadata
    context.log(JSON.stringify({ messages, messageIdArray }))
  },
})
app.serviceBusQueue('inSessions', {
  connection: 'BUS',
  queueName: 'sessions',
  isSessionsEnabled: true,
  handler: () => undefined,
})
