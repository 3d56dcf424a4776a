/** A piece of somebody's text: as it is, or a character that would mislead whoever reads it. */
export interface TextPiece {
  readonly kind: 'text' | 'mark'
  /** The words, or the name of the character. */
  readonly text: string
  /** Where it begins in the whole. */
  readonly at: number
}

const names: Readonly<Record<number, string>> = {
  173: 'soft hyphen',
  1564: 'Arabic letter mark',
  6158: 'Mongolian vowel separator',
  8203: 'zero width space',
  8204: 'zero width non-joiner',
  8205: 'zero width joiner',
  8206: 'left-to-right mark',
  8207: 'right-to-left mark',
  8234: 'left-to-right embedding',
  8235: 'right-to-left embedding',
  8236: 'pop directional formatting',
  8237: 'left-to-right override',
  8238: 'right-to-left override',
  8288: 'word joiner',
  8294: 'left-to-right isolate',
  8295: 'right-to-left isolate',
  8296: 'first strong isolate',
  8297: 'pop directional isolate',
  65279: 'zero width no-break space',
  12644: 'Hangul filler',
}

// Joiners inside words of scripts and emoji that need them are left alone.
const misleading =
  /[\p{Cc}\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff\u3164\u{e0000}-\u{e007f}]|(?<!\p{L}|\p{M}|\p{Emoji}|\ufe0f)(?:\u200c|\u200d)|(?:\u200c|\u200d)(?!\p{L}|\p{M}|\p{Emoji})/gu

/** Takes a text apart, so that what cannot be seen is shown. Line breaks stay where wanted. */
export function piecesOf(text: string, keepsLines = false): readonly TextPiece[] {
  const pieces: TextPiece[] = []
  let from = 0
  for (const { 0: character, index } of text.matchAll(misleading)) {
    if (keepsLines && (character === '\n' || character === '\t')) continue
    if (index > from) pieces.push({ kind: 'text', text: text.slice(from, index), at: from })
    pieces.push({ kind: 'mark', text: nameOf(character), at: index })
    from = index + character.length
  }
  if (from < text.length) pieces.push({ kind: 'text', text: text.slice(from), at: from })
  return pieces
}

function nameOf(character: string): string {
  const code = character.codePointAt(0) ?? 0
  const point = `U+${code.toString(16).toUpperCase().padStart(4, '0')}`
  return `${point} ${names[code] ?? 'invisible character'}`
}
