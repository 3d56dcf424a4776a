import type { AccessKey } from '../access/access.ts'
import type { Sighting } from '../access/drift.ts'
import { DirectoryUnavailableError } from '../access/errors.ts'
import type { Pair } from '../access/pair.ts'
import type { FoundSchedule } from '../access/schedule.ts'
import type { DirectoryUser, Holding } from '../directory/directory.ts'
import type { Needs } from './needs.ts'

type SeeingNeeds = Pick<Needs, 'directory' | 'now'>

/** Looks at many accesses with as few calls as possible; undefined when the directory is away. */
export async function seePairs(
  needs: SeeingNeeds,
  pairs: readonly Pick<Pair, 'key' | 'schedule'>[],
): Promise<readonly Sighting[] | undefined> {
  if (pairs.length === 0) return []
  const keys = pairs.map(({ key }) => key)
  const { directory, now } = needs
  const readAt = now()
  return unlessAway(async () => {
    const people = [...new Set(keys.map(({ grantee }) => grantee))]
    const facts = await directory.lookUp({ people, groups: [] })
    const holdings = await directory.holdsEach(keys)
    const schedules = await schedulesOf(directory, pairs)
    return keys.flatMap((key, index) => {
      const { grantee } = key
      const holding = holdings[index]
      if (holding === undefined) return []
      const isResourceGone = holding.missing === 'resource'
      const sighting = sightingOf(readAt, facts.people.get(grantee), holding, isResourceGone)
      const schedule = schedules.get(key)
      return [schedule === undefined ? sighting : { ...sighting, schedule }]
    })
  })
}

/** The schedules behind what was given by one; what has a plain entry is not asked for. */
async function schedulesOf(
  directory: Needs['directory'],
  pairs: readonly Pick<Pair, 'key' | 'schedule'>[],
): Promise<ReadonlyMap<AccessKey, FoundSchedule>> {
  const keys = pairs.flatMap(({ key, schedule }) => (schedule === undefined ? [] : [key]))
  // Whether an access is there shows without them: what cannot be read tells nothing.
  const found = keys.length === 0 ? [] : await unlessAway(() => directory.schedulesOf(keys))
  return new Map(
    keys.flatMap((key, index) => {
      const schedule = found?.[index]
      return schedule === undefined ? [] : [[key, schedule] as const]
    }),
  )
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
