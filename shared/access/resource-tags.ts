import type { AccessFlow } from './flow.ts'
import type { Integration } from './integration.ts'
import type { Selector, Tags } from './selector.ts'

/** Where selectors and owners are named. */
interface Named {
  readonly integrations: readonly Integration[]
  readonly flows: readonly AccessFlow[]
}

const extensionPattern = /^extension_[0-9a-f]{32}_[A-Za-z0-9_]{1,200}$/i
/** Each of them is asked of every group. */
const mostAttributes = 50

/** Whether a name can be that of a directory extension attribute. */
export function isExtensionName(name: string): boolean {
  return extensionPattern.test(name)
}

/** The directory extension attributes that the configuration looks at: tags and resource owners. */
export function attributesNamed({ integrations, flows }: Named): readonly string[] {
  const keys = [
    ...tagSelectors({ integrations, flows }).map(({ key }) => key),
    ...integrations.map(({ resourceOwner }) => resourceOwner?.keyName),
  ]
  const names = keys.filter((key) => key !== undefined).filter(isExtensionName)
  return [...new Set(names)].sort().slice(0, mostAttributes)
}

/** Whether anything in the configuration picks resources by their tags. */
export function asksForTags(named: Named): boolean {
  return tagSelectors(named).length > 0
}

/** All tags of a resource: what the directory has of it counts before what the catalogue adds. */
export function tagsOf(attributes: Tags, catalogTags: Tags): Tags {
  return { ...catalogTags, ...attributes }
}

function tagSelectors({ integrations, flows }: Named): readonly Selector[] {
  const lists = [...integrations, ...flows.flatMap(({ targets }) => targets)]
  return lists
    .flatMap(({ include = [], exclude = [] }) => [...include, ...exclude])
    .filter(({ by }) => by === 'tag')
}
