import type { Grant } from '@hub/shared'
import type { Caller, Clock } from '#context'
import type { Database } from '#db'
import { AppError } from '#errors'
import type { RequestWindows } from './request-windows.ts'
import type { TokenWindows } from './token-windows.ts'

/** A call that was let in: by which grant, and whose counts it is part of. */
export type Admission = {
  team: string | null
  /** It was not done. */
  giveBack(): void
  use(tokens: number): void
}

export type AdmitDeps = { db: Database; now: Clock; requests: RequestWindows; tokens: TokenWindows }

/**
 * Lets a call in by the most generous of the grants that cover it, or by any other that has something left: each counts
 * every call that it covers, so that one more grant never means fewer rights, nor two that they are added up. Throws
 * `too-many-requests`, which names the grant.
 */
export async function admit(
  caller: Caller,
  covering: readonly Grant[],
  { now, requests, tokens }: AdmitDeps,
): Promise<Admission> {
  const grants = distinct(covering).toSorted(byGenerosity)
  const [first] = grants
  if (!first || isUnlimited(first)) {
    const team = grants.find((grant) => isUnlimited(grant) && grant.team !== undefined)?.team
    return { team: team ?? null, giveBack: () => {}, use: () => {} }
  }
  const callerId = idOf(caller)
  const ownerOf = ({ id }: Grant) => `${callerId} ${id}`
  const outcomes = await Promise.all(
    grants.map(async (grant) => {
      const { requestsPerMinute, tokensPerDay } = grant.limits ?? {}
      const owner = ownerOf(grant)
      if (tokensPerDay !== undefined && !(await tokens.hasLeft(owner, tokensPerDay))) {
        return { grant, full: 'tokens' as const }
      }
      if (requestsPerMinute === undefined) return { grant, giveBack: () => {} }
      const giveBack = await requests.take(owner, requestsPerMinute)
      return giveBack === null ? { grant, full: 'requests' as const } : { grant, giveBack }
    }),
  )
  const taken = outcomes.flatMap(({ giveBack, grant }) => (giveBack ? [{ giveBack, grant }] : []))
  const [by] = taken
  if (!by) throw refuse(outcomes, now())
  return {
    team: by.grant.team ?? null,
    giveBack: () => {
      for (const { giveBack } of taken) giveBack()
    },
    use: (used) => {
      for (const grant of grants) {
        if (grant.limits?.tokensPerDay !== undefined) tokens.use(ownerOf(grant), used)
      }
    },
  }
}

/** Whichever of their identities or tokens they come with. */
function idOf(caller: Caller): string {
  switch (caller.type) {
    case 'user':
      return caller.userId
    case 'service':
      return caller.servicePrincipalId
    case 'guest':
      return caller.principal
  }
}

/** A token of several instances has each grant once for each of them. */
function distinct(grants: readonly Grant[]): Grant[] {
  return [...new Map(grants.map((grant) => [grant.id, grant])).values()]
}

function isUnlimited({ limits }: Grant): boolean {
  return limits?.requestsPerMinute === undefined && limits?.tokensPerDay === undefined
}

function byGenerosity(a: Grant, b: Grant): number {
  const [left, right] = [a.limits ?? {}, b.limits ?? {}]
  return (
    compare(left.requestsPerMinute, right.requestsPerMinute) ||
    compare(left.tokensPerDay, right.tokensPerDay) ||
    (a.id < b.id ? -1 : 1)
  )
}

/** The larger one first; none at all is the largest. */
function compare(left = Infinity, right = Infinity): number {
  return left === right ? 0 : right > left ? 1 : -1
}

type Refused = { grant: Grant; full?: 'tokens' | 'requests' }

/** By what has an end first. */
function refuse(refused: readonly Refused[], now: Date): AppError {
  const time = now.getTime()
  const minute = 60 - Math.floor((time / 1000) % 60)
  const day = 86_400 - Math.floor((time / 1000) % 86_400)
  const { full, grant } = refused.find((each) => each.full === 'requests') ?? refused[0]!
  const { requestsPerMinute, tokensPerDay } = grant.limits ?? {}
  const of = `the role ${describeGrant(grant)}`
  if (full === 'requests') {
    return new AppError('too-many-requests', {
      detail: `That was more than the ${requestsPerMinute} requests a minute that ${of} allows. Wait ${minute} s and try again, or ask an administrator for a higher limit.`,
      retryAfterSeconds: minute,
    })
  }
  return new AppError('too-many-requests', {
    detail: `The ${tokensPerDay} tokens a day that ${of} allows are used up. The next day begins at midnight UTC; until then, ask an administrator for a higher limit.`,
    retryAfterSeconds: day,
  })
}

/** The grant as its holder knows it, and its id for who administers it. */
function describeGrant({ id, instanceId, namespaces, role }: Grant): string {
  const where = instanceId === null ? 'all instances' : `"${instanceId}"`
  const within = namespaces === null ? '' : `, in ${namespaces.slice(0, 5).join(', ')}`
  return `${role} on ${where}${within} (grant ${id})`
}
