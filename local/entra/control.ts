import * as z from 'zod'
import type { CallLog } from './call-log.ts'
import type { SimulatorAnswer, SimulatorRequest } from './exchange.ts'
import type { Faults } from './faults.ts'
import { activateByPerson } from './graph/pim/own-activation.ts'
import type { State } from './state.ts'

interface Needs {
  readonly state: State
  readonly log: CallLog
  readonly faults: Faults
  readonly now: () => Date
}

const settings = z
  .strictObject({
    premium: z.boolean(),
    provisioningSeconds: z.number().nonnegative().max(86_400),
    longestAssignmentDays: z.int().min(1).max(365),
  })
  .partial()

const noContent: SimulatorAnswer = { status: 204 }

/** What the simulator is told and tells about itself, at `/_simulator`. */
export function createControl({ state, log, faults, now }: Needs) {
  const actions: Readonly<Record<string, (body: string) => SimulatorAnswer>> = {
    'GET log': () => ({ status: 200, body: { calls: log.all() } }),
    'DELETE log': () => {
      log.clear()
      return noContent
    },
    'POST faults': (body) => ({ status: 200, body: { active: faults.add(JSON.parse(body)) } }),
    'DELETE faults': () => {
      faults.clear()
      return noContent
    },
    'GET tenant': () => ({ status: 200, body: settingsOf(state) }),
    'PATCH tenant': (body) => {
      const asked = Object.entries(settings.parse(JSON.parse(body)))
      state.apply([{ set: Object.fromEntries(asked.filter(([, value]) => value !== undefined)) }])
      return { status: 200, body: settingsOf(state) }
    },
    'POST activations': (body) => {
      const { id, startDateTime, endDateTime } = activateByPerson(state, JSON.parse(body), now())
      return { status: 201, body: { id, startDateTime, endDateTime } }
    },
    'POST delta-reset': () => {
      state.apply([{ set: { deltaGeneration: state.now().settings.deltaGeneration + 1 } }])
      return noContent
    },
  }

  return ({ method, url, body }: SimulatorRequest): SimulatorAnswer => {
    const name = `${method} ${url.pathname.slice('/_simulator/'.length)}`
    const action = Object.hasOwn(actions, name) ? actions[name] : undefined
    if (action === undefined) {
      return {
        status: 404,
        body: { error: `There is only ${Object.keys(actions).join(', ')} here` },
      }
    }
    try {
      return action(body)
    } catch (error) {
      const text = error instanceof z.ZodError ? z.prettifyError(error) : String(error)
      return { status: 400, body: { error: `Cannot ${name}: ${text}` } }
    }
  }
}

function settingsOf(state: State) {
  const { premium, provisioningSeconds, longestAssignmentDays } = state.now().settings
  return { premium, provisioningSeconds, longestAssignmentDays }
}
