import { readRequest } from '../../shared/ledger/pair-ledger.ts'
import { setEmergencyStop } from '../../shared/operations/emergency-stop.ts'
import { endRequest } from '../../shared/operations/end-request.ts'
import { extendRequest } from '../../shared/operations/extend-request.ts'
import { openReasons } from '../../shared/operations/grants.ts'
import { orderMassEnd } from '../../shared/operations/mass-end.ts'
import { orderReconcile } from '../../shared/operations/reconcile.ts'
import type { SubmitOutcome } from '../../shared/operations/submit-request.ts'
import { tenantId } from '../operations/broker-in-memory.ts'
import {
  activate,
  admin,
  changeAccount,
  changeByHand,
  changeCrowd,
  changeObject,
  changeTeam,
  confirm,
  switchFlow,
} from './hands.ts'
import { named } from './people.ts'
import { insist, type Stage } from './stage.ts'
import type { Step } from './story.ts'

type Do<Name extends Step['do']> = Extract<Step, { readonly do: Name }>

const callerOf = (id: string) => ({ id, tenantId, kind: 'user', roles: [] }) as const
/** Begins one step; what it takes goes on beside the others. */
export function play(stage: Stage, step: Step): void {
  const { troubles, time } = stage
  switch (step.do) {
    case 'ask':
      for (let time = 0; time < step.times; time++) ask(stage, step, time)
      return
    case 'extend':
      extend(stage, step)
      return
    case 'decide':
      decide(stage, step)
      return
    case 'end':
      end(stage, step)
      return
    case 'end-all':
      endAll(stage, step)
      return
    case 'stop':
      switchStop(stage, step)
      return
    case 'hand-add':
    case 'hand-remove':
      changeByHand(stage, step)
      return
    case 'activate':
      activate(stage, step)
      return
    case 'disable':
    case 'enable':
      changeAccount(stage, step)
      return
    case 'delete':
    case 'restore':
      changeObject(stage, step)
      return
    case 'join':
    case 'leave':
      changeTeam(stage, step)
      return
    case 'crowd':
      changeCrowd(stage, step)
      return
    case 'confirm':
      confirm(stage)
      return
    case 'switch-flow':
      switchFlow(stage, step)
      return
    case 'drop-orchestration': {
      const id = stage.requestOf(step.of)
      if (id === undefined) return
      troubles.note('orchestration-dropped')
      stage.orchestrations.drop(id)
      return
    }
    case 'lose-rows':
      loseRows(stage, step)
      return
    case 'clock-step':
      time.jump(step.seconds * 1000)
      troubles.note('clock-step')
      return
    case 'reconcile':
      insist(stage, ({ needs }) => orderReconcile(needs))
      return
  }
}

function ask(stage: Stage, step: Do<'ask'>, nth: number): void {
  const { time, random } = stage
  const { key, seconds, startsAt } = step
  const body = {
    resource: { type: 'group', id: named(step.resource) },
    duration: `PT${seconds}S`,
    accessFlow: step.flow,
    ...(startsAt === undefined ? {} : { startsAt: new Date(stage.begin + startsAt).toISOString() }),
  } as const
  const who = named(step.who)
  const { late = 0 } = step
  if (late > 0) stage.note('late-messages')
  const later = late + (nth === 0 ? 0 : random.between(0, 20_000))
  const enqueuedAt = new Date(time.now())
  time.at(time.now() + later, () =>
    step.by === 'queue'
      ? insist(
          stage,
          async ({ takeMessage, clockwork }) => {
            const message = { messageId: key, body: { ...body, requester: who }, enqueuedAt }
            const outcome = await takeMessage(message, clockwork)
            if (outcome.kind === 'accepted') stage.model.answered(key, outcome.requestId)
          },
          30,
        )
      : insist(stage, async ({ submitRequest, clockwork }) => {
          const outcome = await submitRequest(
            {
              body,
              intake: 'http',
              requester: who,
              requesterIsApplication: false,
              actor: { id: who, type: 'user' },
              claim: { owner: who, key, body },
              correlationId: key,
            },
            clockwork,
          )
          heard(stage, key, outcome)
        }),
  )
}

