import { ServiceBusClient } from '@azure/service-bus'

const client = new ServiceBusClient(
  process.env.BUS ??
    'Endpoint=sb://127.0.0.1:5672;SharedAccessKeyName=local;SharedAccessKey=local;UseDevelopmentEmulator=true',
)
const resource = { type: 'group', id: '5e9d2000-0000-4000-8000-000000000004' }
const justification = 'Alert 4711: latency of the database'
const body = { requester: 'omar@contoso.example', resource, duration: 'PT1M', justification }
await client
  .createSender('access-requests')
  .sendMessages({ messageId: process.argv[2] ?? 'INC-4711', body })
await client.close()
