import type * as z from 'zod'
import { read } from './answers.ts'
import type { Sent } from './api.ts'
import { CliError } from './cli-error.ts'
import type { Context } from './context.ts'

interface List<Item> {
  readonly items: readonly Item[]
  readonly next?: string | undefined
}

/** Reads a list page by page, as far as somebody wants to see it, and says where it stopped. */
export async function readList<Item>(
  { api, say }: Pick<Context, 'api' | 'say'>,
  path: string,
  schema: z.ZodType<List<Item>>,
  limit: string,
  sent: Sent,
): Promise<List<Item>> {
  const most = Number(limit)
  if (!Number.isInteger(most) || most < 1) {
    throw new CliError(`Cannot list ${limit} items: --limit takes a whole number`)
  }
  const items: Item[] = []
  let next: string | undefined
  do {
    const { body } = await api.call('GET', path, { ...sent, query: { ...sent.query, next } })
    const page = read(schema, body)
    items.push(...page.items)
    next = page.next
  } while (next !== undefined && items.length < most)
  if (items.length > most || next !== undefined) say(`There are more; --limit shows them.`)
  return { items: items.slice(0, most), ...(next === undefined ? {} : { next }) }
}
