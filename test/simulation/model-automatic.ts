import type { LedgerEvent } from '../../shared/ledger/ledger-event.ts'
import type { ModelNeeds } from './model.ts'
import { type Expect, endOf, hour, type PairModel, type Request, type Wish } from './model-state.ts'
import { automaticMaximum, named } from './people.ts'

/** Everybody is looked at so often. */
export const evaluateEvery = 15 * 60_000
/** One evaluation of a crowd, from the look at somebody to what is done about it. */
const evaluationTakes = 120_000
/** A worker that dies keeps the work to itself for a minute; pauses grow to a minute. */
const evaluationTakesInTrouble = 30 * 60_000

/** Who should have access by an automatic flow, and who should not. */
export interface AutomaticModel {
  /** What stands for a request that the broker makes by itself. */
  wishFor(pair: PairModel, requestId: string): Wish
  renewed(request: Request, event: LedgerEvent): void
  ending(request: Request, event: LedgerEvent): void
  check(pairs: Iterable<PairModel>): void
}

export function createAutomaticModel(needs: ModelNeeds, expect: Expect): AutomaticModel {
  const { world } = needs
  const given = new Set(['readers', 'writers'].map(named))
  /** Since when somebody's fitting counts for what is done now. */
  const recently = () =>
    needs.now() - (needs.troubleUntil() === undefined ? evaluationTakes : evaluationTakesInTrouble)
  const own = ({ requests }: PairModel) =>
    [...requests.values()].filter(({ wish }) => wish.isAutomatic === true)
  const isOpen = ({ closedAt, endRequestedAt }: Request) =>
    closedAt === undefined && endRequestedAt === undefined
  const fits = ({ access }: PairModel) => `fits:${access.grantee}` as const

  return {
    wishFor(pair, requestId) {
      const key = `automatic ${requestId.slice(-6)}`
      const didFit = world.was(fits(pair), true, recently())
      expect('automatic', didFit, `${key} was made for somebody who does not fit`)
      // Another one may take over from one that was renewed often, also for a crowd.
      const former = own(pair)
      const takesOver = former.some(isOpen)
      // Who was given something before may be given it again by what was counted last.
      const counted = former.length === 0 ? recently() : recently() - evaluateEvery
      const mayStart = takesOver || needs.isConfirmed() || world.was('uncrowded', true, counted)
      expect('automatic', mayStart, `${key} is one of too many, and nobody has confirmed it`)
      return {
        key,
        access: pair.access,
        requester: 'system',
        milliseconds: automaticMaximum,
        maximum: automaticMaximum,
        needsApproval: false,
        isAutomatic: true,
      }
    },

    renewed(request, { at, detail }) {
      const { wish } = request
      const now = Date.parse(at)
      const former = endOf(request)
      const renewedTo = Date.parse(String(detail['endsAt']))
      expect('I12', wish.isAutomatic === true, `${wish.key} was renewed, and somebody asked for it`)
      expect('I12', renewedTo - now <= wish.maximum, `${wish.key} is renewed beyond the maximum`)
      expect('I12', renewedTo > former && now < former, `${wish.key} is renewed after its end`)
      const isHalf = now >= former - wish.maximum / 2
      expect('automatic', isHalf, `${wish.key} is renewed before half of its time`)
      const didFit = world.was(`fits:${wish.access.grantee}`, true, recently())
      expect('automatic', didFit, `${wish.key} is renewed for somebody who does not fit`)
      request.renewedTo = renewedTo
    },

    ending({ wish }, { detail }) {
      const { grantee, resource } = wish.access
      const since = recently()
      const truths: Readonly<Record<string, boolean>> = {
        'no-longer-eligible': world.was(`fits:${grantee}`, false, since),
        'person-left':
          world.was(`enabled:${grantee}`, false, since) ||
          world.was(`there:${grantee}`, false, since),
        'resource-gone': world.was(`there:${resource.id}`, false, since),
      }
      const reason = String(detail['endReason'])
      expect('I2', truths[reason] !== false, `${wish.key} was ended as ${reason}, which is not so`)
    },

    check(pairs) {
      const now = needs.now() - needs.clockError()
      const trouble = needs.troubleUntil()
      for (const pair of pairs) {
        const { access } = pair
        if (!given.has(access.resource.id)) continue
        const all = own(pair)
        const fact = fits(pair)
        const open = all.find(isOpen)
        const late = trouble === undefined ? 0 : evaluateEvery + evaluationTakesInTrouble
        const from = (since: number) => Math.max(since, trouble ?? 0)
        if (open !== undefined && !world.is(fact)) {
          const latest = from(world.since(fact)) + evaluateEvery + evaluationTakes + late
          expect('automatic', now <= latest, `${open.wish.key} goes on for one who does not fit`)
        }
        if (open !== undefined || !world.is(fact)) continue
        const wanted = [fact, `there:${access.resource.id}`, 'surely-running', 'uncrowded'] as const
        if (!wanted.every(world.is)) continue
        // Whose access was ended otherwise gets it again when he would have been renewed.
        const ended = Math.max(0, ...all.map((each) => each.closedAt ?? each.endRequestedAt ?? 0))
        const since = Math.max(...wanted.map(world.since), ended + automaticMaximum / 2)
        const latest = from(since) + evaluateEvery + evaluationTakes + (late === 0 ? 0 : hour)
        const who = access.grantee.slice(-4)
        expect('automatic', now <= latest, `${who} fits, and has been given nothing`)
      }
    },
  }
}
