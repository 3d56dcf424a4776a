import { type DriftMode, type Sighting, weighSighting } from '../../shared/access/drift.ts'
import type { Pair } from '../../shared/access/pair.ts'
import { aLimits, at } from '../builders.ts'

/** When the directory was looked at. */
export const now = at('12:30:00')
export const limits = aLimits()

/** The access is there, and so are person and resource. */
export const aSighting = (over: Partial<Sighting> = {}): Sighting => ({
  readAt: now,
  present: true,
  person: 'enabled',
  isResourceGone: false,
  ...over,
})

export const weigh = (pair: Pair, over: Partial<Sighting>, mode: DriftMode = 'report') =>
  weighSighting(pair, aSighting(over), { now, limits, mode })
