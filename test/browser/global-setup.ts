import type { TestProject } from 'vitest/node'
import type { ReadyFile } from '../../local/stack/ready-file.ts'
import { localFolder } from '../stack/start-local.ts'

declare module 'vitest' {
  interface ProvidedContext {
    readonly ready: ReadyFile
  }
}

/** One local stack for all tests of the page, on free ports. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = await localFolder()
  const local = await folder.start()
  project.provide('ready', local.ready)
  return () => folder.remove()
}
