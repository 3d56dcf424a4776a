import { afterEach, beforeEach } from 'vitest'
import { flow, mia, readers } from '../operations/broker-in-memory.ts'
import { type LifeCycle, startLifeCycle } from './start-life-cycle.ts'

export const resource = { type: 'group', id: readers }
export const unknown = { type: 'group', id: '99999999-9999-4999-8999-999999999999' }

/** Starts the app anew for each test, with a flow that asks mia for a justification. */
export function askingMia() {
  let life: LifeCycle | undefined
  const running = () => {
    if (life === undefined) throw new Error('Cannot call: nothing is running')
    return life
  }
  beforeEach(async () => {
    life = await startLifeCycle({ flows: [flow({ justification: { required: true } })] })
  })
  afterEach(() => running().stop())
  return {
    running,
    post: (path: string, body: object) => running().call(mia, 'POST', path, body),
  }
}
