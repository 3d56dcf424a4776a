import { candidatesOf } from '../access/automatic.ts'
import type { Facts } from '../directory/directory.ts'
import { countCovered, markCovered } from '../ledger/automatic-rows.ts'
import type { AutomaticPolicy } from './automatic-policy.ts'
import type { FlowProgress } from './automatic-state.ts'
import type { Needs } from './needs.ts'

/** People whose facts one look at the directory asks for. */
const peopleALook = 20
const usersAPage = 200

/** Looks at one page of the people who may fit, and marks those who do. */
export async function collectPage(
  needs: Needs,
  policy: AutomaticPolicy,
  current: FlowProgress,
): Promise<FlowProgress> {
  const { users, groups, everybody } = candidatesOf(policy.flow.requesters)
  const sources = everybody
    ? (['everybody'] as const)
    : [...(users.length === 0 ? [] : [{ users }]), ...groups.map((group) => ({ group }))]
  const source = sources[current.source]
  const { token: former, ...rest } = current
  if (source === undefined) {
    const people = await countCovered(needs.tables, current.name, current.mark)
    return { ...rest, phase: 'apply', people }
  }
  const page =
    source !== 'everybody' && 'users' in source
      ? pageOfUsers(source.users, former)
      : await pageOfPeople(needs, source, former)
  const covered: string[] = []
  for await (const { ids, facts } of factsOf(needs, policy, page.ids)) {
    covered.push(...ids.filter((id) => policy.covers(id, facts)))
  }
  await markCovered(needs.tables, current.name, covered, current.mark)
  return page.token === undefined
    ? { ...rest, source: current.source + 1 }
    : { ...rest, token: page.token }
}

interface PageOfIds {
  readonly ids: readonly string[]
  readonly token?: string
}

function pageOfUsers(users: readonly string[], token: string | undefined): PageOfIds {
  const from = Number(token ?? 0)
  const ids = users.slice(from, from + usersAPage)
  return from + usersAPage < users.length ? { ids, token: String(from + usersAPage) } : { ids }
}

async function pageOfPeople(
  { directory }: Needs,
  of: { readonly group: string } | 'everybody',
  former: string | undefined,
): Promise<PageOfIds> {
  const { users, token } = await directory.readPeople(of, former)
  const ids = users.filter(({ enabled }) => enabled).map(({ id }) => id)
  return token === undefined ? { ids } : { ids, token }
}

/** What the directory says of people now, a few at a time. */
export async function* factsOf(
  { directory }: Pick<Needs, 'directory'>,
  { asks }: Pick<AutomaticPolicy, 'asks'>,
  people: readonly string[],
): AsyncGenerator<{ readonly ids: readonly string[]; readonly facts: Facts }> {
  for (let start = 0; start < people.length; start += peopleALook) {
    const ids = people.slice(start, start + peopleALook)
    yield { ids, facts: await directory.lookUp({ people: ids, ...asks }) }
  }
}
