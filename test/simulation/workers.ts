import { createStep } from '../../functions/durable/steps.ts'
import { createDecideApproval } from '../../shared/operations/decide-approval.ts'
import { createJudgeStarts } from '../../shared/operations/judge-starts.ts'
import type { Clockwork, Needs } from '../../shared/operations/needs.ts'
import { createReadResources, type ReadResources } from '../../shared/operations/read-resources.ts'
import { createSettlePair } from '../../shared/operations/settle-pair.ts'
import { createSubmitRequest } from '../../shared/operations/submit-request.ts'
import {
  createReadConfiguration,
  type ReadConfiguration,
} from '../../shared/operations/system-stream.ts'
import { createTakeMessage } from '../../shared/operations/take-message.ts'
import { pace, tenantId } from '../operations/broker-in-memory.ts'
import type { Implant } from './implant-tools.ts'
import { createCalls, type Outside, type Worker } from './outside.ts'

/** The product as one life of one worker has it; nothing of it outlives that. */
export interface Product {
  readonly needs: Needs
  readonly clockwork: Clockwork
  readonly readConfiguration: ReadConfiguration
  readonly readResources: ReadResources
  readonly submitRequest: ReturnType<typeof createSubmitRequest>
  readonly decideApproval: ReturnType<typeof createDecideApproval>
  readonly settlePair: ReturnType<typeof createSettlePair>
  readonly takeMessage: ReturnType<typeof createTakeMessage>
  readonly steps: Readonly<Record<'grant' | 'end', ReturnType<typeof createStep>>>
}

export interface Workers {
  /**
   * Does something on a worker that is up, as soon as there is one. Rejects with `WorkerDied` when it
   * dies meanwhile: whoever waits sees a broken connection.
   */
  run<Result>(work: (product: Product) => Promise<Result>): Promise<Result>
  kill(worker: Worker): void
}

class WorkerDied extends Error {
  override readonly name = 'WorkerDied'
}

const restartMilliseconds = [1_000, 20_000] as const

/** Two workers share the load: what one does, the other may be doing at the same time. */
export function createWorkers(outside: Omit<Outside, 'kill'>, implant: Implant): Workers {
  const { time, random, troubles } = outside
  const workers: Worker[] = ['A', 'B'].map((name) => ({
    name,
    life: 0,
    isUp: true,
    onDeath: new Set(),
  }))
  const products = new Map<Worker, Product>()
  const waiting: (() => void)[] = []

  const kill = (worker: Worker) => {
    worker.life++
    worker.isUp = false
    products.delete(worker)
    const dying = [...worker.onDeath]
    worker.onDeath.clear()
    for (const tell of dying) tell()
    const back = time.now() + random.between(...restartMilliseconds)
    troubles.note('worker-died', back)
    time.at(back, () => {
      worker.isUp = true
      for (const go of waiting.splice(0)) go()
    })
  }
  const productOf = (worker: Worker): Product => {
    const known = products.get(worker)
    if (known !== undefined) return known
    const made = build({ ...outside, kill }, worker, implant)
    products.set(worker, made)
    return made
  }

  return {
    kill,
    async run(work) {
      for (;;) {
        const up = workers.filter(({ isUp }) => isUp)
        const worker = up[random.between(0, up.length - 1)]
        if (worker === undefined) {
          await new Promise<void>((resolve) => {
            waiting.push(resolve)
          })
          continue
        }
        return await new Promise((resolve, reject) => {
          const die = () => reject(new WorkerDied('Cannot go on: the worker died'))
          worker.onDeath.add(die)
          work(productOf(worker))
            .then(resolve, reject)
            .finally(() => worker.onDeath.delete(die))
        })
      }
    },
  }
}

function build(outside: Outside, worker: Worker, implant: Implant): Product {
  const calls = createCalls(outside, worker)
  const { random } = outside
  const needs: Needs = implant.needs({
    tables: calls.tables,
    directory: calls.directory,
    publisher: calls.publisher,
    log: () => {},
    now: calls.now,
    random: (count) => random.bytes(count),
    pause: calls.pause,
    tenantId,
    limits: pace.limits,
    rules: pace.rules,
  })
  const readConfiguration = createReadConfiguration(needs.tables)
  const submitRequest = createSubmitRequest(needs, readConfiguration)
  const judgeStarts = createJudgeStarts(needs, readConfiguration)
  const settlePair = createSettlePair(needs, implant.judgeStarts?.(judgeStarts) ?? judgeStarts)
  const decideApproval = createDecideApproval(needs, readConfiguration)
  return {
    needs,
    clockwork: calls.clockwork,
    readConfiguration,
    readResources: createReadResources(needs.tables),
    submitRequest,
    decideApproval: implant.decideApproval?.(decideApproval) ?? decideApproval,
    settlePair,
    takeMessage: createTakeMessage(needs, submitRequest),
    steps: {
      grant: createStep(needs, settlePair, 'grant'),
      end: createStep(needs, settlePair, 'end'),
    },
  }
}
