import type { Directory, PeopleFound, PeopleQuery } from './directory.ts'
import { type BatchNeeds, createBatches, type Step, type StepAnswer } from './graph-batch.ts'
import { groupFrom, objectKind, pageShape, parsed, textOf, userFrom } from './graph-objects.ts'
import {
  groupAttributePath,
  groupMembersPath,
  groupOwnersPath,
  groupPath,
  isAttributeName,
  isObjectId,
  managerPath,
  matchingPath,
  userPath,
} from './graph-paths.ts'

const action = 'look up who may approve'
const pageSize = 999
const nobody: PeopleFound = { users: [], groups: [], isComplete: true }

/** Finds the people behind approvers, all of them in as few batches as they fit into. */
export function createPeople(needs: BatchNeeds): Pick<Directory, 'findPeople' | 'groupAttribute'> {
  const runBatches = createBatches(action, needs)
  return {
    async findPeople(queries) {
      const steps = new Map<string, Step>()
      for (const [index, query] of queries.entries()) {
        for (const [name, url] of urlsOf(query)) {
          steps.set(`${index} ${name}`, { method: 'GET', url })
        }
      }
      if (steps.size === 0) return queries.map(() => nobody)
      const answers = await runBatches(steps)
      return queries.map((query, index) =>
        foundFrom(query, (name) => answers.get(`${index} ${name}`)),
      )
    },

    async groupAttribute(groupId, attribute) {
      if (!isObjectId(groupId) || !isAttributeName(attribute)) return undefined
      const url = groupAttributePath(groupId, attribute)
      const answers = await runBatches(new Map([['group', { method: 'GET', url }]]))
      const answer = answers.get('group')
      return answer?.status === 200 ? textOf(answer.body, attribute) : undefined
    },
  }
}

/** What cannot be named is not asked, and so not found. */
function urlsOf(query: PeopleQuery): readonly (readonly [name: string, url: string])[] {
  switch (query.by) {
    case 'user':
      return isObjectId(query.id) ? [['users', userPath(query.id)]] : []
    case 'group':
      return isObjectId(query.id)
        ? [
            ['group', groupPath(query.id)],
            ['page', groupMembersPath(query.id, pageSize)],
          ]
        : []
    case 'manager':
      return isObjectId(query.of) ? [['users', managerPath(query.of)]] : []
    case 'owners':
      return isObjectId(query.group) ? [['page', groupOwnersPath(query.group)]] : []
    case 'attribute':
      return isAttributeName(query.attribute)
        ? [['page', matchingPath(query.of, query.attribute, query.value)]]
        : []
  }
}

function foundFrom(
  query: PeopleQuery,
  answerOf: (name: string) => StepAnswer | undefined,
): PeopleFound {
  const one = answerOf('users')
  if (one?.status === 200) return { ...nobody, users: [userFrom(one.body)] }
  const answer = answerOf('page')
  if (answer?.status !== 200) return nobody
  const page = parsed(pageShape, answer.body)
  const isComplete = page['@odata.nextLink'] === undefined
  if (query.by === 'attribute' && query.of === 'group') {
    const groups = page.value.map(groupFrom).map(({ ref, name }) => ({ id: ref.id, name }))
    return { users: [], groups, isComplete }
  }
  const users = page.value.filter((item) => isUser(query, item)).map(userFrom)
  const group = answerOf('group')
  if (group?.status !== 200) return { users, groups: [], isComplete }
  const { ref, name } = groupFrom(group.body)
  return { users, groups: [{ id: ref.id, name }], isComplete }
}

/** Lists of links hold objects of any kind; a list of users says no kind. */
function isUser(query: PeopleQuery, item: unknown): boolean {
  return query.by === 'attribute' || objectKind(item) === 'user'
}
