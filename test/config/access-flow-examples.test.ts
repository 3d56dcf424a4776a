import { readFile } from 'node:fs/promises'
import { describe, expect, test } from 'vitest'
import type { AccessFlow } from '../../shared/access/flow.ts'
import { attributeName } from '../../shared/access/user-attributes.ts'
import { accessFlowSchema } from '../../shared/config/access-flow-schema.ts'
import { notYetOffered } from '../../shared/config/not-yet-offered.ts'
import { parse } from '../../shared/config/parse.ts'

const read = (path: string) => readFile(new URL(`../../docs/${path}`, import.meta.url), 'utf8')
const page = await read('access-flows.md')
const blocks = [...page.matchAll(/```json\n(.*?)```/gs)].map(([, text = '']) => text.trim())
const [whole = '', ...parts] = blocks
const { description: _, ...base } = JSON.parse(whole) as Record<string, unknown>

/** Flows, and parts of one, put into the flow that the page begins with. */
const flows = [
  { where: 'examples/night.json', flow: JSON.parse(await read('examples/night.json')) as object },
  { where: 'the first example of the page', flow: JSON.parse(whole) as object },
  ...parts
    .filter((text) => text.startsWith('{') && text.includes('"requesters"'))
    .map((text) => ({ where: 'another whole example', flow: JSON.parse(text) as object })),
  ...parts
    .filter((text) => text.startsWith('"'))
    .map((text) => ({
      where: `the example of ${text.slice(0, text.indexOf(':'))}`,
      flow: { ...base, ...(JSON.parse(`{${text}}`) as object) },
    })),
]

describe('the page about access flows', () => {
  test.each(flows)('shows what can be saved: $where', ({ flow }) => {
    const parsed = parse(accessFlowSchema, { name: 'example', ...flow })

    expect(parsed).toMatchObject({ ok: true })
    if (parsed.ok) expect(notYetOffered('access-flow', parsed.value as AccessFlow)).toEqual([])
  })

  test('has every example in one of these forms', () => {
    expect(flows).toHaveLength(6)
    expect(blocks).toHaveLength(6)
  })

  test('names attributes as the directory spells them', () => {
    const [, listed = ''] =
      /^Attributes that can be asked about: (.*?)directory extensions/ms.exec(page) ?? []
    const names = [...listed.matchAll(/`([A-Za-z0-9]+)`/g)].map(([, name = '']) => name)

    expect(names).toHaveLength(18)
    expect(names.map(attributeName)).toEqual(names)
  })
})
