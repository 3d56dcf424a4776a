/** A text as it is compared: in NFC, without regard to case. */
export function fold(text: string): string {
  return text.normalize('NFC').toLowerCase()
}
