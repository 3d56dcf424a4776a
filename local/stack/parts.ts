import { join } from 'node:path'
import * as z from 'zod'
import { type AzuriteReady, startAzuriteProcess } from '../azurite/start-azurite.ts'
import type { StackOptions } from './options.ts'
import { type Part, startPart } from './part.ts'

const entraReady = z.object({ url: z.string(), tenantId: z.string(), clientId: z.string() })
const busReady = z.object({ connectionString: z.string(), port: z.number() })
const hostReady = z.object({ url: z.string() })

export type EntraReady = z.infer<typeof entraReady>
export type BusReady = z.infer<typeof busReady>
export type HostReady = z.infer<typeof hostReady>

export function startStorage(options: StackOptions): Promise<Part<AzuriteReady>> {
  return startAzuriteProcess({
    state: options.state,
    ports: options.ports,
    ...logOf(options, 'azurite'),
  })
}

export function startDirectory(
  options: StackOptions,
  isUnmetered: boolean,
): Promise<Part<EntraReady>> {
  return startPart({
    name: 'the Entra simulator',
    script: 'entra/main.ts',
    args: [
      ...['--port', `${options.ports.entra}`, '--state', join(options.state, 'entra')],
      ...(isUnmetered ? ['--no-quota'] : []),
    ],
    ready: entraReady,
    ...logOf(options, 'entra'),
  })
}

export function startBus(options: StackOptions): Promise<Part<BusReady>> {
  return startPart({
    name: 'the Service Bus stand-in',
    script: 'service-bus/main.ts',
    args: ['--port', `${options.ports.bus}`, '--state', join(options.state, 'service-bus')],
    ready: busReady,
    ...logOf(options, 'service-bus'),
  })
}

export function startHost(
  options: StackOptions,
  app: string,
  environment: Readonly<Record<string, string>>,
): Promise<Part<HostReady>> {
  return startPart({
    name: 'the Functions host',
    script: 'host/main.ts',
    args: [
      ...['--app', app, '--port', `${options.ports.functions}`],
      ...['--state', join(options.state, 'host')],
    ],
    ready: hostReady,
    environment,
    ...logOf(options, 'host'),
  })
}

function logOf({ state, verbose }: StackOptions, name: string): { readonly logFile?: string } {
  return verbose ? {} : { logFile: join(state, `${name}.log`) }
}
