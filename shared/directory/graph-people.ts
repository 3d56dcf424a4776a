import { DirectoryUnavailableError } from '../access/errors.ts'
import type { Directory, PeopleFound, PeoplePage, PeopleQuery, Principal } from './directory.ts'
import { type BatchNeeds, createBatches, type Step, type StepAnswer } from './graph-batch.ts'
import type { GraphHost } from './graph-host.ts'
import {
  groupFrom,
  objectKind,
  pageShape,
  parsed,
  principalFrom,
  textOf,
  userFrom,
} from './graph-objects.ts'
import {
  groupAttributePath,
  groupMembersPath,
  groupOwnersPath,
  groupPath,
  isAttributeName,
  isObjectId,
  keptPeoplePath,
  listUsersPath,
  managerPath,
  matchingPath,
  nextLinkPath,
  searchPath,
  userPath,
} from './graph-paths.ts'
import { type ReadGraph, unavailable } from './graph-reads.ts'

type Reads = BatchNeeds & { readonly read: ReadGraph; readonly host: GraphHost }

const action = 'look up who may approve'
const pageSize = 999
/** Each of them is judged before the next page, all within the time of one step. */
const peoplePageSize = 200
const nobody: PeopleFound = { users: [], groups: [], isComplete: true }

/** Finds the people behind approvers, all of them in as few batches as they fit into. */
export function createPeople(
  needs: Reads,
): Pick<Directory, 'findPeople' | 'groupAttributes' | 'readPeople' | 'search'> {
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

    readPeople: (of, token) => readPeople(needs, of, token),

    search: (type, text, limit) => search(needs, type, text, limit),

    async groupAttributes(asked) {
      const urls = asked.map(({ group, attribute }) =>
        isObjectId(group) && isAttributeName(attribute)
          ? groupAttributePath(group, attribute)
          : undefined,
      )
      const known = urls.filter((url) => url !== undefined)
      const answers = await runBatches(new Map(known.map((url) => [url, { method: 'GET', url }])))
      return asked.map(({ attribute }, index) => {
        const answer = answers.get(urls[index] ?? '')
        return answer?.status === 200 ? textOf(answer.body, attribute) : undefined
      })
    },
  }
}

/** Lists of links hold objects of any kind; whoever is no user is left out. */
async function readPeople(
  { read, host, now }: Reads,
  of: { readonly group: string } | 'everybody',
  token: string | undefined,
): Promise<PeoplePage> {
  const reading = 'list people'
  const isOfGroup = of !== 'everybody'
  if (isOfGroup && !isObjectId(of.group)) return { users: [] }
  const first = isOfGroup
    ? groupMembersPath(of.group, peoplePageSize)
    : listUsersPath(peoplePageSize)
  const path = token === undefined ? first : keptPeoplePath(token)
  if (path === undefined) throw new DirectoryUnavailableError(reading)
  const answer = await read({ action: reading, path })
  // A group that is gone has no members.
  if (answer.status === 404 && isOfGroup) return { users: [] }
  if (answer.status !== 200) throw unavailable(reading, answer, now())
  const page = parsed(pageShape, answer.body)
  const next = page['@odata.nextLink']
  return {
    users: page.value
      .filter((item) => !isOfGroup || objectKind(item) === 'user')
      .map((item) => userFrom(item)),
    ...(next === undefined ? {} : { token: nextLinkPath(host, next) }),
  }
}

async function search(
  { read, now }: Reads,
  type: Principal['type'],
  text: string,
  limit: number,
): Promise<readonly Principal[]> {
  const searching = `search each ${type}`
  const path = searchPath(type, text, limit)
  const answer = await read({ action: searching, path, isEventual: true })
  if (answer.status !== 200) throw unavailable(searching, answer, now())
  const { value } = parsed(pageShape, answer.body)
  return value.map((item) => principalFrom(type, item))
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
