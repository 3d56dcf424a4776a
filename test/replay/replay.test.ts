import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { orchestrationVersion } from '../../functions/durable/access-life-cycle.ts'
import { orchestrators } from '../../functions/durable/orchestrators.ts'
import type { HistoryEvent } from '../../local/host/durable/history.ts'
import { record } from './record.ts'
import { type Recording, readRecordings } from './recording.ts'
import { differenceOf, type OrchestratorCode, stepsOf } from './replay.ts'
import { stories } from './stories.ts'

const recordings = await readRecordings()

/** The code that carries on an instance today: by the name in its history. */
const codeFor = (history: readonly HistoryEvent[]): OrchestratorCode | undefined => {
  const started = history.find(({ EventType }) => EventType === 0)
  return started?.EventType === 0 ? orchestrators[started.Name] : undefined
}

const recordingOf = (name: string): Recording => {
  const recording = recordings.get(name)
  if (recording === undefined) throw new Error(`Cannot replay ${name}: it is not kept`)
  return recording
}

describe('an orchestration of a released version', () => {
  test.each([...recordings.keys()])('is carried on by the code of today: %s', async (name) => {
    const recording = recordingOf(name)
    const code = codeFor(recording.history)

    expect(code).toBeDefined()
    expect(code && (await differenceOf(recording, code))).toBeUndefined()
  })

  test('is kept for every story, in the version that is started now', () => {
    const ofThisVersion = [...recordings.keys()].filter((name) =>
      name.startsWith(`v${orchestrationVersion}/`),
    )

    expect(ofThisVersion.sort()).toEqual(
      Object.keys(stories)
        .map((name) => `v${orchestrationVersion}/${name}`)
        .sort(),
    )
  })

  test('has a history of at most 120 rows, but for the hops of timers that last for months', () => {
    const rows = [...recordings].flatMap(([name, { history }]) =>
      name.includes('ninety-days') ? [] : [history.length],
    )

    expect(Math.max(...rows)).toBeLessThanOrEqual(120)
  })

  test.each(['approved', 'end-activity-fails'])(
    'is recorded again with the same steps, so that the recorder is to be trusted: %s',
    async (name) => {
      const story = stories[name]
      const again = story && (await record(story))

      const kept = recordingOf(`v${orchestrationVersion}/${name}`)
      expect(stepsOf(again?.history ?? [])).toEqual(stepsOf(kept.history))
    },
  )
})

/** Changes that somebody might make without thinking of what is under way. */
const changes: readonly {
  readonly change: string
  readonly from: string
  readonly to: string
  readonly breaks: string
}[] = [
  {
    change: 'an activity has another name',
    from: 'context.df.callActivity(step, input)',
    to: 'context.df.callActivity(step + "Access", input)',
    breaks: 'automatic',
  },
  {
    change: 'the steps come in another order',
    from: `sleepUntil, 'grant', input`,
    to: `sleepUntil, 'end', input`,
    breaks: 'automatic',
  },
  {
    change: 'it sleeps once more',
    from: 'yield* sleepUntil(granted.wakeAt)',
    to: 'yield* sleepUntil(granted.wakeAt); yield* sleepUntil(granted.wakeAt)',
    breaks: 'automatic',
  },
  {
    change: 'it does not sleep before the end',
    from: 'yield* sleepUntil(granted.wakeAt)',
    to: '',
    breaks: 'given-back',
  },
  {
    change: 'it waits for another event',
    from: 'waitForExternalEvent(changedEvent)',
    to: `waitForExternalEvent('ended')`,
    breaks: 'approved',
  },
  {
    change: 'it pauses longer after a failure',
    from: '2 ** tries',
    to: '3 ** tries',
    breaks: 'end-activity-fails',
  },
  {
    change: 'it gives up later',
    from: 'mostTries = 10',
    to: 'mostTries = 11',
    breaks: 'end-handed-over',
  },
  {
    change: 'it tells an activity something else',
    from: '      requestId,\n',
    to: '      requestId: requestId + "!",\n',
    breaks: 'automatic',
  },
  {
    change: 'it ends with another word',
    from: `'handed-over'`,
    to: `'given-up'`,
    breaks: 'grant-handed-over',
  },
]

describe('a copy of the orchestrator in which', () => {
  let folder = ''
  let source = ''

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'entra-jit-replay-'))
    const file = '../../functions/durable/access-life-cycle.ts'
    source = await readFile(new URL(file, import.meta.url), 'utf8')
  })

  afterAll(() => rm(folder, { recursive: true, force: true }))

  const copyWith = async (from: string, to: string): Promise<OrchestratorCode> => {
    const changed = source.replace(from, () => to)
    if (changed === source && from !== to) throw new Error(`Cannot change ${from}: it is not there`)
    const file = join(folder, `${Math.random()}.ts`)
    await writeFile(file, changed)
    const { accessLifeCycle } = await import(pathToFileURL(file).href)
    return accessLifeCycle as OrchestratorCode
  }

  test.each(changes)('$change is caught', async ({ from, to, breaks }) => {
    const code = await copyWith(from, to)

    expect(await differenceOf(recordingOf(`v1/${breaks}`), code)).toBeDefined()
  })

  test('nothing is changed carries on as the original does', async () => {
    const code = await copyWith('', '')

    for (const recording of recordings.values()) {
      expect(await differenceOf(recording, code)).toBeUndefined()
    }
  })

  test('an activity has another name is told by what stood there and what stands there now', async () => {
    const code = await copyWith('callActivity(step, input)', 'callActivity(step + "2", input)')

    expect(await differenceOf(recordingOf('v1/automatic'), code)).toBe(
      'activity grant as 0 has become activity grant2 as 0',
    )
  })
})
