import { randomUUID } from 'node:crypto'
import type { Grant } from '@hub/shared'
import { describeActor, type Clock, type RequestContext } from '#context'
import type { Database } from '#db'
import { AppError } from '#errors'
import type { Fleet } from '#fleet'
import { decide, findCoveringGrants } from '#rbac'
import { gpusOf } from './gpus-of.ts'
import {
  deleteClaim,
  deleteOldClaims,
  deleteSettledClaims,
  findClaims,
  insertClaim,
  settleClaim,
  type ClaimRow,
} from './store.ts'

type Place = { instance: string; namespace: string; name: string }

/** How many accelerators something asks for now, and will; 0 before it is there. */
export type GpuChange = Place & { before: number; after: number; dryRun: boolean }

/** What is counted of a change until the fleet shows it. */
type Taken = {
  /** The cluster has answered, or may have done it all the same. */
  settle(): Promise<void>
  giveBack(): Promise<void>
}

const retryAfterSeconds = 60
/** For so long another replica may not have seen what was made. */
const unseenMs = 30_000
/** Longer than a cluster is waited for: what is older is of a replica that ended in between. */
const underWayMs = 5 * 60_000

/** The most GPUs at once that grants allow, over all replicas. */
export function createGpuLimits({
  db,
  fleet,
  now,
}: {
  db: Database
  fleet: Pick<Fleet, 'get' | 'list'>
  now: Clock
}) {
  const after = (ms: number) => new Date(now().getTime() + ms)
  return {
    /**
     * Refuses what would give the caller more GPUs at once than any of their grants there allows, with what they
     * deployed already and what they ask for at this moment, on whichever replica. What asks for no more than before is let
     * through. Null where nothing has to be counted. Throws `too-many-requests`.
     */
    take: async (ctx: RequestContext, change: GpuChange): Promise<Taken | null> => {
      const covering = findCoveringGrants(ctx, 'deployment.create', change)
      if (covering.length === 0 || covering.some(isUnlimited)) return null
      if (change.after <= change.before) return null
      const caller = describeActor(ctx.actor)
      if (change.dryRun) {
        const claims = await findClaims(db, caller, now())
        refuseMore(ctx, fleet, { caller, change, claims, covering })
        return null
      }
      const { instance, name, namespace } = change
      const id = randomUUID()
      await db.transaction(async (tx) => {
        // Of two at once, on whichever replica, the second counts the first.
        await tx.lock('budgets')
        await deleteOldClaims(tx, now())
        const claims = await findClaims(tx, caller, now())
        refuseMore(ctx, fleet, { caller, change, claims, covering })
        const gpus = change.after - (isOwn(fleet, change, caller) ? 0 : change.before)
        const place = { instance, namespace, name }
        await insertClaim(tx, {
          ...place,
          id,
          caller,
          gpus,
          isSettled: false,
          expiresAt: after(underWayMs),
        })
      })
      return {
        settle: () => db.transaction((tx) => settleClaim(tx, id, after(unseenMs))),
        giveBack: () => db.transaction((tx) => deleteClaim(tx, id)),
      }
    },
    /** What was made there is gone, or asks for less: the fleet alone says what it holds. */
    forget: (place: Place) => db.transaction((tx) => deleteSettledClaims(tx, place)),
  }
}

function refuseMore(
  ctx: RequestContext,
  fleet: Pick<Fleet, 'get' | 'list'>,
  {
    caller,
    change,
    claims,
    covering,
  }: { caller: string; change: GpuChange; claims: readonly ClaimRow[]; covering: readonly Grant[] },
): void {
  const { after, before } = change
  const others = countByPlace(fleet, caller, claims).filter(({ at }) => !isSame(at, change))
  const had = isOwn(fleet, change, caller) ? before : 0
  const left = covering.map((grant) => {
    const own = others.filter(({ at }) => decide([grant], 'deployment.create', at, ctx.now()))
    const used = own.reduce((sum, { gpus }) => sum + gpus, 0) + had
    return { grant, used, left: grant.limits!.gpusAtOnce! - used }
  })
  const [best] = left.toSorted((a, b) => b.left - a.left)
  if (!best || after - before <= best.left) return
  const { grant, used } = best
  throw new AppError('too-many-requests', {
    detail: `That would be ${used + after - before} GPUs at once, and the role ${describe(grant)} allows ${grant.limits!.gpusAtOnce}: your other deployments there have ${used}. Delete or scale down one of them, ask for fewer, or ask an administrator for a higher limit.`,
    retryAfterSeconds,
  })
}

/** What the caller's deployments have, and what of it the fleet may not show yet. */
function countByPlace(
  fleet: Pick<Fleet, 'list'>,
  caller: string,
  claims: readonly ClaimRow[],
): { at: Place; gpus: number }[] {
  const places = new Map<string, { at: Place; gpus: number }>()
  const count = (at: Place, gpus: number) => {
    const key = `${at.instance}/${at.namespace}/${at.name}`
    places.set(key, { at, gpus: Math.max(gpus, places.get(key)?.gpus ?? 0) })
  }
  for (const each of fleet.list()) if (each.createdBy === caller) count(each, gpusOf(each))
  for (const claim of claims) count(claim, claim.gpus)
  return [...places.values()]
}

/** Of what is another's, the caller answers for what they add alone. */
function isOwn(fleet: Pick<Fleet, 'get'>, at: Place, caller: string): boolean {
  const there = fleet.get(at.instance, at.namespace, at.name)
  return there === null || there.createdBy === caller
}

function isUnlimited({ limits }: Grant): boolean {
  return limits?.gpusAtOnce === undefined
}

function isSame(one: Place, other: Place): boolean {
  return (
    one.instance === other.instance && one.namespace === other.namespace && one.name === other.name
  )
}

function describe({ instanceId, namespaces, role }: Grant): string {
  const where = instanceId === null ? 'on every instance' : `on instance "${instanceId}"`
  return namespaces === null ? `${role} ${where}` : `${role} ${where}, in ${namespaces.join(', ')}`
}
