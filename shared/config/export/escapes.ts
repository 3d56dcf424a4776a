/**
 * Characters that are written as escapes in every format: controls, separators of lines, marks of
 * direction and everything else that shows nothing. The joiners that emoji are made with stay.
 */
const hidden =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  /[\u0000-\u001f\p{Cc}\p{Zl}\p{Zp}\p{Noncharacter_Code_Point}]|(?![\u200c\u200d])\p{Cf}/gu

const short: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' }

/** A text with its backslashes, quotes and hidden characters escaped, without the quotes around it. */
export function escaped(
  text: string,
  quote: '"' | "'",
  codePoint: (code: number) => string,
): string {
  return text
    .replaceAll('\\', '\\\\')
    .replaceAll(quote, `\\${quote}`)
    .replace(hidden, (character) => short[character] ?? codePoint(character.codePointAt(0) ?? 0))
}

/** `\uNNNN`, and `\UNNNNNNNN` beyond the first plane: HCL and YAML. */
export function longEscape(code: number): string {
  return code > 0xffff ? `\\U${hex(code, 8)}` : `\\u${hex(code, 4)}`
}

/** `\uNNNN`, twice beyond the first plane: JSON. */
export function pairEscape(code: number): string {
  const units = String.fromCodePoint(code).split('')
  return units.map((unit) => `\\u${hex(unit.charCodeAt(0), 4)}`).join('')
}

/** `\u{N}`: Bicep. */
export function bracedEscape(code: number): string {
  return `\\u{${code.toString(16)}}`
}

function hex(code: number, digits: number): string {
  return code.toString(16).padStart(digits, '0')
}
