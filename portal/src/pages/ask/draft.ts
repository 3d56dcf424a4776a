import { useEffect, useState } from 'react'
import type { AccessRequest, CatalogItem } from '../../api/types.ts'

/** What somebody has typed so far. Kept in the tab, so that signing in again loses nothing. */
export interface Draft {
  /** Undefined as long as nobody has chosen; empty while what is typed is no length of time. */
  readonly duration?: string
  readonly justification: string
  readonly ticket: string
  /** As the browser's own field has it: local time without a zone. Empty for now. */
  readonly startsAt: string
  readonly permission?: CatalogItem['permissions'][number]
  readonly accessFlow?: string
}

const key = 'entra-jit.draft.ask'
const nothing: Draft = { justification: '', ticket: '', startsAt: '' }

export function useDraft() {
  const [draft, setDraft] = useState<Draft>(stored)
  useEffect(() => {
    if (draft === nothing) sessionStorage.removeItem(key)
    else sessionStorage.setItem(key, JSON.stringify(draft))
  }, [draft])
  return {
    draft,
    change: (changes: Partial<Draft>) => setDraft((former) => ({ ...former, ...changes })),
    /** Forgets what belonged to what was picked, but not what was typed. */
    forgetChoices: () =>
      setDraft(({ justification, ticket, startsAt }) => ({ justification, ticket, startsAt })),
    clear: () => setDraft(nothing),
  }
}

function stored(): Draft {
  try {
    return { ...nothing, ...JSON.parse(sessionStorage.getItem(key) ?? '{}') }
  } catch {
    return nothing
  }
}

/** What a former request asked for. */
export function draftOf(request: AccessRequest): Partial<Draft> {
  return {
    duration: request.duration,
    justification: request.justification ?? '',
    ticket: request.ticket ?? '',
    permission: request.permission,
  }
}

/** The body of a request for what is picked, without the resources themselves. */
export function bodyOf(draft: Draft, duration: string, items: readonly CatalogItem[]) {
  const [only] = items
  const { justification, ticket, startsAt, permission, accessFlow } = draft
  const isOne = items.length === 1
  return {
    duration,
    ...(justification === '' ? {} : { justification }),
    ...(ticket === '' ? {} : { ticket }),
    ...(startsAt === '' ? {} : { startsAt: new Date(startsAt).toISOString() }),
    ...(isOne && only !== undefined ? { integration: only.integration } : {}),
    ...(isOne && permission !== undefined && only?.permissions.includes(permission)
      ? { permission }
      : {}),
    ...(isOne && accessFlow !== undefined && only?.accessFlows.includes(accessFlow)
      ? { accessFlow }
      : {}),
  }
}

/** A resource as a request names it. */
export function refOf({ resource: { type, id, scope } }: CatalogItem) {
  return { type, id, ...(scope === undefined ? {} : { scope }) }
}
