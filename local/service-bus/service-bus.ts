import { systemClock } from '../host/clock.ts'
import type { Clock } from '../host/seams.ts'
import { listen } from './amqp/server.ts'
import { createBroker } from './broker.ts'
import { accessEntities, type EntityDeclaration } from './entities.ts'
import { noJournal, openJournal } from './journal.ts'

export interface ServiceBusOptions {
  /** 0 takes a free one. */
  readonly port: number
  /** Where messages outlive the process; without it they are kept in memory. */
  readonly stateDirectory?: string
  /** Default: the queue and the topic of entra-jit. */
  readonly entities?: readonly EntityDeclaration[]
  readonly clock?: Clock
}

/** A running stand-in. */
export interface ServiceBus {
  readonly connectionString: string
  readonly port: number
  stop(): Promise<void>
}

/** Starts a Service Bus namespace on the loopback address. */
export async function startServiceBus(options: ServiceBusOptions): Promise<ServiceBus> {
  const { stateDirectory, entities = accessEntities, clock = systemClock } = options
  const journal = stateDirectory === undefined ? noJournal : openJournal(stateDirectory)
  const broker = createBroker({ entities, journal, clock })
  const server = await listen(broker, options.port).catch((error: unknown) => {
    broker.close()
    throw error
  })
  return {
    connectionString: `Endpoint=sb://127.0.0.1:${server.port};SharedAccessKeyName=local;SharedAccessKey=local;UseDevelopmentEmulator=true`,
    port: server.port,
    async stop() {
      await server.stop()
      broker.close()
    },
  }
}
