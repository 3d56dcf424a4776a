/** A piece of instructions: words, or an address that may be followed. */
export interface LinkPiece {
  readonly kind: 'text' | 'link'
  readonly text: string
  /** Where it begins in the whole. */
  readonly at: number
}

/** Marks of direction and invisible characters end an address: nobody could see where it leads. */
const address =
  /https?:\/\/[^\s<>"'`{}|\\^\p{Cc}\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]+/giu

/** Finds the addresses of a text: http and https with a host, without a user part, and nothing else. */
export function linksOf(text: string): readonly LinkPiece[] {
  const pieces: LinkPiece[] = []
  let from = 0
  for (const { 0: found, index } of text.matchAll(address)) {
    const shown = withoutTail(found)
    if (!isFollowable(shown) || /[\p{L}\p{N}]/u.test(text[index - 1] ?? '')) continue
    if (index > from) pieces.push({ kind: 'text', text: text.slice(from, index), at: from })
    pieces.push({ kind: 'link', text: shown, at: index })
    from = index + shown.length
  }
  if (from < text.length) pieces.push({ kind: 'text', text: text.slice(from), at: from })
  return pieces
}

/** The stop of a sentence, and a bracket that was opened before the address, are no part of it. */
function withoutTail(found: string): string {
  const shown = found.replace(/[.,;:!?]+$/, '')
  if (!/[)\]]$/.test(shown)) return shown
  const opens = [...shown].filter((character) => '(['.includes(character)).length
  const closes = [...shown].filter((character) => ')]'.includes(character)).length
  return closes > opens ? withoutTail(shown.slice(0, -1)) : shown
}

function isFollowable(text: string): boolean {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url === undefined || url.username !== '' || url.password !== '') return false
  return (url.protocol === 'https:' || url.protocol === 'http:') && url.hostname !== ''
}
