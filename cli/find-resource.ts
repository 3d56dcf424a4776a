import { catalog, read } from './answers.ts'
import { CliError } from './cli-error.ts'
import type { Context } from './context.ts'
import { shown } from './text.ts'

/** A resource as a request names it. */
export interface Wanted {
  readonly name: string
  readonly ref: { readonly type: string; readonly id: string; readonly scope?: string }
  /** What its flow suggests, where it was found by name. */
  readonly defaultDuration?: string | undefined
}

interface Narrowed {
  readonly type?: string | undefined
  readonly scope?: string | undefined
  readonly integration?: string | undefined
}

const objectId = /^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/i
const mostShown = 5

/** Finds resources by object id as they are, and by name in what the person may ask for. */
export async function findResources(
  context: Context,
  names: readonly string[],
  narrowed: Narrowed,
): Promise<readonly Wanted[]> {
  const found: Wanted[] = []
  for (const name of names) found.push(await findResource(context, name, narrowed))
  return found
}

async function findResource(
  { api }: Context,
  name: string,
  { type, scope, integration }: Narrowed,
): Promise<Wanted> {
  if (objectId.test(name)) {
    const ref = { type: type ?? 'group', id: name, ...(scope === undefined ? {} : { scope }) }
    return { name, ref }
  }
  const { body } = await api.call('GET', '/catalog', {
    action: `find "${name}"`,
    query: { q: name, type, integration },
  })
  const { items } = read(catalog, body)
  const wanted = fold(name)
  const exact = items.filter(
    ({ resource }) =>
      fold(resource.name) === wanted && (scope === undefined || resource.scope === scope),
  )
  const [first] = exact
  const isOne = new Set(exact.map(({ resource }) => `${resource.id} ${resource.scope}`)).size === 1
  if (first === undefined || !isOne) throw notFound(name, exact.length > 0 ? exact : items)
  const { type: of, id, scope: at } = first.resource
  return {
    name: first.resource.name,
    ref: { type: of, id, ...(of === 'group' || at === undefined ? {} : { scope: at }) },
    defaultDuration: first.defaultDuration,
  }
}

function notFound(
  name: string,
  near: readonly { readonly resource: { readonly name: string; readonly id: string } }[],
): CliError {
  const names = near
    .slice(0, mostShown)
    .map(({ resource }) => `${shown(resource.name)} (${resource.id})`)
  return names.length === 0
    ? new CliError(`Cannot ask for "${name}": you may ask for nothing of that name`, {
        hint: 'What you may ask for: entra-jit catalog',
      })
    : new CliError(`Cannot tell which resource is meant by "${name}"`, {
        hint: `Perhaps: ${names.join(', ')}`,
      })
}

function fold(text: string): string {
  return text.normalize('NFC').toLowerCase()
}
