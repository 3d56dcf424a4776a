import { describe, expect, test } from 'vitest'
import { csvOf } from '../../functions/http/csv.ts'

const linesOf = async (...events: Record<string, unknown>[]) => {
  const all = async function* () {
    yield* events
  }
  let text = ''
  for await (const part of csvOf(all())) text += part
  return text
}

const reasonCell = async (reason: unknown) => {
  const text = await linesOf({ reason })
  const row = text.slice(text.indexOf('\r\n') + 2, -2)
  return row.replace(/^,+/, '').replace(/,+$/, '')
}

describe('an audit export as CSV', () => {
  test('begins with a byte order mark and a header, and ends each line as RFC 4180 says', async () => {
    expect(await linesOf()).toBe(
      '\ufeffat,event,requestId,actor,actorType,grantee,integration,resourceType,resourceId,' +
        'resourceName,scope,permission,accessFlow,reason,detail,graphRequestId,stream,sequence,' +
        'previousHash,hash\r\n',
    )
  })

  test.each([
    ['plain text', 'errors in checkout', 'errors in checkout'],
    ['a comma', 'a,b', '"a,b"'],
    ['quotes', 'say "now"', '"say ""now"""'],
    ['a line feed', 'one\ntwo', '"one\ntwo"'],
    ['a carriage return inside', 'one\rtwo', '"one\rtwo"'],
    ['a formula with =', '=1+1', "'=1+1"],
    ['a formula with +', '+1', "'+1"],
    ['a formula with -', '-1', "'-1"],
    ['a formula with @', '@SUM(A1)', "'@SUM(A1)"],
    ['a tab first', '\t=1', "'\t=1"],
    ['a carriage return first', '\r=1', '"\'\r=1"'],
    [
      'a formula that calls out',
      '=HYPERLINK("https://x.example","y")',
      '"\'=HYPERLINK(""https://x.example"",""y"")"',
    ],
    ['an equals sign later', 'a=1', 'a=1'],
    ['a semicolon', 'a;b', 'a;b'],
    ['text beyond ASCII', 'Zürich 👨‍👩‍👧', 'Zürich 👨‍👩‍👧'],
    ['a negative number of ours', -1, '-1'],
    ['an object', { code: 'too-long' }, '"{""code"":""too-long""}"'],
  ])('writes %s so that a spreadsheet only shows it', async (_what, value, cell) => {
    expect(await reasonCell(value)).toBe(cell)
  })

  test('leaves out what an event lacks', async () => {
    const text = await linesOf({ at: '2026-01-05T12:00:00.000Z', hash: 'abc' })
    expect(text.split('\r\n')[1]).toBe(`2026-01-05T12:00:00.000Z${','.repeat(19)}abc`)
  })
})
