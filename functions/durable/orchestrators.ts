import { accessLifeCycle, accessLifeCycleName } from './access-life-cycle.ts'

/**
 * Every orchestrator that an instance may still be running, by the name in its history. One that a
 * newer version has replaced stays until its last instance is over.
 */
export const orchestrators: Readonly<Record<string, typeof accessLifeCycle>> = {
  [accessLifeCycleName]: accessLifeCycle,
}
