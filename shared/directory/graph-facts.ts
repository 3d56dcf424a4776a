import type { ResourceRef } from '../access/access.ts'
import { DirectoryUnavailableError } from '../access/errors.ts'
import type { DirectoryResource, DirectoryUser, Facts, FactsQuery } from './directory.ts'
import { attributesFrom, fieldsOf, knownAttributes, splitExtensions } from './graph-attributes.ts'
import { type BatchNeeds, createBatches, type Step, type StepAnswer } from './graph-batch.ts'
import { groupFrom, idsShape, linkedShape, parsed, roleFrom, userFrom } from './graph-objects.ts'
import {
  administrativeUnitPath,
  checkMemberGroupsPath,
  getMemberGroupsPath,
  groupPath,
  isObjectId,
  managerPath,
  namesPerson,
  roleDefinitionPath,
  roleScope,
  userFieldPath,
  userPath,
} from './graph-paths.ts'
import { powerFrom, powerSteps } from './graph-power.ts'

/** Limit of one `checkMemberGroups`. */
const groupsInCheck = 20

const action = 'look up the facts of a decision'

/** Answers a decision's questions in one batch, or two where it is large or a check is refused. */
export function createLookUp(
  needs: BatchNeeds,
  apiClientId: string | undefined,
): (query: FactsQuery) => Promise<Facts> {
  const runBatches = createBatches(action, needs)

  return async (query) => {
    const people = [...new Set(query.people.filter(namesPerson))]
    const groups = [...new Set(query.groups.filter(isObjectId))]
    const attributes = knownAttributes(query.attributes)
    const steps = new Map<string, Step>()
    for (const person of people) {
      steps.set(`user ${person}`, { method: 'GET', url: userPath(person, fieldsOf(attributes)) })
      if (groups.length > 0) steps.set(`groups ${person}`, membershipStep(person, groups))
      if (query.managers === true) {
        steps.set(`manager ${person}`, { method: 'GET', url: managerPath(person) })
      }
    }
    for (const [key, url] of resourcePaths(query.resource)) steps.set(key, { method: 'GET', url })
    for (const [key, step] of powerSteps(query.resource, apiClientId)) steps.set(key, step)
    if (steps.size === 0) return { people: new Map(), memberOf: new Map() }

    const answers = await runBatches(steps)
    const selections = refusedSelections(people, attributes, answers)
    const there = people.filter(
      (person) => answers.get(`user ${person}`)?.status === 200 || selections.has(`user ${person}`),
    )
    const again = new Map([...selections, ...refusedChecks(there, answers)])
    for (const [key, answer] of await runBatches(again)) answers.set(key, answer)
    const known = knownPeople(people, attributes, answers)
    const resource = resourceFrom(query.resource, answers)
    return {
      people: known,
      memberOf: memberships(known, groups, answers),
      ...(resource === undefined
        ? {}
        : { resource, power: powerFrom(resource.ref, answers.get('resource'), answers) }),
    }
  }
}

function membershipStep(person: string, groups: readonly string[]): Step {
  return groups.length <= groupsInCheck
    ? { method: 'POST', url: checkMemberGroupsPath(person), body: { groupIds: groups } }
    : allGroupsStep(person)
}

function allGroupsStep(person: string): Step {
  return { method: 'POST', url: getMemberGroupsPath(person), body: { securityEnabledOnly: false } }
}

/** A check can fail over a group that is gone; the whole list of a person's groups cannot. */
function refusedChecks(
  people: readonly string[],
  answers: ReadonlyMap<string, StepAnswer>,
): ReadonlyMap<string, Step> {
  const again = new Map<string, Step>()
  for (const person of people) {
    const answer = answers.get(`groups ${person}`)
    if (answer !== undefined && answer.status !== 200) {
      again.set(`groups ${person}`, allGroupsStep(person))
    }
  }
  return again
}

