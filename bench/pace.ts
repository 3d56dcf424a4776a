import type { Needs } from '../shared/operations/needs.ts'

/** Limits and rules of a deployment by default, for what is measured in memory. */
export const pace: Pick<Needs, 'limits' | 'rules'> = {
  limits: {
    overdueAfter: 300_000,
    giveUpAfter: 900_000,
    replicationTime: 60_000,
    retryMaximum: 60_000,
  },
  rules: {
    minimumDuration: 1_000,
    requestTimeout: 86_400_000,
    maximumPending: 20,
    sweepGrace: 3_000,
  },
}
