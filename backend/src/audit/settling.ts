import type { Job, JobRound } from '#context'

type Settler = (round: JobRound) => Promise<void>

/** Finds out what came of changes whose outcome nobody wrote down, such as when the hub died half-way. */
export function createSettlingJob(settlers: readonly Settler[]): Job {
  return {
    name: 'audit.settling',
    everySeconds: 10,
    isLeased: true,
    failure: 'what came of earlier changes could not be found out',
    async run(round) {
      const results = await Promise.allSettled(settlers.map((settle) => settle(round)))
      const errors = results.flatMap((each) => (each.status === 'rejected' ? [each.reason] : []))
      if (errors.length > 1) throw new AggregateError(errors, 'several kinds of changes')
      if (errors.length === 1) throw errors[0]
    },
  }
}
