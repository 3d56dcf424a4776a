/** The part of HCL and of Bicep that exports use, by the rules of those languages. */
interface Language {
  readonly quote: string
  readonly assign: string
  /** What stands for the beginning of a placeholder. */
  readonly placeholder: RegExp
  readonly unicode: RegExp
  readonly short: RegExp
  /** What must not stand in a text as it is. */
  readonly refused: RegExp
}

const hcl: Language = {
  quote: '"',
  assign: '=',
  placeholder: /^[$%]([$%]\{)/,
  unicode: /^\\(?:u([0-9a-f]{4})|U([0-9a-f]{8}))/,
  short: /^\\([nrt"\\])/,
  refused: /^([\n\r\\]|[$%]\{)/,
}

const bicep: Language = {
  quote: "'",
  assign: ':',
  placeholder: /^\\(\$\{)/,
  unicode: /^\\u\{([0-9a-f]+)\}/,
  short: /^\\([nrt'\\])/,
  refused: /^([\n\r\\]|\$\{)/,
}

const shortEscapes: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t' }

/** What the text stands for at its start, and how much of it that takes. */
function pieceOf(rest: string, language: Language): Read<string> {
  const placeholder = language.placeholder.exec(rest)
  if (placeholder?.[1] !== undefined) return [placeholder[1], placeholder[0].length]
  const unicode = language.unicode.exec(rest)
  const code = unicode?.[1] ?? unicode?.[2]
  if (unicode !== null && code !== undefined) {
    return [String.fromCodePoint(Number.parseInt(code, 16)), unicode[0].length]
  }
  const short = language.short.exec(rest)?.[1]
  if (short !== undefined) return [shortEscapes[short] ?? short, 2]
  if (language.refused.test(rest)) throw new Error(`Cannot read ${JSON.stringify(rest)}`)
  const character = String.fromCodePoint(rest.codePointAt(0) ?? 0)
  return [character, character.length]
}

/** The value of `access_config`; everything around it has to be as it always is. */
export function readTerraform(text: string): unknown {
  const start = 'locals {\n  access_config = '
  if (!text.startsWith(start)) throw new Error(`Cannot read ${text.slice(0, 40)}`)
  const [value, end] = readValue(text, start.length, hcl)
  const rest = text.slice(end)
  if (!/^\n}\n\nvariable "access_config_container_id" \{\n[^$%]*\n}\n$/.test(rest)) {
    throw new Error(`Cannot read what follows the set: ${rest}`)
  }
  return value
}

/** The value of the parameter `accessConfig`. */
export function readBicep(text: string): unknown {
  const start = "using 'main.bicep'\n\nparam accessConfig = "
  if (!text.startsWith(start)) throw new Error(`Cannot read ${text.slice(0, 40)}`)
  const [value, end] = readValue(text, start.length, bicep)
  if (text.slice(end) !== '\n') throw new Error(`Cannot read what follows: ${text.slice(end)}`)
  return value
}

type Read<Value> = readonly [value: Value, end: number]

function readValue(text: string, from: number, language: Language): Read<unknown> {
  const first = text[from]
  if (first === language.quote) return readText(text, from + 1, language)
  if (first === '[') return readList(text, from + 1, language)
  if (first === '{') return readObject(text, from + 1, language)
  const word = /^(true|false|null|-?\d+)(?![\w.])/.exec(text.slice(from, from + 30))?.[1]
  if (word === undefined) throw new Error(`Cannot read ${text.slice(from, from + 40)}`)
  return [JSON.parse(word), from + word.length]
}

function readText(text: string, from: number, language: Language): Read<string> {
  let read = ''
  for (let at = from; ; ) {
    if (text[at] === language.quote) return [read, at + 1]
    const [meaning, length] = pieceOf(text.slice(at, at + 12), language)
    read += meaning
    at += length
  }
}

function readList(text: string, from: number, language: Language): Read<unknown[]> {
  const items: unknown[] = []
  for (let at = skip(text, from, /[\s,]/); ; ) {
    if (text[at] === ']') return [items, at + 1]
    const [item, end] = readValue(text, at, language)
    items.push(item)
    at = skip(text, end, /[\s,]/)
  }
}

function readObject(text: string, from: number, language: Language): Read<Record<string, unknown>> {
  const entries: [string, unknown][] = []
  for (let at = skip(text, from, /\s/); ; ) {
    if (text[at] === '}') return [Object.fromEntries(entries), at + 1]
    const [name, afterName] = readName(text, at, language)
    const sign = skip(text, afterName, / /)
    if (text[sign] !== language.assign) throw new Error(`Cannot read ${text.slice(at, at + 40)}`)
    const [value, end] = readValue(text, skip(text, sign + 1, / /), language)
    entries.push([name, value])
    if (text[end] !== '\n') throw new Error(`Cannot read ${text.slice(end, end + 40)}`)
    at = skip(text, end, /\s/)
  }
}

function readName(text: string, from: number, language: Language): Read<string> {
  if (text[from] === language.quote) return readText(text, from + 1, language)
  const name = /^[A-Za-z_]\w*/.exec(text.slice(from, from + 100))?.[0]
  if (name === undefined) throw new Error(`Cannot read ${text.slice(from, from + 40)}`)
  return [name, from + name.length]
}

function skip(text: string, from: number, what: RegExp): number {
  let at = from
  while (what.test(text[at] ?? '')) at += 1
  return at
}
