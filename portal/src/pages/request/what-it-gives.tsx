import type { ReactNode } from 'react'
import type { AccessRequest } from '../../api/types.ts'
import { isoWords, millisecondsOf } from '../../parts/duration.ts'
import { EndTime, useNow } from '../../parts/time.tsx'
import { UserText } from '../../parts/user-text.tsx'

interface WhatItGivesProps {
  readonly request: AccessRequest
  /** As it would be approved; undefined while what is typed is none. */
  readonly duration?: string | undefined
}

/** What a yes gives, to whom, and until when. */
export function WhatItGives({ request, duration }: WhatItGivesProps): ReactNode {
  const now = useNow()
  const { granteeName, resource, startsAt } = request
  const begins = Math.max(now, startsAt === undefined ? 0 : Date.parse(startsAt))
  const ends = new Date(begins + millisecondsOf(duration ?? request.duration)).toISOString()
  return (
    <p>
      <b>
        <UserText text={granteeName} />
      </b>{' '}
      {becomes(request)}{' '}
      <b>
        <UserText text={resource.name} />
      </b>
      {resource.type === 'directory-role' ? ` ${within(resource.scope)}` : ''}
      {duration === undefined ? (
        '.'
      ) : (
        <>
          {' '}
          for {isoWords(duration)}: if approved now, until <EndTime at={ends} />.
        </>
      )}{' '}
      {consequence(request)}
    </p>
  )
}

function becomes({ resource, permission }: AccessRequest): string {
  if (resource.type === 'directory-role') return 'holds the directory role'
  return permission === 'owner' ? 'becomes an owner of the group' : 'becomes a member of the group'
}

function within(scope: string | undefined): string {
  return scope === undefined || scope === '/' ? 'in the whole directory' : `within ${scope}`
}

function consequence({ resource, permission }: AccessRequest): string {
  if (resource.type === 'directory-role') return 'Everything that the role allows is allowed then.'
  return permission === 'owner'
    ? 'Owners add and remove members, also such as stay after them.'
    : 'Everything that the group opens is open then.'
}
