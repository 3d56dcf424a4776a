import { type Row, rowsOf, TableConflictError } from '../ledger/tables.ts'
import type { MostPeopleLeft, Needs } from './needs.ts'

/**
 * A directory that answers nonsense, such as every account disabled, must not end everything. So a
 * reconcile only notes whose accounts are disabled or gone, and when it is through, either ends the
 * access of all of them or, where they are too many, of nobody.
 */
const partition = 'reconcile'
const confirmedKey = 'left-confirmed'
const confirmedMilliseconds = 24 * 3_600_000

const usual: MostPeopleLeft = { people: 20, percent: 20 }

type LeftNeeds = Pick<Needs, 'tables' | 'now' | 'rules' | 'log'>

/** Notes a pair whose person has left. */
export async function noteLeft(
  { tables }: Pick<Needs, 'tables'>,
  subject: string,
  grantee: string,
): Promise<void> {
  await tables.write('Index', partition, [
    { do: 'put', key: `left-${subject}`, columns: { subject, grantee } },
  ])
}

/** Forgets what an earlier reconcile noted. */
export async function forgetLeft({ tables }: Pick<Needs, 'tables'>): Promise<void> {
  for (const row of await notedRows(tables)) await drop(tables, row.key)
}

/** An administrator has looked: so many people have left indeed. */
export async function confirmLeft(
  { tables, now }: Pick<Needs, 'tables' | 'now'>,
  people: number,
): Promise<void> {
  await tables.write('Index', partition, [
    { do: 'put', key: confirmedKey, columns: { people, at: now().toISOString() } },
  ])
}

/** Pairs to end because their person has left: all that were noted, or none where they are too many. */
export async function judgeLeft(
  needs: LeftNeeds,
  looked: number,
): Promise<{ readonly subjects: readonly string[]; readonly heldBack: number }> {
  const rows = await notedRows(needs.tables)
  const subjects = rows.map(({ columns }) => String(columns['subject']))
  const people = new Set(rows.map(({ columns }) => columns['grantee'])).size
  const most = needs.rules.mostPeopleLeft ?? usual
  const isMany = people > most.people && rows.length * 100 > looked * most.percent
  if (!isMany || people <= (await confirmedPeople(needs))) return { subjects, heldBack: 0 }
  needs.log('error', 'So many people have left that it is not believed: nobody is ended', {
    code: 'PEOPLE_LEFT_HELD',
    people,
    accesses: rows.length,
    of: looked,
  })
  return { subjects: [], heldBack: people }
}

/** A confirmation counts for a day, and for no more people than it names. */
async function confirmedPeople({ tables, now }: Pick<Needs, 'tables' | 'now'>): Promise<number> {
  const row = await tables.read('Index', partition, confirmedKey)
  const { people, at } = row?.columns ?? {}
  if (typeof people !== 'number' || typeof at !== 'string') return 0
  return now().getTime() - Date.parse(at) < confirmedMilliseconds ? people : 0
}

async function notedRows(tables: Needs['tables']): Promise<readonly Row[]> {
  const rows: Row[] = []
  const range = { from: 'left-p-', before: 'left-p.' }
  for await (const row of rowsOf(tables, 'Index', partition, range)) rows.push(row)
  return rows
}

/** Another reconcile may have dropped it first. */
async function drop(tables: Needs['tables'], key: string): Promise<void> {
  try {
    await tables.write('Index', partition, [{ do: 'drop', key }])
  } catch (error) {
    if (!(error instanceof TableConflictError)) throw error
  }
}
