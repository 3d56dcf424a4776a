import type { ReactNode } from 'react'
import type { ApprovalItem } from '../../api/types.ts'
import { permissionWords } from '../../parts/resource-title.tsx'
import { EndTime } from '../../parts/time.tsx'
import { UserText } from '../../parts/user-text.tsx'

type Context = NonNullable<ApprovalItem['context']>

/** What the person holds already, of this product and of this very access; nothing else of his life. */
export function HeldAlready({ context }: { context: Context }): ReactNode {
  const { grants, complete, standing } = context
  return (
    <>
      {standing === false ? null : <p>{standingWords(standing)}</p>}
      {grants.length === 0 ? <p>Nothing for a while.</p> : null}
      {grants.length === 0 ? null : (
        <ul className="plain-list">
          {grants.map(({ id, resource, permission, endsAt }) => (
            <li key={id}>
              <UserText text={resource.name} />{' '}
              <span className="quiet">({permissionWords(resource.type, permission)})</span>
              {endsAt === undefined ? null : (
                <>
                  {' '}
                  until <EndTime at={endsAt} />
                </>
              )}
            </li>
          ))}
        </ul>
      )}
      {complete ? null : <p className="quiet">Only the latest fifty requests were looked at.</p>}
    </>
  )
}

function standingWords(standing: true | null): string {
  return standing === true
    ? 'This very access, by other hands: it will not be taken away at the end.'
    : 'Whether this very access is there by other hands could not be read.'
}
