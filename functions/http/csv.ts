/** Columns of an audit export, in order. */
const columns = [
  'at',
  'event',
  'requestId',
  'actor',
  'actorType',
  'grantee',
  'integration',
  'resourceType',
  'resourceId',
  'resourceName',
  'scope',
  'permission',
  'accessFlow',
  'reason',
  'detail',
  'graphRequestId',
  'stream',
  'sequence',
  'previousHash',
  'hash',
] as const

/** Events as CSV by RFC 4180, with a byte order mark for spreadsheets. */
export async function* csvOf(
  events: AsyncIterable<Record<string, unknown>>,
): AsyncGenerator<string> {
  yield `\ufeff${columns.join(',')}\r\n`
  for await (const event of events) {
    yield `${columns.map((column) => cellOf(event[column])).join(',')}\r\n`
  }
}

/** A cell that a spreadsheet would take for a formula gets a leading apostrophe (answers 1.11). */
function cellOf(value: unknown): string {
  if (value === undefined || value === null) return ''
  const text = typeof value === 'object' ? JSON.stringify(value) : String(value)
  const safe = /^[=+\-@\t\r]/.test(text) && typeof value !== 'number' ? `'${text}` : text
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}
