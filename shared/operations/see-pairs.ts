import type { AccessKey } from '../access/access.ts'
import type { Sighting } from '../access/drift.ts'
import { DirectoryUnavailableError } from '../access/errors.ts'
import type { DirectoryUser, Holding } from '../directory/directory.ts'
import type { Needs } from './needs.ts'

type SeeingNeeds = Pick<Needs, 'directory' | 'now'>

/** Looks at many accesses with as few calls as possible; undefined when the directory is away. */
export async function seePairs(
  needs: SeeingNeeds,
  keys: readonly AccessKey[],
): Promise<readonly Sighting[] | undefined> {
  if (keys.length === 0) return []
  const { directory, now } = needs
  const readAt = now()
  return unlessAway(async () => {
    const people = [...new Set(keys.map(({ grantee }) => grantee))]
    const facts = await directory.lookUp({ people, groups: [] })
    const holdings = await directory.holdsEach(keys)
    return keys.flatMap(({ grantee }, index) => {
      const holding = holdings[index]
      if (holding === undefined) return []
      const isResourceGone = holding.missing === 'resource'
      return [sightingOf(readAt, facts.people.get(grantee), holding, isResourceGone)]
    })
  })
}

/** Looks at one access whose person or resource was deleted, a role and its scope included. */
export async function seeWatched(
  needs: SeeingNeeds,
  key: AccessKey,
): Promise<Sighting | undefined> {
  const { directory, now } = needs
  const readAt = now()
  return unlessAway(async () => {
    const { grantee, resource } = key
    const facts = await directory.lookUp({ people: [grantee], groups: [], resource })
    const holding = await directory.holds(key)
    return sightingOf(readAt, facts.people.get(grantee), holding, facts.resource === undefined)
  })
}

async function unlessAway<T>(look: () => Promise<T>): Promise<T | undefined> {
  try {
    return await look()
  } catch (error) {
    if (error instanceof DirectoryUnavailableError) return undefined
    throw error
  }
}

function sightingOf(
  readAt: Date,
  person: DirectoryUser | undefined,
  { present, assignmentId }: Holding,
  isResourceGone: boolean,
): Sighting {
  return {
    readAt,
    present,
    person: stateOf(person),
    isResourceGone,
    ...(assignmentId === undefined ? {} : { assignmentId }),
  }
}

/** Who cannot be told to be disabled has not left: a missing permission must not end all access. */
function stateOf(person: DirectoryUser | undefined): Sighting['person'] {
  if (person === undefined) return 'gone'
  return person.enabled || person.isEnabledUnknown === true ? 'enabled' : 'disabled'
}
