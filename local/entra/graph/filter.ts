import { badRequest, notSimulated } from './answers.ts'

type Item = Readonly<Record<string, unknown>>
export type Test = (item: Item) => boolean

/**
 * Reads an OData `$filter` as far as the simulator goes: `eq ne ge le gt lt in startswith endswith
 * contains any and or not` and parentheses.
 */
export function parseFilter(text: string): Test {
  const tokens = tokenize(text)
  let place = 0
  const peek = () => tokens[place]
  const next = () => tokens[place++]
  const expect = (wanted: string) => {
    const token = next()
    if (token?.toLowerCase() !== wanted) throw badRequest(`Invalid filter clause: ${text}`)
  }

  function or(): Test {
    let left = and()
    while (peek()?.toLowerCase() === 'or') {
      next()
      const [first, second] = [left, and()]
      left = (item) => first(item) || second(item)
    }
    return left
  }

  function and(): Test {
    let left = not()
    while (peek()?.toLowerCase() === 'and') {
      next()
      const [first, second] = [left, not()]
      left = (item) => first(item) && second(item)
    }
    return left
  }

  function not(): Test {
    if (peek()?.toLowerCase() !== 'not') return primary()
    next()
    const inner = not()
    return (item) => !inner(item)
  }

  function primary(): Test {
    if (peek() === '(') {
      next()
      const inner = or()
      expect(')')
      return inner
    }
    const name = next()
    if (name === undefined) throw badRequest(`Invalid filter clause: ${text}`)
    if (peek() === '(') return call(name)
    return compare(name)
  }

  function call(name: string): Test {
    next()
    const any = /^(.+)\/any$/i.exec(name)
    if (any !== null) return anyOf(any[1] ?? '')
    const property = next() ?? ''
    expect(',')
    const value = String(literal(next())).toLowerCase()
    expect(')')
    const test = textTests[name.toLowerCase()]
    if (test === undefined) throw notSimulated(`the filter function ${name}`)
    return (item) => test(String(propertyOf(item, property) ?? '').toLowerCase(), value)
  }

  /** `groupTypes/any(c:c eq 'Unified')` */
  function anyOf(property: string): Test {
    const variable = next() ?? ''
    expect(':')
    const inner = or()
    expect(')')
    return (item) => {
      const values = propertyOf(item, property)
      return Array.isArray(values) && values.some((value) => inner(elementOf(variable, value)))
    }
  }

  function compare(property: string): Test {
    const operator = next()?.toLowerCase() ?? ''
    if (operator === 'in') {
      expect('(')
      const values: unknown[] = []
      for (let token = next(); token !== ')'; token = next()) {
        if (token === undefined) throw badRequest(`Invalid filter clause: ${text}`)
        if (token !== ',') values.push(literal(token))
      }
      return (item) => values.some((value) => equals(propertyOf(item, property), value))
    }
    const wanted = literal(next())
    const order = orderTests[operator]
    if (operator === 'eq') return (item) => equals(propertyOf(item, property), wanted)
    if (operator === 'ne') return (item) => !equals(propertyOf(item, property), wanted)
    if (order === undefined) throw badRequest(`Invalid filter clause: ${text}`)
    return (item) => order(String(propertyOf(item, property) ?? ''), String(wanted))
  }

  const test = or()
  if (place < tokens.length) throw badRequest(`Invalid filter clause: ${text}`)
  return test
}

const textTests: Readonly<Record<string, (text: string, part: string) => boolean>> = {
  startswith: (text, part) => text.startsWith(part),
  endswith: (text, part) => text.endsWith(part),
  contains: (text, part) => text.includes(part),
}

const orderTests: Readonly<Record<string, (one: string, other: string) => boolean>> = {
  ge: (one, other) => one >= other,
  gt: (one, other) => one > other,
  le: (one, other) => one <= other,
  lt: (one, other) => one < other,
}

function tokenize(text: string): string[] {
  const tokens = text.match(/'(?:[^']|'')*'|[(),:]|[^\s(),:']+(?::\d\d[^\s(),']*)?/g) ?? []
  if (tokens.join('').length < text.replaceAll(/\s/g, '').length && !text.includes("'")) {
    throw badRequest(`Invalid filter clause: ${text}`)
  }
  return tokens
}

function literal(token: string | undefined): unknown {
  if (token === undefined) throw badRequest('Invalid filter clause')
  if (token.startsWith("'")) return token.slice(1, -1).replaceAll("''", "'")
  if (token === 'true') return true
  if (token === 'false') return false
  if (token === 'null') return null
  return token
}

function elementOf(variable: string, value: unknown): Item {
  return { [variable]: value }
}

function propertyOf(item: Item, path: string): unknown {
  return path
    .split('/')
    .reduce<unknown>(
      (value, name) =>
        typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined,
      item,
    )
}

function equals(one: unknown, other: unknown): boolean {
  if (typeof one === 'string' && typeof other === 'string') {
    return one.toLowerCase() === other.toLowerCase()
  }
  return (one ?? null) === (other ?? null)
}
