import { type RunningServices, startServices } from './services.ts'

/** Blob, queue and table storage in memory on free ports, for a test; two of them share nothing. */
export function startAzurite(): Promise<RunningServices> {
  return startServices()
}
