import * as z from 'zod'
import type { ResourceRef } from '../access/access.ts'
import type { GroupPower, HoldingGroup } from '../access/guard.ts'
import { isPrivilegedRole } from '../access/resource-roles.ts'
import type { Power } from './directory.ts'
import type { Step, StepAnswer } from './graph-batch.ts'
import { roleFactsFrom } from './graph-discovery-objects.ts'
import { objectKind, optionalText, pageShape, parsed } from './graph-objects.ts'
import { appRoleHoldersPath, holdingGroupsPath, isObjectId, roleScope } from './graph-paths.ts'

const pageSize = 999

const groupShape = z.object({
  id: z.string(),
  displayName: optionalText,
  isAssignableToRole: z.boolean().nullish(),
})

const holderShape = z.object({ principalId: z.string() })

/** The steps of a batch that ask what power a group brings; a role says it itself. */
export function powerSteps(
  resource: ResourceRef | undefined,
  apiClientId: string | undefined,
): readonly (readonly [string, Step])[] {
  if (resource?.type !== 'group' || !isObjectId(resource.id)) return []
  const mayBeForbidden = true
  return [
    ['held by', { method: 'GET', url: holdingGroupsPath(resource.id, pageSize), mayBeForbidden }],
    ...(apiClientId === undefined
      ? []
      : [
          [
            'holders',
            { method: 'GET', url: appRoleHoldersPath(apiClientId, pageSize), mayBeForbidden },
          ] as const,
        ]),
  ]
}

/** What power the resource brings, by the answers to those steps and to its own. */
export function powerFrom(
  ref: ResourceRef,
  resource: StepAnswer | undefined,
  answers: ReadonlyMap<string, StepAnswer>,
): Power {
  if (ref.type === 'group') {
    return {
      kind: 'group',
      heldBy: heldByFrom(answers.get('held by')),
      appRoleHolders: holdersFrom(answers.get('holders')),
    }
  }
  // In one administrative unit a role reaches nobody but the accounts of that unit.
  const isEverywhere = roleScope(ref)?.kind !== 'unit'
  return {
    kind: 'role',
    isPrivileged: isEverywhere && isPrivilegedRole(roleFactsFrom(resource?.body)),
  }
}

function heldByFrom(answer: StepAnswer | undefined): GroupPower['heldBy'] {
  const items = wholeList(answer)
  if (items === undefined) return 'unreadable'
  return items
    .filter((item) => objectKind(item) === 'group')
    .map((item): HoldingGroup => {
      const { id, displayName, isAssignableToRole } = parsed(groupShape, item)
      return { id: id.toLowerCase(), name: displayName, carriesRoles: isAssignableToRole === true }
    })
}

function holdersFrom(answer: StepAnswer | undefined): GroupPower['appRoleHolders'] {
  const items = wholeList(answer)
  if (items === undefined) return 'unreadable'
  return new Set(items.map((item) => parsed(holderShape, item).principalId.toLowerCase()))
}

/** The items of a list that came as one page; undefined where it did not come, or not all of it. */
function wholeList(answer: StepAnswer | undefined): readonly unknown[] | undefined {
  if (answer?.status !== 200) return undefined
  const page = pageShape.safeParse(answer.body)
  return page.success && page.data['@odata.nextLink'] === undefined ? page.data.value : undefined
}
