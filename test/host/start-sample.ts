import { fileURLToPath } from 'node:url'
import type { DurableEngine, Log } from '../../local/host/seams.ts'
import { type Host, type HostOptions, startHost } from '../../local/host/start-host.ts'

export interface Sample extends Host {
  /** What was logged, as `level category: message`. */
  readonly lines: readonly string[]
}

/** Starts one of the sample apps on a free port, with an engine that only echoes. */
export async function startSample(
  app: string,
  options: Partial<HostOptions> = {},
): Promise<Sample> {
  const lines: string[] = []
  const log: Log = (level, category, message) => {
    lines.push(`${level} ${category}: ${message}`)
  }
  const appDirectory = sampleDirectory(app)
  const host = await startHost({ appDirectory, port: 0, engine: echoEngine, log, ...options })
  return { ...host, lines }
}

export function sampleDirectory(app: string): string {
  return fileURLToPath(new URL(`apps/${app}`, import.meta.url))
}

/** Answers each request with what it saw of it. */
export function echoEngine(): DurableEngine {
  return {
    start: async () => undefined,
    stop: async () => undefined,
    clientInput: (webhookBaseUrl, rpcBaseUrl, systemKey) =>
      JSON.stringify({
        taskHubName: 'Sample',
        creationUrls: {},
        managementUrls: {
          id: 'INSTANCEID',
          statusQueryGetUri: `${webhookBaseUrl}/instances/INSTANCEID?code=${systemKey}`,
        },
        rpcBaseUrl,
      }),
    handle: async ({ method, path, query, body, baseUrl }) => ({
      status: 202,
      headers: { 'content-type': 'application/json', 'x-engine': 'echo' },
      body: JSON.stringify({
        id: path.split('/').at(-1),
        method,
        path,
        query: [...query],
        body: Buffer.from(body).toString(),
        baseUrl,
      }),
    }),
  }
}
