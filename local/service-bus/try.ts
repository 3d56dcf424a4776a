import { ServiceBusClient } from '@azure/service-bus'
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, statSync } from 'node:fs'
const child = fork(new URL('./main.ts', import.meta.url), ['--port', '0', '--state', '/tmp/sb-perf'])
const [{ ready }] = await once(child, 'message')
const rss = () => readFileSync(`/proc/${child.pid}/status`, 'utf8').match(/VmRSS:\s+(\d+)/)?.[1]
const client = new ServiceBusClient(ready.connectionString)
let t = performance.now()
const lap = (what: string) => { console.log(what, Math.round(performance.now() - t), 'ms', 'rss', rss(), 'KB', 'journal', statSync('/tmp/sb-perf/service-bus.ndjson').size); t = performance.now() }
const sender = client.createSender('access-requests')
for (let round = 0; round < 3; round++) {
  const N = 10000
  for (let i = 0; i < N; i += 100) await sender.sendMessages(Array.from({ length: 100 }, (_, j) => ({ body: { n: i + j, text: 'x'.repeat(600) }, messageId: `${round}-${i + j}` })))
  lap('sent 10k in batches of 100')
  const receiver = client.createReceiver('access-requests')
  let done = 0
  await new Promise<void>((resolve) => {
    receiver.subscribe({ async processMessage() { if (++done === N) setTimeout(resolve, 50) }, async processError(e) { console.log(e.error) } }, { maxConcurrentCalls: 16 })
  })
  lap('subscribed 16 wide, completed 10k')
  await receiver.close()
  for (let i = 0; i < 2000; i++) await sender.sendMessages({ body: { n: i } })
  lap('sent 2k one by one')
  const r2 = client.createReceiver('access-requests')
  let got = 0
  while (got < 2000) { const ms = await r2.receiveMessages(1000, { maxWaitTimeInMs: 1000 }); got += ms.length; await Promise.all(ms.map((m) => r2.completeMessage(m))) }
  lap('received and completed 2k in batches')
  console.log('left', (await r2.peekMessages(10)).length)
  await r2.close()
}
await client.close()
child.kill('SIGTERM')
