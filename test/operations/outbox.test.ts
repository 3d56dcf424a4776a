import { expect, test } from 'vitest'
import { readRequest } from '../../shared/ledger/pair-ledger.ts'
import { brokerInMemory, flow, mia, petra, readers, tenantId, zoe } from './broker-in-memory.ts'

test('a word that could not be shown at once is shown by the sweep, not by the end of its wait', async () => {
  const approvers = [
    { type: 'user', id: petra },
    { type: 'user', id: zoe },
  ] as const
  const approval = { mode: 'all-of', steps: [{ approvers }], timeout: 'P1D' } as const
  const broker = await brokerInMemory([flow({ approval })])
  const body = { resource: { type: 'group', id: readers }, duration: 'PT1H' } as const
  const outcome = await broker.submitRequest(
    {
      body,
      intake: 'http',
      requester: mia,
      requesterIsApplication: false,
      actor: { id: mia, type: 'user' },
    },
    broker.clockwork,
  )
  if (outcome.kind !== 'accepted') throw new Error(`refused: ${outcome.detail}`)
  broker.advance(60_000)
  await broker.sweep()
  const request = await readRequest(broker.needs.tables, outcome.request.reason.id)
  if (request === undefined) throw new Error('Cannot decide: there is no such request')

  broker.tables.fault = ({ table }) => (table === 'Audit' ? 'unavailable' : undefined)
  const caller = { id: petra, tenantId, kind: 'user', roles: [] } as const
  await broker.decideApproval(request, caller, { verdict: 'approve' }, broker.clockwork)
  broker.tables.fault = () => undefined
  broker.advance(20_000)
  await broker.sweep()

  const shown = broker.tables.all('Audit').map(({ columns }) => columns['event'])
  expect(shown.at(-1)).toBe('request.approval-recorded')
})
