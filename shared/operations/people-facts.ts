import type { PeopleFacts } from '../access/conditions.ts'
import type { Facts } from '../directory/directory.ts'

/** What was looked up of people as conditions ask for it: by object id, however they were asked for. */
export function peopleFactsOf({ people, memberOf }: Facts): PeopleFacts {
  const byId = new Map([...people].map(([asked, user]) => [user.id, { asked, user }]))
  return {
    isMember: (personId, groupId) => {
      const found = byId.get(personId)
      return found !== undefined && (memberOf.get(found.asked)?.has(groupId) ?? false)
    },
    managerOf: (personId) => byId.get(personId)?.user.managerId,
    attributeOf: (personId, attribute) => byId.get(personId)?.user.attributes?.[attribute],
  }
}
