import { describe, expect, test } from 'vitest'
import { readSettings, SettingsError } from '../../shared/config/settings.ts'

const environment = {
  ENTRA_TENANT_ID: '10000000-0000-4000-8000-000000000001',
  ENTRA_API_CLIENT_ID: '60000000-0000-4000-8000-00000000000e',
  SWEEP_SCHEDULE: '*/30 * * * * *',
  RECONCILE_SCHEDULE: '0 0 * * * *',
  DISCOVERY_SCHEDULE: '0 0 * * * *',
  CHECKPOINT_SCHEDULE: '0 */5 * * * *',
  CLEANUP_SCHEDULE: '0 0 4 * * *',
  ServiceBusConnection__fullyQualifiedNamespace: 'bus.example',
}
const connectionString = 'AccountName=a;AccountKey=a2V5'

const archiveOf = (more: Readonly<Record<string, string>>) =>
  readSettings({ ...environment, ...more }).archive

const problemsOf = (more: Readonly<Record<string, string>>): readonly string[] => {
  try {
    readSettings({ ...environment, ...more })
    return []
  } catch (error) {
    if (error instanceof SettingsError) return error.problems
    throw error
  }
}

describe('AUDIT_CONTAINER', () => {
  test('that is not set keeps checkpoints in the tables alone', () => {
    expect(archiveOf({ AzureWebJobsStorage: connectionString })).toBeUndefined()
  })

  test.each([
    [
      { AzureWebJobsStorage: connectionString },
      { kind: 'connection-string', container: 'audit', connectionString },
    ],
    [
      { AzureWebJobsStorage__accountName: 'a', AzureWebJobsStorage__clientId: 'c' },
      {
        kind: 'identity',
        container: 'audit',
        blobUri: 'https://a.blob.core.windows.net',
        clientId: 'c',
      },
    ],
    [
      {
        AzureWebJobsStorage__tableServiceUri: 'https://a.table.example',
        AzureWebJobsStorage__blobServiceUri: 'https://a.blob.example/',
      },
      { kind: 'identity', container: 'audit', blobUri: 'https://a.blob.example' },
    ],
  ])('lies in the storage of the host: %o', (storage, archive) => {
    expect(archiveOf({ ...storage, AUDIT_CONTAINER: 'audit' })).toEqual(archive)
  })

  test.each([
    [{ AzureWebJobsStorage: 'UseDevelopmentStorage=true' }, 'audit', /AUDIT_CONTAINER needs/],
    [{ AzureWebJobsStorage: connectionString }, 'Audit', /no name of a blob container/],
    [{ AzureWebJobsStorage: connectionString }, 'a', /no name of a blob container/],
    [{ AzureWebJobsStorage: connectionString }, 'audit--log', /no name of a blob container/],
  ])('with %o cannot be "%s"', (storage, container, problem) => {
    expect(problemsOf({ ...storage, AUDIT_CONTAINER: container })).toEqual([
      expect.stringMatching(problem),
    ])
  })
})
