import { TableClient } from '@azure/data-tables'
import { afterAll, beforeAll } from 'vitest'
import { startAzurite } from '../../../local/azurite/in-process.ts'
import { createAzureTables } from '../../../shared/ledger/azure-tables.ts'
import { createMemoryTables } from '../../../shared/ledger/memory-tables.ts'
import { describeAuditContract, type Storage } from './audit-contract.ts'

let azurite: { connectionString: string; stop: () => Promise<void> } | undefined
let stores = 0

beforeAll(async () => {
  azurite = await startAzurite()
})

afterAll(async () => {
  await azurite?.stop()
})

/** Tables of their own for each test, and the official client for the hands. */
const onAzurite = async (): Promise<Storage> => {
  stores += 1
  const suffix = String(stores)
  const clientOf = (table: string, options = {}) =>
    TableClient.fromConnectionString(azurite?.connectionString ?? '', `${table}${suffix}`, {
      ...options,
      allowInsecureConnection: true,
    })
  return {
    tables: createAzureTables(clientOf),
    hands: {
      async put(table, partitionKey, rowKey, columns) {
        await clientOf(table).upsertEntity({ ...columns, partitionKey, rowKey }, 'Replace')
      },
      async remove(table, partition, key) {
        await clientOf(table).deleteEntity(partition, key)
      },
    },
  }
}

const inMemory = async (): Promise<Storage> => {
  const tables = createMemoryTables()
  return {
    tables,
    hands: {
      async put(table, partition, key, columns) {
        await tables.write(table, partition, [{ do: 'put', key, columns }])
      },
      async remove(table, partition, key) {
        tables.lose(table, partition, key)
      },
    },
  }
}

describeAuditContract('Azurite by the official client', onAzurite)
describeAuditContract('the memory twin', inMemory)
