import { Badge, type BadgeProps } from '@fluentui/react-components'
import {
  ArrowSyncRegular,
  CalendarClockRegular,
  CheckmarkCircleRegular,
  ClockRegular,
  DismissCircleRegular,
  ErrorCircleRegular,
  HourglassRegular,
  SubtractCircleRegular,
} from '@fluentui/react-icons'
import type { ReactElement, ReactNode } from 'react'
import type { AccessRequest } from '../api/types.ts'

type Status = AccessRequest['status']

const shown: Readonly<
  Record<
    Status,
    readonly [words: string, color: NonNullable<BadgeProps['color']>, icon: ReactElement]
  >
> = {
  'pending-approval': ['Waiting for approval', 'warning', <ClockRegular key="i" />],
  scheduled: ['Scheduled', 'informative', <CalendarClockRegular key="i" />],
  granting: ['Being granted', 'brand', <ArrowSyncRegular key="i" />],
  active: ['Active', 'success', <CheckmarkCircleRegular key="i" />],
  ending: ['Ending', 'informative', <HourglassRegular key="i" />],
  ended: ['Ended', 'informative', <SubtractCircleRegular key="i" />],
  denied: ['Denied', 'danger', <DismissCircleRegular key="i" />],
  cancelled: ['Cancelled', 'informative', <DismissCircleRegular key="i" />],
  'timed-out': ['Nobody decided in time', 'informative', <ClockRegular key="i" />],
  failed: ['Failed', 'danger', <ErrorCircleRegular key="i" />],
  overdue: ['End overdue', 'severe', <ErrorCircleRegular key="i" />],
}

/** Where a request stands: an icon and words, never by its colour only. */
export function StatusBadge({ status }: { status: Status }): ReactNode {
  const [words, color, icon] = shown[status]
  return (
    <Badge appearance="tint" color={color} icon={icon} size="large" className="nowrap">
      {words}
    </Badge>
  )
}

export function statusWords(status: Status): string {
  return shown[status][0]
}

const ends: Readonly<Record<NonNullable<AccessRequest['endReason']>, string>> = {
  expired: 'its time was over',
  'given-back': 'it was given back',
  revoked: 'it was taken back',
  emergency: 'it was ended in an emergency',
  'person-left': 'the person left the directory',
  'resource-gone': 'the resource is gone',
  'no-longer-eligible': 'no access flow covers it any more',
}

export function endWords(reason: AccessRequest['endReason']): string {
  return reason === undefined ? '' : ends[reason]
}

/** Holds access, or is about to, or is about to lose it. */
export function isHeld({ status }: Pick<AccessRequest, 'status'>): boolean {
  return ['granting', 'active', 'ending', 'overdue'].includes(status)
}

/** Nothing has begun yet. */
export function isWaiting({ status }: Pick<AccessRequest, 'status'>): boolean {
  return status === 'pending-approval' || status === 'scheduled'
}
