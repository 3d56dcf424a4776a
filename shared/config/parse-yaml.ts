import { isScalar, Lexer, LineCounter, parseDocument, type Range, visit } from 'yaml'
import type { FieldError, Parsed } from './parse.ts'

/** More than the largest sensible set has; beyond them it is a way to keep the parser busy. */
const mostLexemes = 1_000_000
const deepestFlow = 100
const mostMarksInLine = 50
const mostAliases = 100

const ourWords: Readonly<Record<string, string>> = {
  MULTIPLE_DOCS: 'It has more than one document',
  NON_STRING_KEY: 'A name is no text',
  RESOURCE_EXHAUSTION: 'It is nested too deep',
}

/**
 * Reads one YAML 1.2 document (core schema) as plain data. Names are texts and unique, tags are
 * refused, and aliases cannot multiply without end.
 */
export function parseYaml(text: string): Parsed<unknown> {
  const excess = findExcess(text)
  if (excess !== undefined) return refused(excess)
  const lines = new LineCounter()
  const document = parseDocument(text, {
    version: '1.2',
    schema: 'core',
    stringKeys: true,
    resolveKnownTags: false,
    // The library compares each key with each other one; `findFault` looks at each once.
    uniqueKeys: false,
    prettyErrors: false,
    lineCounter: lines,
  })
  const [problem] = [...document.errors, ...document.warnings]
  const fault =
    problem === undefined
      ? findFault(document)
      : { at: problem.pos[0], what: ourWords[problem.code] ?? problem.message }
  if (fault !== undefined) {
    const { line, col } = lines.linePos(fault.at)
    return refused(`${fault.what} (line ${line}, column ${col})`)
  }
  try {
    return { ok: true, value: document.toJS({ maxAliasCount: mostAliases }) }
  } catch (error) {
    if (!(error instanceof ReferenceError)) throw error
    return refused('Its aliases multiply what it says beyond reason')
  }
}

function refused(detail: string): { readonly ok: false; readonly errors: readonly FieldError[] } {
  return { ok: false, errors: [{ pointer: '', detail: `The YAML cannot be read: ${detail}.` }] }
}

/** Looked at before the parser builds anything: depth and sheer number. */
function findExcess(text: string): string | undefined {
  let lexemes = 0
  let depth = 0
  let marks = 0
  for (const lexeme of new Lexer().lex(text)) {
    if (++lexemes > mostLexemes) return 'It is too long, JSON may be longer'
    if (lexeme === '[' || lexeme === '{') depth += 1
    else if (lexeme === ']' || lexeme === '}') depth -= 1
    else if (lexeme === '-' || lexeme === '?' || lexeme === ':') marks += 1
    else if (lexeme.includes('\n')) marks = 0
    if (depth > deepestFlow || (depth <= 0 && marks > mostMarksInLine)) {
      return 'It is nested too deep'
    }
  }
  return undefined
}

interface Fault {
  readonly at: number
  readonly what: string
}

/** Names that are there twice, and aliases that lead nowhere or into themselves. */
function findFault(document: ReturnType<typeof parseDocument>): Fault | undefined {
  let fault: Fault | undefined
  let aliases = 0
  const found = (range: Range | null | undefined, what: string) => {
    fault = { at: range?.[0] ?? 0, what }
    return visit.BREAK
  }
  visit(document, {
    Alias(_, alias, path) {
      if (++aliases > mostAliases) return found(alias.range, 'It has too many aliases')
      const source = alias.resolve(document)
      if (source === undefined) return found(alias.range, `There is no anchor "${alias.source}"`)
      return path.includes(source)
        ? found(alias.range, `"${alias.source}" contains itself`)
        : undefined
    },
    Map(_, { items }) {
      const seen = new Set<string>()
      for (const { key } of items) {
        if (!isScalar(key)) continue
        const name = String(key.value)
        if (seen.has(name)) return found(key.range, `"${name}" is there twice`)
        seen.add(name)
      }
      return undefined
    },
  })
  return fault
}
