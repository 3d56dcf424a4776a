import { describe, expect, test } from 'vitest'
import type { AccessFlow } from '../../shared/access/flow.ts'
import {
  asksForTags,
  attributesNamed,
  isExtensionName,
  tagsOf,
} from '../../shared/access/resource-tags.ts'
import { isSelected, type Selector } from '../../shared/access/selector.ts'

const attribute = 'extension_00000000000000000000000000000001_owner'
const other = 'extension_00000000000000000000000000000002_level'

const byTag = (key: string, ...values: string[]): Selector => ({ by: 'tag', key, values })
const resource = (tags?: Record<string, string>) => ({ id: 'g1', name: 'Readers', tags })

describe('a selector by tag', () => {
  test.each<{ tags: Record<string, string> | undefined; selector: Selector; picked: boolean }>([
    { tags: { env: 'prod' }, selector: byTag('env', 'prod'), picked: true },
    { tags: { env: 'prod' }, selector: byTag('env', 'test', 'pro*'), picked: true },
    { tags: { Env: 'PROD' }, selector: byTag('eNV', 'prod'), picked: true },
    { tags: { env: 'prod' }, selector: byTag('env', '*'), picked: true },
    { tags: { env: 'prod' }, selector: byTag('env', 'test'), picked: false },
    { tags: { env: 'prod' }, selector: byTag('tier', 'prod'), picked: false },
    { tags: { tier: '0' }, selector: byTag('env', '*'), picked: false },
    { tags: {}, selector: byTag('env', '*'), picked: false },
    { tags: undefined, selector: byTag('env', '*'), picked: false },
    { tags: { env: 'prod' }, selector: { by: 'tag', values: ['*'] }, picked: false },
  ])('$selector picks what has $tags: $picked', ({ tags, selector, picked }) => {
    expect(isSelected(resource(tags), { include: [selector] })).toBe(picked)
    expect(isSelected(resource(tags), { exclude: [selector] })).toBe(!picked)
  })
})

describe('the tags of a resource', () => {
  test('are those of the directory before those of the catalogue', () => {
    expect(tagsOf({ a: 'directory' }, { a: 'catalogue', b: 'catalogue' })).toEqual({
      a: 'directory',
      b: 'catalogue',
    })
  })
})

describe('the configuration', () => {
  const integration = { name: 'Contoso', resourceTypes: ['group'] as const }
  const flow = (target: object): AccessFlow => ({
    name: 'oncall',
    requesters: { operator: 'or', conditions: [] },
    targets: [
      { integration: 'Contoso', resourceType: 'group', permissions: ['member'], ...target },
    ],
  })

  test('names the attributes of its selectors and of its resource owners, each once', () => {
    const named = {
      integrations: [
        {
          ...integration,
          exclude: [byTag(other, '0')],
          resourceOwner: { keyName: attribute, attribute: 'mail' },
        },
        { ...integration, resourceOwner: { keyName: 'owners', attribute: 'mail' } },
      ],
      flows: [flow({ include: [byTag(attribute, '*'), byTag('env', 'prod')] })],
    }

    expect(attributesNamed(named)).toEqual([attribute, other])
  })

  test.each([
    { where: 'nowhere', named: { integrations: [integration], flows: [flow({})] }, asks: false },
    {
      where: 'in an integration',
      named: {
        integrations: [{ ...integration, include: [byTag('env', '*')] }],
        flows: [],
      },
      asks: true,
    },
    {
      where: 'in a flow',
      named: { integrations: [], flows: [flow({ exclude: [byTag('env', '*')] })] },
      asks: true,
    },
  ])('asks for tags $where: $asks', ({ named, asks }) => {
    expect(asksForTags(named)).toBe(asks)
  })

  test('names neither a tag of the catalogue nor what is picked by id or by name', () => {
    const picking = (by: Selector['by']): Selector => ({ by, key: attribute, values: ['*'] })
    const targets = { include: [picking('id'), picking('name'), byTag('env', '*')] }

    expect(attributesNamed({ integrations: [integration], flows: [flow(targets)] })).toEqual([])
    expect(asksForTags({ integrations: [], flows: [flow({ include: [picking('id')] })] })).toBe(
      false,
    )
  })

  test('names the attribute of a resource owner, which no selector asks for', () => {
    const owned = { ...integration, resourceOwner: { keyName: attribute, attribute: 'mail' } }

    expect(attributesNamed({ integrations: [owned], flows: [] })).toEqual([attribute])
  })

  test('names the first fifty attributes, since each is asked of every group', () => {
    const names = Array.from(
      { length: 51 },
      (_, index) => `extension_${String(index).padStart(32, '0')}_owner`,
    )
    const include = names.toReversed().map((name) => byTag(name, '*'))

    expect(attributesNamed({ integrations: [], flows: [flow({ include })] })).toEqual(
      names.slice(0, 50),
    )
  })

  test.each([
    'owners',
    'env',
    `members,${attribute}`,
    'extension_1_owner',
    `${attribute},members`,
    `${attribute}&$expand=x`,
    `${attribute}/x`,
  ])('never takes %s for an attribute of the directory', (name) => {
    expect(isExtensionName(name)).toBe(false)
  })
})
