import type { AccessKey } from '../../shared/access/access.ts'
import type { MemoryDirectory } from '../../shared/directory/memory-directory.ts'
import { tenantId } from '../operations/broker-in-memory.ts'
import { named } from './people.ts'

/** So many may be covered by an automatic flow without anybody's word. */
export const mostUnconfirmed = 500

/** Always too many for that. */
export const crowd: readonly string[] = Array.from(
  { length: mostUnconfirmed + 1 },
  (_, index) => `40000000-0000-4000-8000-${String(index).padStart(12, '0')}`,
)

const inTeam = (grantee: string): AccessKey => ({
  tenantId,
  grantee,
  resource: { type: 'group', id: named('team') },
  permission: 'member',
})

export function isCrowded(directory: MemoryDirectory): boolean {
  const [first = ''] = crowd
  return directory.isHeld(inTeam(first))
}

/** All of them at once. */
export function moveCrowd(directory: MemoryDirectory, joins: boolean): void {
  if (isCrowded(directory) === joins) return
  for (const id of crowd) {
    if (!joins) {
      directory.removeByHand(inTeam(id))
      continue
    }
    directory.addUser({ id, displayName: 'One of many' })
    directory.addByHand(inTeam(id))
  }
}
