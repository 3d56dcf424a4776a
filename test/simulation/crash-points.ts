import { addTally, emptyTally, runAndCount, type Tally } from './many.ts'
import { runStory } from './run-story.ts'
import type { CallFault, Fault, Step, Story } from './story.ts'

const ask = { at: 0, do: 'ask', key: 'k1', who: 'mia', resource: 'readers', times: 1 } as const
const granted = { ...ask, flow: 'oncall', seconds: 60, by: 'http' } as const
const asked = { ...granted, flow: 'asked' } as const

/** One story for each way that a request can go. */
export const kinds: Readonly<Record<string, readonly Step[]>> = {
  automatic: [granted],
  approved: [asked, { at: 10_000, do: 'decide', of: 'k1', by: 'petra', verdict: 'approve' }],
  extended: [granted, { at: 30_000, do: 'extend', of: 'k1', key: 'k2', seconds: 60 }],
  'revoked while granting': [granted, { at: 400, do: 'end', of: 'k1', how: 'revoked' }],
  'from the queue': [{ ...granted, by: 'queue', times: 2 }],
  denied: [asked, { at: 10_000, do: 'decide', of: 'k1', by: 'petra', verdict: 'deny' }],
  'timed out': [asked],
  'by a schedule': [{ ...granted, flow: 'scheduled', seconds: 360 }],
  'left to the directory': [{ ...granted, flow: 'leased', seconds: 360 }],
  'given by itself': [
    { at: 840_000, do: 'join', who: 'mia' },
    { at: 1_000_000, do: 'leave', who: 'mia' },
  ],
  'taken by others': [
    { ...granted, flow: 'guarded', seconds: 600 },
    { at: 60_000, do: 'hand-remove', who: 'mia', resource: 'readers' },
    { at: 120_000, do: 'reconcile' },
  ],
  cancelled: [asked, { at: 10_000, do: 'end', of: 'k1', how: 'cancel' }],
  scheduled: [{ ...granted, startsAt: 30_000 }],
  touching: [granted, { ...granted, at: 5_000, key: 'k2', startsAt: 60_000 }],
  'given back': [granted, { at: 20_000, do: 'end', of: 'k1', how: 'given-back' }],
  'ended with all': [granted, { at: 20_000, do: 'end-all' }],
  'stopped while granting': [granted, { at: 300, do: 'stop', active: true }],
  standing: [{ at: 0, do: 'hand-add', who: 'mia', resource: 'readers' }, granted],
}

/** Those whose pairs of crash points are gone through as well. */
const pairedKinds = ['automatic', 'approved', 'extended', 'revoked while granting'] as const

const ways: readonly CallFault[] = ['crash-before', 'crash-after', 'reply-lost']

function storyOf(kind: string, faults: readonly Fault[]): Story {
  return { seed: 1, steps: kinds[kind] ?? [], faults, spells: [] }
}

/** Single crash points of a kind of flow: before, after, and after with a lost reply. */
export async function singleCrashes(kind: string, every = 1): Promise<Tally> {
  const tally = emptyTally()
  const { calls } = await runStory(storyOf(kind, []))
  let number = 0
  for (let call = 1; call <= calls; call++) {
    for (const way of ways) {
      if (number++ % every === 0) await runAndCount(storyOf(kind, [{ call, kind: way }]), tally)
    }
  }
  return tally
}

/** Pairs of crash points; only those whose number leaves `part` of `parts` over. */
export async function pairsOfCrashes(kind: string, part: number, parts: number): Promise<Tally> {
  const tally = emptyTally()
  const { calls } = await runStory(storyOf(kind, []))
  let number = 0
  for (let first = 1; first <= calls; first++) {
    for (const way of ways) {
      // The second one counts on through what the first one leads to.
      const broken = await runStory(storyOf(kind, [{ call: first, kind: way }]))
      for (let second = first + 1; second <= broken.calls; second++) {
        if (number++ % parts !== part) continue
        const faults: readonly Fault[] = [
          { call: first, kind: way },
          { call: second, kind: ways[second % ways.length] ?? 'crash-before' },
        ]
        await runAndCount(storyOf(kind, faults), tally)
      }
    }
  }
  return tally
}

/** One worker's share of everything. */
export async function allCrashes(part: number, parts: number): Promise<Tally> {
  const tally = emptyTally()
  for (const [index, kind] of Object.keys(kinds).entries()) {
    if (index % parts === part) addTally(tally, await singleCrashes(kind))
  }
  for (const kind of pairedKinds) addTally(tally, await pairsOfCrashes(kind, part, parts))
  return tally
}
