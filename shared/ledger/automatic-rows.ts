import type { AccessKey } from '../access/access.ts'
import { joinJson, splitJson } from './columns.ts'
import { type Row, rowsOf, type Tables, type Write } from './tables.ts'

/** One access that an automatic flow gives, as part of a row. */
export type GivenAccess = Pick<AccessKey, 'resource' | 'permission'>

/** A person whom an automatic flow covers, and what it gives him. The pairs are the truth of it. */
export interface CoveredPerson {
  readonly id: string
  /** The look at everybody that found him last. */
  readonly mark: string
  readonly given: readonly GivenAccess[]
  /** When he has to be looked at again, changed or not. */
  readonly dueAt?: string
  /** What was true of flow and resources when he was last looked at. */
  readonly print?: string
  /** Starts since one was last found to have succeeded. */
  readonly starts?: number
}

export type AutomaticFlowState = 'running' | 'needs-confirmation' | 'stopped'

/** What the last evaluation of a flow found. */
export interface EvaluatedFlow {
  readonly name: string
  readonly people: number
  readonly state: AutomaticFlowState
  readonly evaluatedAt: string
  /** The look at everybody that counted them. */
  readonly mark: string
  /** When the first of its people has to be looked at again. */
  readonly dueAt?: string
}

const flowsPartition = 'automatic-flows'

function partitionOf(flow: string): string {
  return `automatic-people-${flow.toLowerCase()}`
}

/** Flows that were evaluated as automatic ones, also after they have ceased to be. */
export async function evaluatedFlows(tables: Tables): Promise<readonly EvaluatedFlow[]> {
  const flows: EvaluatedFlow[] = []
  for await (const { columns } of rowsOf(tables, 'Index', flowsPartition, {})) {
    flows.push(joinJson('flow', columns) as EvaluatedFlow)
  }
  return flows
}

export async function readEvaluatedFlow(
  tables: Tables,
  name: string,
): Promise<EvaluatedFlow | undefined> {
  const row = await tables.read('Index', flowsPartition, name.toLowerCase())
  return row === undefined ? undefined : (joinJson('flow', row.columns) as EvaluatedFlow)
}

export async function keepEvaluatedFlow(tables: Tables, flow: EvaluatedFlow): Promise<void> {
  const key = flow.name.toLowerCase()
  await tables.write('Index', flowsPartition, [
    { do: 'put', key, columns: splitJson('flow', flow) },
  ])
}

export async function dropEvaluatedFlow(tables: Tables, name: string): Promise<void> {
  await tables.write('Index', flowsPartition, [{ do: 'drop', key: name.toLowerCase() }])
}

/** Table Storage takes so many writes a transaction. */
const mostWrites = 100

/** Marks people as covered; what is known of them stays. */
export async function markCovered(
  tables: Tables,
  flow: string,
  people: readonly string[],
  mark: string,
): Promise<void> {
  const writes = people.map((id): Write => ({ do: 'merge', key: id, columns: { mark } }))
  for (let start = 0; start < writes.length; start += mostWrites) {
    await tables.write('Index', partitionOf(flow), writes.slice(start, start + mostWrites))
  }
}

/** Counts the people that a look at everybody has found. */
export async function countCovered(tables: Tables, flow: string, mark: string): Promise<number> {
  let count = 0
  for await (const { columns } of rowsOf(tables, 'Index', partitionOf(flow), {})) {
    if (columns['mark'] === mark) count++
  }
  return count
}

export async function coveredPage(
  tables: Tables,
  flow: string,
  { limit, after }: { readonly limit: number; readonly after?: string | undefined },
): Promise<{ readonly people: readonly CoveredPerson[]; readonly next?: string }> {
  const options = { limit, ...(after === undefined ? {} : { after }) }
  const page = await tables.page('Index', partitionOf(flow), {}, options)
  const people = page.rows.map(personFrom)
  return page.next === undefined ? { people } : { people, next: page.next }
}

export async function keepCovered(
  tables: Tables,
  flow: string,
  person: CoveredPerson,
): Promise<void> {
  const { id, mark, ...facts } = person
  const columns = { mark, ...splitJson('person', facts) }
  await tables.write('Index', partitionOf(flow), [{ do: 'put', key: id, columns }])
}

export async function dropCovered(tables: Tables, flow: string, id: string): Promise<void> {
  await tables.write('Index', partitionOf(flow), [{ do: 'drop', key: id }])
}

function personFrom({ key, columns }: Row): CoveredPerson {
  const facts = joinJson('person', columns) as Omit<CoveredPerson, 'id' | 'mark'> | undefined
  return { given: [], ...facts, id: key, mark: String(columns['mark']) }
}
