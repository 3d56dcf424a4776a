import type { Broker } from '../../../functions/broker.ts'

const place = Symbol.for('entra-jit.test.broker')

/** The test and the app that it loads share a process, but not their modules. */
const shelf: { [place]?: Broker | undefined } = globalThis as object

export function layOutBroker(broker: Broker): void {
  shelf[place] = broker
}

export function brokerOfTest(): Broker {
  const broker = shelf[place]
  if (broker === undefined) throw new Error('Cannot load the app: no test has laid out its broker')
  return broker
}
