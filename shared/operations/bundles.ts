import type { Bundle } from '../access/bundle.ts'
import type { CallerFacts } from './callers.ts'
import type { ReadCatalog } from './catalog.ts'
import { unknownName } from './documents.ts'
import type { Refusal } from './refusal.ts'
import type { ManyArrival } from './submit-many.ts'
import type { ReadConfiguration } from './system-stream.ts'

/** What a request that names a bundle asks for, as the bundle stands now. */
export async function itemsOfBundle(
  readConfiguration: ReadConfiguration,
  name: string,
): Promise<ManyArrival['items'] | Refusal> {
  const { bundles } = await readConfiguration()
  const found = bundles.find((each) => each.name.toLowerCase() === name.toLowerCase())
  return found === undefined ? unknownName('bundle', name) : found.resources
}

/** The bundles of which a caller may ask for one resource at least, with those resources alone. */
export async function bundlesFor(
  caller: CallerFacts,
  bundles: readonly Bundle[],
  readCatalog: ReadCatalog,
): Promise<readonly Bundle[]> {
  if (bundles.length === 0) return []
  const catalog = await readCatalog(caller, {})
  const offered = new Map(catalog.map((item) => [keyOf(item.resource), item]))
  return bundles.flatMap((bundle) => {
    const resources = bundle.resources.filter(({ resource, permission }) => {
      const item = offered.get(keyOf(resource))
      return (
        item !== undefined && (permission === undefined || item.permissions.includes(permission))
      )
    })
    return resources.length === 0 ? [] : [{ ...bundle, resources }]
  })
}

function keyOf(ref: {
  readonly type: string
  readonly id: string
  readonly scope?: string | undefined
}) {
  return `${ref.type} ${ref.id} ${ref.scope ?? '/'}`
}
