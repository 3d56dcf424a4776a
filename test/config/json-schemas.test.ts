import { describe, expect, test } from 'vitest'
import { jsonSchemas } from '../../shared/config/json-schemas.ts'

interface Schema {
  readonly $ref?: string
  readonly $defs?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
  readonly additionalProperties?: unknown
  readonly properties?: Readonly<Record<string, Schema>>
}

const schemas = Object.entries(jsonSchemas()) as readonly (readonly [string, Schema])[]

const rootOf = ({ $ref, $defs }: Schema) => $defs?.[$ref?.replace('#/$defs/', '') ?? '']

describe('the published JSON Schemas', () => {
  test.each([
    ['integration.json', ['name', 'resourceTypes']],
    ['access-flow.json', ['name', 'requesters', 'targets']],
    ['bundle.json', ['name', 'resources']],
    ['config.json', undefined],
  ])('%s asks for what has to be there and refuses what it does not know', (name, required) => {
    const root = rootOf(Object.fromEntries(schemas)[name] ?? {})

    expect(root?.required).toEqual(required)
    expect(root?.additionalProperties).toBe(false)
  })

  test.each(schemas)('%s has no reference that leads nowhere', (_name, schema) => {
    const references = JSON.stringify(schema).matchAll(/"\$ref":"#\/\$defs\/([^"]+)"/g)
    const names = [...references].map(([, name]) => name ?? '')

    expect(names.length).toBeGreaterThan(0)
    expect(Object.keys(schema.$defs ?? {})).toEqual(expect.arrayContaining(names))
  })
})
