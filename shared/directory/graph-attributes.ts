import * as z from 'zod'
import { attributeName, isExtension } from '../access/user-attributes.ts'
import { parsed } from './graph-objects.ts'

const synchronised = 'onPremisesExtensionAttributes'
const numbered = /^extensionAttribute\d+$/
const fieldsShape = z.record(z.string(), z.unknown())

/** The fields to select for attributes; the numbered ones come in one field together. */
export function fieldsOf(attributes: readonly string[]): readonly string[] {
  return [...new Set(attributes.map((name) => (numbered.test(name) ? synchronised : name)))]
}

/** Attributes that may become part of an address: known ones, each once. */
export function knownAttributes(attributes: readonly string[] = []): readonly string[] {
  return [...new Set(attributes.filter((name) => attributeName(name) === name))]
}

/** Splits attributes into those every directory has and those that only some applications define. */
export function splitExtensions(attributes: readonly string[]) {
  return {
    builtIn: attributes.filter((name) => !isExtension(name)),
    extensions: attributes.filter(isExtension),
  }
}

/** The attributes that a person has, by the names that were asked. */
export function attributesFrom(
  body: unknown,
  attributes: readonly string[],
): Readonly<Record<string, string>> {
  const fields = parsed(fieldsShape, body)
  const numberedFields = parsed(fieldsShape, fields[synchronised] ?? {})
  const found: Record<string, string> = {}
  for (const name of attributes) {
    const text = textOf(numbered.test(name) ? numberedFields[name] : fields[name])
    if (text !== undefined) found[name] = text
  }
  return found
}

/** Extensions may be numbers and truth values too; what is empty or a list is not there. */
function textOf(value: unknown): string | undefined {
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  return typeof value === 'string' && value !== '' ? value : undefined
}