/** One extension that no application defines (any more) must not hide the person: each is asked alone. */
function refusedSelections(
  people: readonly string[],
  attributes: readonly string[],
  answers: ReadonlyMap<string, StepAnswer>,
): ReadonlyMap<string, Step> {
  const { builtIn, extensions } = splitExtensions(attributes)
  const again = new Map<string, Step>()
  for (const person of people) {
    if (answers.get(`user ${person}`)?.status !== 400 || extensions.length === 0) continue
    again.set(`user ${person}`, { method: 'GET', url: userPath(person, fieldsOf(builtIn)) })
    for (const name of extensions) {
      again.set(`user ${person} ${name}`, { method: 'GET', url: userFieldPath(person, name) })
    }
  }
  return again
}

function knownPeople(
  people: readonly string[],
  attributes: readonly string[],
  answers: ReadonlyMap<string, StepAnswer>,
): ReadonlyMap<string, DirectoryUser> {
  const known = new Map<string, DirectoryUser>()
  for (const person of people) {
    const answer = answers.get(`user ${person}`)
    if (answer?.status !== 200) continue
    const alone = attributes.map((name) => answers.get(`user ${person} ${name}`))
    const bodies = [answer, ...alone].flatMap((each) => (each?.status === 200 ? [each.body] : []))
    const managerId = managerFrom(answers.get(`manager ${person}`))
    known.set(person, {
      ...userFrom(answer.body),
      ...(attributes.length === 0
        ? {}
        : {
            attributes: Object.assign(
              {},
              ...bodies.map((body) => attributesFrom(body, attributes)),
            ),
          }),
      ...(managerId === undefined ? {} : { managerId }),
    })
  }
  return known
}

/** Whoever has no manager is answered 404, like somebody who is not there. */
function managerFrom(answer: StepAnswer | undefined): string | undefined {
  if (answer === undefined || answer.status === 404) return undefined
  if (answer.status !== 200) throw unusable('the manager of a person')
  return parsed(linkedShape, answer.body).id.toLowerCase()
}

function memberships(
  known: ReadonlyMap<string, DirectoryUser>,
  groups: readonly string[],
  answers: ReadonlyMap<string, StepAnswer>,
): ReadonlyMap<string, ReadonlySet<string>> {
  const memberOf = new Map<string, ReadonlySet<string>>()
  for (const person of known.keys()) {
    const answer = answers.get(`groups ${person}`)
    if (groups.length > 0 && answer?.status !== 200) throw unusable('the groups of a person')
    const held = new Set(
      groups.length === 0 ? [] : parsed(idsShape, answer?.body).value.map((id) => id.toLowerCase()),
    )
    memberOf.set(person, new Set(groups.filter((id) => held.has(id.toLowerCase()))))
  }
  return memberOf
}

function resourcePaths(resource: ResourceRef | undefined): readonly (readonly [string, string])[] {
  if (resource === undefined || !isObjectId(resource.id)) return []
  if (resource.type === 'group') return [['resource', groupPath(resource.id)]]
  const scope = roleScope(resource)
  if (scope === undefined) return []
  const role = ['resource', roleDefinitionPath(resource.id)] as const
  return scope.kind === 'tenant' ? [role] : [role, ['unit', administrativeUnitPath(scope.id)]]
}

function resourceFrom(
  ref: ResourceRef | undefined,
  answers: ReadonlyMap<string, StepAnswer>,
): DirectoryResource | undefined {
  const answer = answers.get('resource')
  const unit = answers.get('unit')
  if (ref === undefined || answer?.status !== 200) return undefined
  if (unit !== undefined && unit.status !== 200) return undefined
  return ref.type === 'group' ? groupFrom(answer.body) : roleFrom(answer.body, ref, unit?.body)
}

function unusable(what: string): DirectoryUnavailableError {
  return new DirectoryUnavailableError(action, {
    cause: new Error(`The directory's answer cannot be used: ${what}`),
  })
}
