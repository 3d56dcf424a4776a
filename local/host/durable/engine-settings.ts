import { hostJsonNumber, hostJsonValue } from '../host-json.ts'
import type { EngineContext } from '../seams.ts'
import { readSetting } from '../settings.ts'
import { parseTimeSpan } from '../time-span.ts'

/** The part of `host.json` that the durable engine obeys. */
export interface EngineSettings {
  readonly taskHub: string
  readonly connectionName: string
  readonly connectionString: string | undefined
  /** After how long an activity that was under way when the host died is given out again. */
  readonly redeliveryMilliseconds: number
  readonly mostActivities: number
  readonly mostEpisodes: number
}

const defaultConcurrency = 20

export function readEngineSettings({ hostJson, settings }: EngineContext): EngineSettings {
  const value = (...path: string[]) => hostJsonValue(hostJson, 'extensions', 'durableTask', ...path)
  const count = (name: string) =>
    hostJsonNumber(hostJson, 'extensions', 'durableTask', name) ?? defaultConcurrency
  const connection = value('storageProvider', 'connectionName')
  const connectionName = typeof connection === 'string' ? connection : 'AzureWebJobsStorage'
  const hub = value('hubName')
  const visibility = value('storageProvider', 'workItemQueueVisibilityTimeout')
  return {
    taskHub: typeof hub === 'string' ? hub : 'TestHubName',
    connectionName: 'Storage',
    connectionString: readSetting(settings, connectionName),
    redeliveryMilliseconds: parseTimeSpan(String(visibility ?? '00:05:00')),
    mostActivities: count('maxConcurrentActivityFunctions'),
    mostEpisodes: count('maxConcurrentOrchestratorFunctions'),
  }
}