function heard({ model }: Stage, key: string, outcome: SubmitOutcome): void {
  if (outcome.kind === 'accepted') model.answered(key, outcome.request.reason.id)
}

function extend(stage: Stage, { of, key, seconds }: Do<'extend'>): void {
  insist(stage, async ({ needs, submitRequest, clockwork }) => {
    const id = stage.requestOf(of)
    const request = id === undefined ? undefined : await readRequest(needs.tables, id)
    if (request === undefined) return
    const outcome = await extendRequest(
      (arrival, via) => submitRequest({ ...arrival, correlationId: key }, via),
      request,
      callerOf(request.key.grantee),
      { duration: `PT${seconds}S` },
      clockwork,
      { key, body: { seconds } },
    )
    heard(stage, key, outcome)
  })
}

function decide(stage: Stage, { of, by, verdict, seconds }: Do<'decide'>): void {
  insist(stage, async ({ needs, decideApproval, clockwork }) => {
    const id = stage.requestOf(of)
    const request = id === undefined ? undefined : await readRequest(needs.tables, id)
    if (request === undefined) return
    const duration = seconds === undefined ? {} : { duration: `PT${seconds}S` }
    await decideApproval(request, callerOf(named(by)), { verdict, ...duration }, clockwork)
  })
}

function end(stage: Stage, { of, how }: Do<'end'>): void {
  insist(stage, async ({ needs, clockwork }) => {
    const requestId = stage.requestOf(of)
    if (requestId === undefined) return
    const actor = { id: stage.wishOf(of)?.requester ?? admin.id, type: 'user' } as const
    const why = how === 'cancel' ? {} : { endReason: how }
    await endRequest(needs, { requestId, actor, ...why }, clockwork)
    if (how !== 'cancel') stage.model.endAnswered(requestId)
  })
}

function endAll(stage: Stage, { who, resource }: Do<'end-all'>): void {
  insist(stage, async ({ needs, clockwork }) => {
    const filter = {
      ...(who === undefined ? {} : { grantee: named(who) }),
      ...(resource === undefined ? {} : { resource: named(resource) }),
    }
    const counted = new Set(['granting', 'active'])
    let expectedCount = 0
    for await (const _ of openReasons(needs.tables, filter, counted)) expectedCount++
    const actor = { id: admin.id, type: 'user' } as const
    const order = { filter, reason: 'an incident', expectedCount }
    const active = [...stage.model.requests.values()].filter(
      ({ status, wish: { access } }) =>
        status === 'active' &&
        (filter.grantee ?? access.grantee) === access.grantee &&
        (filter.resource ?? access.resource.id) === access.resource.id,
    )
    const outcome = await orderMassEnd(needs, actor, order, clockwork)
    if (outcome.kind !== 'ordered') throw new Error(outcome.detail)
    const ordered = stage.tables
      .all('Index')
      .filter(({ partition }) => partition === `m-${outcome.id}`)
    const isTarget = (id: string) => ordered.some(({ key }) => key === `g-${id}`)
    for (const { id } of active) if (!isTarget(id)) stage.model.leftOut(id)
  })
}

function switchStop(stage: Stage, { active }: Do<'stop'>): void {
  // From here on it may be off; only once it is answered it is on for certain.
  if (!active) stage.model.stopAnswered(false)
  insist(stage, async ({ needs }) => {
    if (active) stage.world.set('surely-running', false)
    await setEmergencyStop(needs, admin, { active, reason: 'an incident' })
    stage.world.set('surely-running', !active)
    stage.model.stopAnswered(active)
  })
}

/** What lies in the index is no truth: reconcile has to find what is lost with it. */
function loseRows({ tables, troubles, begin, time }: Stage, { rows }: Do<'lose-rows'>): void {
  for (const { partition, key } of tables.all('Index')) {
    const isDue = partition === 'work' && key.startsWith('d-')
    const isView = partition !== 'work' && !partition.startsWith('m-')
    if (rows === 'due' ? isDue : isView) tables.lose('Index', partition, key)
  }
  const hour = 3_600_000
  const next = begin + Math.ceil((time.now() - begin + 1) / hour) * hour
  troubles.note(`rows-lost-${rows}`, rows === 'due' ? next + 10_000 : time.now())
}
