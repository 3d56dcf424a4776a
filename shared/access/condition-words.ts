import { type Condition, type ConditionTree, isTree, theRequester } from './conditions.ts'

/** Values and conditions named before the rest is only counted: a trace is read by people. */
const mostNamed = 3
const mostCharacters = 300

/**
 * A condition in words: what a flow asks of a person, never what the directory says of one. Those who
 * read a trace may know the flow, but not the attributes of other people.
 */
export function wordsOf(node: Condition | ConditionTree): string {
  const words = textOf(node, true)
  return words.length <= mostCharacters ? words : `${words.slice(0, mostCharacters - 1)}…`
}

function textOf(node: Condition | ConditionTree, isOutermost: boolean): string {
  if (!isTree(node)) return leafText(node)
  if (node.conditions.length === 0) return node.operator === 'and' ? 'everybody' : 'nobody'
  const named = node.conditions.slice(0, mostNamed).map((each) => textOf(each, false))
  const rest = node.conditions.length - named.length
  if (rest > 0) named.push(`${rest} more`)
  const joined = named.join(` ${node.operator} `)
  return isOutermost || named.length < 2 ? joined : `(${joined})`
}

function leafText({ type, attribute, match, values }: Condition): string {
  const subject = type === 'attribute' ? (attribute ?? type) : type
  const named = values.slice(0, mostNamed).map(valueText)
  const rest = values.length - named.length
  if (rest > 0) named.push(`${rest} more`)
  return `${subject} ${(match ?? 'is').replace('-', ' ')} ${named.join(' or ')}`
}

function valueText(value: string): string {
  return value === theRequester ? 'the requester' : `"${value}"`
}
