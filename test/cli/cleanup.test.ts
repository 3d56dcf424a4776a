import { afterEach, describe, expect, test } from 'vitest'
import { type Broker, openTerminal, startBroker, type Terminal, type Told } from './terminal.ts'

const id = '20000000-0000-4000-8000-0000000000aa-01kqyta7fg0000000000000096'
const aCleanup = (over: object = {}) => ({
  id,
  integration: 'ContosoEntra',
  user: { id: '20000000-0000-4000-8000-0000000000aa', name: 'Gina', userType: 'guest' },
  action: 'disable',
  state: 'planned',
  reasons: [],
  ...over,
})

const opened: { broker: Broker; terminal: Terminal }[] = []
afterEach(async () => {
  for (const { broker, terminal } of opened.splice(0)) {
    await terminal.remove()
    await broker.stop()
  }
})

async function shellWith(told: Told) {
  const broker = await startBroker(() => told)
  const env = { ENTRA_JIT_URL: broker.url, ENTRA_JIT_TOKEN: 'token' }
  const terminal = await openTerminal({ env })
  opened.push({ broker, terminal })
  return { broker, type: terminal.type }
}

describe('cleanup', () => {
  test('lists what is planned and why others are left alone', async () => {
    const refused = aCleanup({ state: 'refused', reasons: ['approver', 'signed-in'] })
    const shell = await shellWith({ body: { items: [aCleanup(), refused] } })
    const { out } = await shell.type('cleanup', 'list', '--state', 'planned')

    expect(shell.broker.seen[0]?.path).toBe('/cleanup?state=planned')
    expect(
      out
        .trimEnd()
        .split('\n')
        .map((line) => line.replace(id, 'ID').trimEnd()),
    ).toEqual([
      'STATE    WHO   TYPE   ACTION   WHEN  WHY NOT              ID',
      'planned  Gina  guest  disable                             ID',
      'refused  Gina  guest  disable        approver, signed-in  ID',
    ])
  })

  test('says when there is nothing', async () => {
    const shell = await shellWith({ body: { items: [] } })
    expect((await shell.type('cleanup', 'list')).out).toBe('There is nothing.\n')
  })

  const until = '2026-12-01T00:00:00Z'
  test.each<[readonly string[], object, string, object, string]>([
    [
      ['keep', id, '--reason', 'a project', '--until', until],
      aCleanup({ state: 'kept', keepUntil: until }),
      `/cleanup/${id}/keep`,
      { reason: 'a project', until },
      `Gina is kept until ${until}.\n`,
    ],
    [
      ['keep', id, '--reason', 'a friend'],
      aCleanup({ state: 'kept' }),
      `/cleanup/${id}/keep`,
      { reason: 'a friend' },
      'Gina is kept for good.\n',
    ],
    [
      ['restore', id, '--reason', 'a mistake'],
      aCleanup({ state: 'restored' }),
      `/cleanup/${id}/restore`,
      { reason: 'a mistake' },
      'Gina is back.\n',
    ],
    [
      ['run', '--dry-run', '--integration', 'A'],
      { count: 1, dryRun: true },
      '/cleanup/run',
      { dryRun: true, integration: 'A' },
      'A run would touch 1 account.\n',
    ],
    [
      ['run', '--expected-count', '3'],
      { count: 3, dryRun: false },
      '/cleanup/run',
      { dryRun: false, expectedCount: 3 },
      'Ordered: 3 accounts as of now.\n',
    ],
  ])('%o sends what was said and says what came of it', async (typed, body, path, sent, said) => {
    const shell = await shellWith({ body })
    const { out } = await shell.type('cleanup', ...typed)

    expect(shell.broker.seen).toMatchObject([{ method: 'POST', path, json: sent }])
    expect(out).toBe(said)
  })

  test('takes no count that is none', async () => {
    const shell = await shellWith({ body: {} })
    const ran = await shell.type('cleanup', 'run', '--expected-count', 'many')
    expect(ran.code).toBe(1)
    expect(shell.broker.seen).toEqual([])
  })
})
