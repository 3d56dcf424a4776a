import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseDocument } from 'yaml'
import { type ConfigSet, parseConfigSet } from '../../../shared/config/config-set.ts'
import { type CodeFormat, codeFormats, codeOf } from '../../../shared/config/export/code-of.ts'
import { parseYaml } from '../../../shared/config/parse-yaml.ts'
import { createMemoryTables } from '../../../shared/ledger/memory-tables.ts'
import { applyConfig } from '../../../shared/operations/config-apply.ts'
import { createReadConfiguration } from '../../../shared/operations/system-stream.ts'
import { brokerInMemory, flow } from '../../operations/broker-in-memory.ts'
import { hostile, sets } from './any-set.ts'
import { readBicep, readTerraform } from './read-code.ts'

const readers: Readonly<Record<CodeFormat, (text: string) => unknown>> = {
  terraform: readTerraform,
  bicep: readBicep,
  json: (text) => JSON.parse(text),
  yaml: (text) => {
    const parsed = parseYaml(text)
    if (!parsed.ok) throw new Error(JSON.stringify(parsed.errors))
    return parsed.value
  },
}

const ada = { id: 'ada', tenantId: 'tenant', kind: 'user', roles: ['Access.Admin'] } as const
const { needs } = await brokerInMemory([])

/** What an empty system exports after a set was applied to it. */
async function exportAfter(set: ConfigSet): Promise<ConfigSet> {
  const tables = createMemoryTables()
  const readConfiguration = createReadConfiguration(tables)
  const outcome = await applyConfig({ ...needs, tables }, readConfiguration, ada, set, undefined)
  if (outcome.kind !== 'applied') throw new Error(JSON.stringify(outcome))
  const { integrations, accessFlows } = await readConfiguration()
  return { integrations, accessFlows: accessFlows.map(({ version: _, ...each }) => each) }
}

const someone = '20000000-0000-4000-8000-000000000001'
const runs = { numRuns: 40 }

describe('codeOf()', () => {
  test('says the same in every language, whatever characters there are', () => {
    void fc.assert(
      fc.property(sets, (set) => {
        const body = JSON.parse(codeOf(set, 'json'))
        for (const format of codeFormats) {
          expect(readers[format](codeOf(set, format)), format).toEqual(body)
        }
      }),
      { numRuns: 150 },
    )
  })

  test('applied to an empty system gives the same text again', async () => {
    await fc.assert(
      fc.asyncProperty(sets, fc.constantFrom(...codeFormats), async (set, format) => {
        const first = codeOf(await exportAfter(set), format)
        const parsed = parseConfigSet(readers[format](first))
        if (!parsed.ok) throw new Error(JSON.stringify(parsed.errors))
        expect(codeOf(await exportAfter(parsed.value), format)).toBe(first)
      }),
      runs,
    )
  })

  test('keeps every text code point for code point', () => {
    void fc.assert(
      fc.property(hostile, (text) => {
        const set = { accessFlows: [flow({ description: text, labels: { [text]: text } })] }
        for (const format of codeFormats) {
          expect(readers[format](codeOf(set, format))).toMatchObject({
            accessFlows: [{ description: text, labels: { [text]: text } }],
          })
        }
      }),
      { numRuns: 300 },
    )
  })

  test('writes nothing that hides, and no text of a user outside of quotes', () => {
    // biome-ignore lint/suspicious/noTemplateCurlyInString: other languages' placeholders are meant
    const secret = '\u202eevil\u2028"\'${x}%{y}\n# comment'
    const set = { accessFlows: [flow({ description: secret, labels: { [secret]: 'x' } })] }
    for (const format of codeFormats) {
      const text = codeOf(set, format)
      expect(text).toMatch(/^[\n\u0020-\u007e]+$/)
      const outside = text.replace(/"(\\.|[^"\\])*"/g, '').replace(/'(\\.|[^'\\])*'/g, '')
      expect(outside).not.toContain('evil')
      expect(outside).not.toMatch(/[#]|\/\//)
    }
  })

  test('writes YAML that other readers of YAML 1.2 take without complaint', () => {
    void fc.assert(
      fc.property(sets, (set) => {
        const document = parseDocument(codeOf(set, 'yaml'), { version: '1.2' })
        expect([...document.errors, ...document.warnings]).toEqual([])
      }),
      runs,
    )
  })

  test('leaves out what holds anyway and puts names in the order of the schema', () => {
    const set: ConfigSet = {
      integrations: [
        {
          privileged: false,
          drift: 'report',
          endBy: 'broker',
          mechanism: { group: 'direct', 'directory-role': 'pim' },
          connector: 'default',
          resourceTypes: ['group'],
          name: 'One',
        },
      ],
      accessFlows: [
        {
          ticket: { required: false },
          duration: { maximum: 'PT1H' },
          targets: [{ permissions: ['member'], resourceType: 'group', integration: 'One' }],
          requesters: {
            conditions: [{ values: [someone], match: 'is', type: 'user' }],
            operator: 'or',
          },
          intake: ['http'],
          trigger: 'self-serve',
          effect: 'allow',
          active: true,
          name: 'oncall',
        },
      ],
    }

    expect(codeOf(set, 'yaml')).toBe(`integrations:
  - name: "One"
    resourceTypes:
      - "group"
    mechanism:
      "directory-role": "pim"
accessFlows:
  - name: "oncall"
    requesters:
      operator: "or"
      conditions:
        - type: "user"
          values:
            - "${someone}"
    targets:
      - integration: "One"
        resourceType: "group"
        permissions:
          - "member"
    duration:
      maximum: "PT1H"
`)
  })

  test('lines up as the formatters of the languages do', () => {
    const set: ConfigSet = {
      integrations: [{ name: 'One', resourceTypes: ['group'], include: [] }],
      accessFlows: [],
    }

    expect(codeOf(set, 'terraform').split('\n').slice(0, 13).join('\n')).toBe(`locals {
  access_config = {
    integrations = [
      {
        name          = "One"
        resourceTypes = ["group"]
        include       = []
      },
    ]
    accessFlows = []
  }
}
`)
    expect(codeOf(set, 'bicep')).toBe(`using 'main.bicep'

param accessConfig = {
  integrations: [
    {
      name: 'One'
      resourceTypes: ['group']
      include: []
    }
  ]
  accessFlows: []
}
`)
  })
})
