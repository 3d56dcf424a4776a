import * as z from 'zod'
import { type Part, startPart } from '../stack/part.ts'
import type { ServicePorts } from './services.ts'

const readySchema = z.object({
  ports: z.object({ blob: z.number(), queue: z.number(), table: z.number() }),
  connectionString: z.string(),
})

export type AzuriteReady = z.infer<typeof readySchema>

/** Starts Azurite in a process of its own, which outlives this one for as long as it takes to save. */
export function startAzuriteProcess(options: {
  readonly state: string
  readonly ports: ServicePorts
  readonly logFile?: string
}): Promise<Part<AzuriteReady>> {
  const { blob, queue, table } = options.ports
  return startPart({
    name: 'Azurite',
    script: 'azurite/main.ts',
    args: [
      ...['--state', options.state],
      ...['--blob-port', `${blob}`, '--queue-port', `${queue}`, '--table-port', `${table}`],
    ],
    ready: readySchema,
    ...(options.logFile === undefined ? {} : { logFile: options.logFile }),
  })
}
