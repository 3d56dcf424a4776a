/**
 * A text as it is compared: in NFC, without regard to case. A sigma is small in another way at the
 * end of a word, which a pattern may cut anywhere.
 */
export function fold(text: string): string {
  return text.normalize('NFC').toLowerCase().replaceAll('ς', 'σ')
}
