import { ClusterError, isImpersonationRefused } from '#kube'
import type { ActAs } from './act-for.ts'
import type { Instances } from './create-instances.ts'

/** What an answer about one person says of all of them on that instance. */
export type PeopleJudge = {
  good(id: string, as: ActAs): void
  bad(id: string, as: ActAs, error: unknown, reason: string): void
}

/** For so long what was refused to one says something of others, and what was given too. */
const tellingMs = { refusal: 30_000, success: 10 * 60_000 }

export function createPeopleJudge(
  { reportPeople }: Pick<Instances, 'reportPeople'>,
  elapsedMs: () => number,
): PeopleJudge {
  const refusals = new Map<string, { user: string; at: number }>()
  const goodTokens = new Map<string, number>()
  const refusedTokens = new Set<string>()

  const judgeOwn = (id: string, trouble: string | null) => {
    if (trouble === null) {
      goodTokens.set(id, elapsedMs())
      if (refusedTokens.delete(id)) reportPeople(id, null)
      return
    }
    // A cluster that took somebody's token lately has nothing against the issuer: it is this person's matter.
    const goodAt = goodTokens.get(id)
    if (goodAt !== undefined && elapsedMs() - goodAt < tellingMs.success) return
    refusedTokens.add(id)
    reportPeople(id, trouble)
  }

  /** Whether the hub may act for people there: one who is refused by name alone makes nobody else's success a failure. */
  const judgeImpersonated = (id: string, user: string, trouble: string | null) => {
    const refused = refusals.get(id)
    if (trouble !== null) refusals.set(id, { user, at: elapsedMs() })
    else if (refused && refused.user !== user && elapsedMs() - refused.at < tellingMs.refusal) {
      return
    } else refusals.delete(id)
    reportPeople(id, trouble)
  }

  return {
    good: (id, { impersonate, ownToken }) => {
      if (ownToken) judgeOwn(id, null)
      if (impersonate) judgeImpersonated(id, impersonate.user, null)
    },
    bad: (id, { impersonate, ownToken }, error, reason) => {
      const isUnauthorized = error instanceof ClusterError && error.kind === 'unauthorized'
      if (ownToken && isUnauthorized) judgeOwn(id, describeRefused(id))
      if (impersonate && isImpersonationRefused(error)) {
        judgeImpersonated(id, impersonate.user, reason)
      }
    },
  }
}

function describeRefused(id: string): string {
  return `The API server of instance "${id}" does not take people's own tokens (401), so nobody sees what is deployed there. An administrator can compare its OIDC profile with the flags or the file of the API server, such as issuer, audience and claim, and look at that server's log.`
}
