import { RE2JS } from 're2js'

/**
 * Compiles a pattern of an administrator in a linear-time engine (RE2 dialect); undefined when the
 * engine does not take it. No pattern can make a decision slow.
 */
export function compilePattern(pattern: string): { matches(text: string): boolean } | undefined {
  try {
    const compiled = RE2JS.compile(pattern)
    return { matches: (text) => compiled.matches(text) }
  } catch {
    return undefined
  }
}

/** C0 controls but tab and line feed, and halves of surrogate pairs, have no place in a text. */
const refusedCharacters =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  /[\u0000-\u0008\u000b-\u001f]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/

/** What is wrong with the characters of a text, for people; undefined when nothing is. */
export function textProblem(text: string): string | undefined {
  return refusedCharacters.test(text)
    ? 'It contains control characters or broken Unicode.'
    : undefined
}
