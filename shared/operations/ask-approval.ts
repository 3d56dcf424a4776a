import type { ApprovalRule } from '../access/flow.ts'
import type { AskedApprover } from '../ledger/pair-ledger.ts'
import { type ApproverEntry, type Approvers, canBeApproved, findApprovers } from './approvers.ts'
import type { Allowed } from './decide-request.ts'
import type { Needs } from './needs.ts'
import { type Refusal, refused } from './refusal.ts'

/** An approval that can be carried through, with who is asked as things stand now. */
export interface AskedApproval {
  readonly kind: 'asked'
  readonly rule: ApprovalRule
  /** For people to read; who may decide is looked up again when somebody does. */
  readonly asked: readonly (readonly (readonly AskedApprover[])[])[]
}

const shownPeople = 5
const shownCharacters = 64

/** Prepares the approval a flow asks for; undefined where it grants automatically. */
export async function prepareApproval(
  needs: Pick<Needs, 'directory' | 'tables' | 'log'>,
  { verdict, key, requester, grantee }: Allowed,
): Promise<AskedApproval | Refusal | undefined> {
  const rule = verdict.flow.approval
  if (rule === undefined) return undefined
  const { integration } = verdict
  const subject = { rule, integration, resource: key.resource, granteeId: grantee.id }
  const [approvers = []] = await findApprovers(needs, [subject])
  const parties = [requester.id, grantee.id]
  if (!canBeApproved(rule, approvers, parties)) {
    return refused(
      'not-allowed',
      'nobody-can-approve',
      `The flow "${verdict.flow.name}" needs an approval, and nobody could give it: its approvers are unknown, disabled, or you yourself.`,
      { trace: verdict.trace },
    )
  }
  if (approvers.flat(2).some(({ isFallback }) => isFallback)) {
    needs.log('warning', "Nobody owns the resource: the integration's owner is asked instead", {
      integration: integration.name,
      resource: key.resource.id,
      keyName: integration.resourceOwner?.keyName,
    })
  }
  return { kind: 'asked', rule, asked: shown(approvers, parties) }
}

/** The approvers by name, as far as a person would read them. */
function shown(
  approvers: Approvers,
  parties: readonly string[],
): readonly (readonly (readonly AskedApprover[])[])[] {
  return approvers.map((stage) =>
    stage.map((tier) => tier.map((entry) => shownEntry(entry, parties))),
  )
}

function shownEntry(
  { ref, users, groups, isFallback }: ApproverEntry,
  parties: readonly string[],
): AskedApprover {
  const able = users.filter(({ id, enabled }) => enabled && !parties.includes(id))
  return {
    as: typeof ref === 'string' ? ref : ref.type,
    people: able
      .slice(0, shownPeople)
      .map(({ id, displayName }) => ({ id, name: short(displayName) })),
    groups: groups.slice(0, shownPeople).map(({ id, name }) => ({ id, name: short(name) })),
    ...(isFallback ? { insteadOf: 'resource-owner' as const } : {}),
  }
}

function short(name: string): string {
  return name.slice(0, shownCharacters)
}
