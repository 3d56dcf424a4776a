import { carryOnAutomatic, orderAfterChange } from '../../shared/operations/automatic-flows.ts'
import { confirmAutomatic, readAutomaticView } from '../../shared/operations/confirm-automatic.ts'
import { putDocument } from '../../shared/operations/documents.ts'
import { tenantId } from '../operations/broker-in-memory.ts'
import { moveCrowd } from './crowd.ts'
import { accessOf, automaticFlow, named } from './people.ts'
import { insist, type Stage } from './stage.ts'
import type { Step } from './story.ts'
import type { Product } from './workers.ts'

type Do<Name extends Step['do']> = Extract<Step, { readonly do: Name }>

export const admin = {
  id: '20000000-0000-4000-8000-00000000000a',
  tenantId,
  kind: 'user',
  roles: ['Access.Admin'],
} as const

/** What others do in the directory, past the broker. */
export function changeByHand(stage: Stage, step: Do<'hand-add' | 'hand-remove'>): void {
  change(stage, step.who, step.resource, step.do === 'hand-add')
}

/** Into the team and out of it. */
export function changeTeam(stage: Stage, step: Do<'join' | 'leave'>): void {
  change(stage, step.who, 'team', step.do === 'join')
}

/** What the person does by himself; the directory ends it. */
export function activate(stage: Stage, step: Do<'activate'>): void {
  const endsAt = new Date(stage.time.now() + step.seconds * 1_000).toISOString()
  change(stage, step.who, step.resource, true, { by: 'activated', endsAt })
}

function change(
  stage: Stage,
  who: string,
  resource: string,
  isAdd: boolean,
  schedule?: { readonly by: 'activated'; readonly endsAt: string },
): void {
  const { directory, troubles, model, world } = stage
  const access = accessOf(who, resource)
  if (directory.isHeld(access) === isAdd) return
  if ([access.grantee, access.resource.id].some((id) => world.deleted.has(id))) return
  troubles.beforeChange(directory)
  stage.note('hands')
  if (isAdd) directory.addByHand(access, schedule)
  else directory.removeByHand(access)
  model.changedByHand(access, isAdd)
}

export function changeAccount({ world, directory, note }: Stage, step: Do<'disable' | 'enable'>) {
  const id = named(step.who)
  note('accounts')
  directory.addUser({ id, displayName: step.who, enabled: step.do === 'enable' })
  world.disable(id, step.do === 'disable')
}

export function changeObject({ world, directory, note }: Stage, step: Do<'delete' | 'restore'>) {
  const id = named(step.what)
  note('objects')
  if (step.do === 'delete') {
    directory.deleteObject(id)
    world.delete(id)
  } else {
    directory.restoreObject(id)
    world.restore(id)
  }
}

export function changeCrowd({ directory, note }: Stage, { joins }: Do<'crowd'>): void {
  note('crowds')
  moveCrowd(directory, joins)
}

/** Says yes to as many as the last evaluation has counted. */
export function confirm(stage: Stage): void {
  stage.confirmed = true
  insist(stage, async ({ needs, readConfiguration }) => {
    const { name } = automaticFlow
    const people = (await readAutomaticView(needs, name))?.people
    if (people === undefined) return
    await confirmAutomatic(needs, readConfiguration, admin, { name, expectedCount: people })
  })
}

/** Tried until it is done; what was wanted last counts. */
export function switchFlow(stage: Stage, { active }: Do<'switch-flow'>): void {
  stage.world.set('flow-on', active)
  // Another version has to be confirmed again.
  stage.confirmed = false
  const put = async ({ needs }: Product) => {
    const document = { ...automaticFlow, active: stage.world.is('flow-on') }
    await putDocument(needs, admin, 'access-flow', document, {})
    await orderAfterChange(needs, document)
  }
  insist(stage, put, Number.POSITIVE_INFINITY)
}

/** Work of the timer of automatic flows, for as long as one call may take. */
export async function evaluate(product: Product): Promise<void> {
  const { needs, settlePair, clockwork, readConfiguration, readResources } = product
  const work = { settlePair, clockwork, readConfiguration, readResources, milliseconds: 120_000 }
  await carryOnAutomatic(needs, work)
}
