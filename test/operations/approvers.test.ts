import { expect, test } from 'vitest'
import { createMemoryDirectory } from '../../shared/directory/memory-directory.ts'
import { createMemoryTables } from '../../shared/ledger/memory-tables.ts'
import { findApprovers } from '../../shared/operations/approvers.ts'
import { ben, petra, tenantId } from './broker-in-memory.ts'

const group = (number: number) => `31000000-0000-4000-8000-${String(number).padStart(12, '0')}`

test('owners that attributes of many groups name are read in one go, each for its own group', async () => {
  const calls: string[] = []
  const directory = createMemoryDirectory({
    tenantId,
    now: () => new Date('2026-01-05T12:00:00Z'),
    before: async ({ operation }) => {
      calls.push(operation)
    },
  })
  directory.addUser({ id: petra })
  directory.addUser({ id: ben })
  const owners = [petra, undefined, ben, petra]
  for (const [number, owner] of owners.entries()) {
    const attributes = owner === undefined ? {} : { extension_owner: owner }
    directory.addGroup({ id: group(number), name: `Group ${number}`, attributes })
  }

  const found = await findApprovers(
    { directory, tables: createMemoryTables() },
    owners.map((_, number) => ({
      rule: { mode: 'any-of', steps: [{ approvers: ['resource-owner'] }] },
      integration: { resourceOwner: { keyName: 'extension_owner', attribute: 'user' } },
      resource: { type: 'group', id: group(number) },
      granteeId: ben,
    })),
  )

  expect(
    found.map((stages) => stages.flat(2).flatMap(({ users }) => users.map(({ id }) => id))),
  ).toEqual(owners.map((owner) => (owner === undefined ? [] : [owner])))
  expect(calls).toEqual(['groupAttributes', 'findPeople'])
})
