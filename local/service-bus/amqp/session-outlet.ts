import rhea, { type Sender } from 'rhea'
import type { Broker, Entity } from '../broker.ts'
import { openOutlet } from './outlet.ts'
import { type Refusal, refusals } from './refusal.ts'
import { answerAttach, holdAttach } from './rhea-gaps.ts'

const filterName = 'com.microsoft:session-filter'
const timeoutName = 'com.microsoft:timeout'
const defaultWaitMilliseconds = 60_000

/** The session a receiver asks for: a named one, or whichever is next. */
export function askedSession(link: Sender): { readonly id?: string } | undefined {
  const filter: Readonly<Record<string, unknown>> | undefined = link.source?.filter
  if (filter === undefined || filter === null || !(filterName in filter)) return undefined
  const id = filter[filterName]
  return typeof id === 'string' ? { id } : {}
}

/**
 * Gives a receiver the session it asks for. One that asks for the next session waits for it as long
 * as it said, and is answered only then.
 */
export function acceptSession(broker: Broker, entity: Entity, link: Sender): { close(): void } {
  const wanted = askedSession(link)?.id
  const letGo = holdAttach(link)
  let outlet: { close(): void } | undefined

  function tryNow(): boolean {
    const taken = broker.run((now) => entity.queue.sessions.take(link.name, now, wanted))
    if (taken === undefined) return false
    stopWaiting()
    link.set_source({ ...link.source, filter: { [filterName]: taken.session } })
    link.set_target(link.target)
    answerAttach(link, { 'com.microsoft:locked-until-utc': ticksOf(taken.until) })
    outlet = openOutlet(broker, entity, link, { id: taken.session, holder: link.name })
    letGo()
    return true
  }

  function giveUp({ condition, description }: Refusal): void {
    stopWaiting()
    letGo()
    link.close({ condition, description })
  }

  let stopWaiting = (): void => undefined
  if (tryNow()) return { close: () => outlet?.close() }
  if (wanted !== undefined) {
    giveUp(refusals.sessionTaken(wanted))
    return { close: () => undefined }
  }
  const wait = Number(link.properties?.[timeoutName] ?? defaultWaitMilliseconds)
  const timer = setTimeout(() => giveUp(refusals.noSession), wait)
  const listening = broker.listen(entity, tryNow)
  stopWaiting = () => {
    clearTimeout(timer)
    listening.stop()
  }
  return {
    close: () => {
      stopWaiting()
      outlet?.close()
    },
  }
}

const ticksAtEpoch = 621_355_968_000_000_000n

/** .NET counts time in steps of 100 ns since the year 1. */
function ticksOf(milliseconds: number): unknown {
  const bytes = Buffer.alloc(8)
  bytes.writeBigInt64BE(BigInt(milliseconds) * 10_000n + ticksAtEpoch)
  return rhea.types.wrap_long(bytes)
}
