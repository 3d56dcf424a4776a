import { bracedEscape, escaped, longEscape, pairEscape } from './escapes.ts'

/** How values stand in a language with braces and brackets. */
export interface Notation {
  readonly text: (value: string) => string
  /** A name of ours as it is written; names of users are texts. */
  readonly key: (name: string) => string
  readonly assign: string
  /** Between the entries of an object, and of a list. */
  readonly entryEnd: string
  readonly itemEnd: string
  /** Whether the last item of a list has its end, too. */
  readonly endsLast: boolean
  /** Whether neighbours are lined up at the sign between name and value. */
  readonly aligns: boolean
}

const identifier = /^[A-Za-z_][A-Za-z0-9_]*$/

function plainOr(quoted: (name: string) => string): (name: string) => string {
  return (name) => (identifier.test(name) ? name : quoted(name))
}

const hclText = (value: string) => {
  const text = escaped(value, '"', longEscape)
  return `"${text.replace(/([$%])\{/g, '$1$1{')}"`
}

const bicepText = (value: string) =>
  `'${escaped(value, "'", bracedEscape).replaceAll('${', '\\${')}'`

const jsonText = (value: string) => `"${escaped(value, '"', pairEscape)}"`

export const yamlText = (value: string) => `"${escaped(value, '"', longEscape)}"`

export const yamlKey = plainOr(yamlText)

export const hcl: Notation = {
  text: hclText,
  key: plainOr(hclText),
  assign: ' = ',
  entryEnd: '',
  itemEnd: ',',
  endsLast: true,
  aligns: true,
}

export const bicep: Notation = {
  text: bicepText,
  key: plainOr(bicepText),
  assign: ': ',
  entryEnd: '',
  itemEnd: '',
  endsLast: false,
  aligns: false,
}

export const json: Notation = {
  text: jsonText,
  key: jsonText,
  assign: ': ',
  entryEnd: ',',
  itemEnd: ',',
  endsLast: false,
  aligns: false,
}
