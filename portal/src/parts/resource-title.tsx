import { PeopleTeamRegular, ShieldKeyholeRegular } from '@fluentui/react-icons'
import type { ReactNode } from 'react'
import type { AccessRequest } from '../api/types.ts'
import { UserText } from './user-text.tsx'

type Subject = Pick<
  AccessRequest,
  'resource' | 'permission' | 'grantee' | 'granteeName' | 'requester'
>

interface ResourceTitleProps {
  readonly request: Subject
  /** Of its heading. */
  readonly level?: 2 | 3
}

/** Name of a resource, what one is in it, and for whom where that is somebody else. */
export function ResourceTitle({ request, level = 3 }: ResourceTitleProps): ReactNode {
  const Heading = `h${level}` as const
  const { resource, permission, grantee, granteeName, requester } = request
  return (
    <div className="resource-title">
      <ResourceIcon type={resource.type} />
      <div>
        <Heading className="resource-name">
          <UserText text={resource.name} />
        </Heading>
        <p className="quiet">
          {permissionWords(resource.type, permission)}
          {resource.scope === undefined || resource.scope === '/'
            ? null
            : `, for ${resource.scope}`}
          {grantee === requester ? null : (
            <>
              {' · for '}
              <UserText text={granteeName} />
            </>
          )}
        </p>
      </div>
    </div>
  )
}

export function ResourceIcon({ type }: { type: string }): ReactNode {
  return (
    <span className="resource-icon" aria-hidden="true">
      {type === 'group' ? <PeopleTeamRegular /> : <ShieldKeyholeRegular />}
    </span>
  )
}

export function permissionWords(type: string, permission: string): string {
  if (type === 'directory-role') return 'Directory role'
  return permission === 'owner' ? 'Owner of the group' : 'Member of the group'
}
