import { TableClient } from '@azure/data-tables'
import { afterAll, beforeAll } from 'vitest'
import { startAzurite } from '../../../local/azurite/in-process.ts'
import { createAzureTables } from '../../../shared/ledger/azure-tables.ts'
import { createMemoryTables } from '../../../shared/ledger/memory-tables.ts'
import { describeStreamContract } from './stream-contract.ts'
import { describeTablesContract } from './tables-contract.ts'

let azurite: { connectionString: string; stop: () => Promise<void> } | undefined

beforeAll(async () => {
  azurite = await startAzurite()
})

afterAll(async () => {
  await azurite?.stop()
})

const onAzurite = async () => {
  const connectionString = azurite?.connectionString ?? ''
  return createAzureTables((table, options) =>
    TableClient.fromConnectionString(connectionString, table, {
      ...options,
      allowInsecureConnection: true,
    }),
  )
}
const inMemory = async () => createMemoryTables()

describeTablesContract('Azurite by the official client', onAzurite)
describeTablesContract('the memory twin', inMemory)
describeStreamContract('Azurite by the official client', onAzurite)
describeStreamContract('the memory twin', inMemory)
