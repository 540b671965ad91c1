import { randomUUID } from 'node:crypto'
import type { ApiToken, TokenBudget } from '@hub/shared'
import type { Clock, RequestContext } from '#context'
import type { Database, Reader, Transaction } from '#db'
import { AppError, asAppError } from '#errors'
import type { Fleet } from '#fleet'
import { findUsed, takeOfWindow } from '#usage'
import { countAsked } from './count-gpus.ts'
import { createGpuLimits, type GpuChange } from './limit-gpus.ts'
import { deleteHolding, findHoldings, putHolding, type HoldingRow } from './store.ts'

/** What is to be made, or made another. `uid` is null for what is not there yet. */
type Claim = GpuChange & { uid: string | null }

export type Budgets = {
  /** Counts one call of a token that has so many a day. Throws `too-many-requests`, which says when there are more. */
  countCall(ctx: RequestContext): Promise<void>
  /**
   * Does `work` if what it asks for is within what the caller's grants allow at once and what the token may hold; `uidOf`
   * reads the uid of what was made. Throws `too-many-requests`, `budget-used-up`, and what `work` throws.
   */
  hold<T>(
    ctx: RequestContext,
    claim: Claim,
    work: () => Promise<T>,
    uidOf: (done: T) => string | null,
  ): Promise<T>
  /** A deployment is being deleted. */
  released(
    ctx: RequestContext,
    place: Pick<Claim, 'instance' | 'namespace' | 'name'>,
  ): Promise<void>
  /** Of tokens with a budget, what is used of it. */
  usedBy(
    reader: Reader,
    tokenIds: readonly string[],
  ): Promise<ReadonlyMap<string, ApiToken['used']>>
}

type Deps = { db: Database; fleet: Pick<Fleet, 'get' | 'instanceState' | 'list'>; now: Clock }
type Holder = { id: string; name: string; budget: TokenBudget }

const dayMs = 86_400_000
/** For so long what was just written counts for more than what a watch says: it may be from before. */
const freshMs = 30_000

export function createBudgets({ db, fleet, now }: Deps): Budgets {
  const limits = createGpuLimits({ db, fleet, now })
  const countHeld = (row: HoldingRow) => readHeld(fleet, row, now())
  const holdOfToken = createTokenHolds({ db, now }, countHeld)
  const released: Budgets['released'] = async ({ log }, place) => {
    await limits
      .forget(place)
      .catch((error: unknown) =>
        log.warn({ error }, 'which GPUs are given back could not be written; they are in a moment'),
      )
  }

  return {
    released,
    countCall: async ({ actor }) => {
      const holder = holderOf(actor)
      if (holder?.budget.callsPerDay == null) return
      const limit = holder.budget.callsPerDay
      const window = windowOf(holder.id, now())
      if (await db.transaction((tx) => takeOfWindow(tx, window, { limit, share: 1 }))) return
      const seconds = Math.ceil((window.endsAt.getTime() - now().getTime()) / 1000)
      throw new AppError('too-many-requests', {
        detail: `All ${limit} calls a day of the token "${holder.name}" are used. They renew at midnight UTC (${window.endsAt.toISOString()}).`,
        retryAfterSeconds: seconds,
      })
    },
    hold: async (ctx, claim, work, uidOf) => {
      const taken = await limits.take(ctx, claim)
      try {
        const done = await holdOfToken(ctx, claim, work, uidOf)
        await (taken ? noteTaken(ctx, taken.settle) : null)
        if (claim.after < claim.before && !claim.dryRun) await released(ctx, claim)
        return done
      } catch (error) {
        // It may have happened all the same; the fleet tells in a moment.
        const isUnknown = asAppError(error).outcome === 'unknown'
        await (taken ? noteTaken(ctx, isUnknown ? taken.settle : taken.giveBack) : null)
        throw error
      }
    },
    usedBy: async (reader, tokenIds) => {
      const windows = new Map(tokenIds.map((id) => [id, windowOf(id, now()).id]))
      const [used, rows] = await Promise.all([
        findUsed(reader, [...windows.values()]),
        findHoldings(reader, tokenIds),
      ])
      return new Map(
        tokenIds.map((id) => {
          const held = rows.filter(({ tokenId }) => tokenId === id).map(countHeld)
          const gpus = held.reduce<number>((sum, each) => sum + (each ?? 0), 0)
          return [id, { callsToday: used.get(windows.get(id)!) ?? 0, gpus }]
        }),
      )
    },
  }
}

type CountHeld = (row: HoldingRow) => number | null

/** Within what the token that the caller came with may hold. */
function createTokenHolds(
  { db, now }: Pick<Deps, 'db' | 'now'>,
  countHeld: CountHeld,
): Budgets['hold'] {
  const reserve = (holder: Holder, claim: Claim) =>
    db.transaction(async (tx) => {
      // Of two at once, on whichever replica, the second counts the first.
      await tx.lock('budgets')
      const rows = await dropGone(tx, await findHoldings(tx, [holder.id]), countHeld)
      const own = rows.find(({ uid }) => uid !== null && uid === claim.uid)
      const base = own?.base ?? claim.before
      const wanted = Math.max(0, claim.after - base)
      const others = rows.filter((row) => row !== own)
      if (claim.after > claim.before) refuseMore(holder, wanted, others, countHeld)
      const kept = { id: own?.id ?? randomUUID(), tokenId: holder.id, uid: claim.uid, base }
      const { instance, name, namespace } = claim
      const changedAt = laterThan(own?.changedAt, now())
      const row = { ...kept, instance, namespace, name, gpus: wanted, changedAt }
      if (!claim.dryRun && (own || wanted > 0)) await putHolding(tx, row)
      return { row, before: own }
    })

  /** As it was before a claim that came to nothing, unless another of the same deployment was counted since. */
  const giveBack = (claimed: HoldingRow, before: HoldingRow | undefined) =>
    db.transaction(async (tx) => {
      await tx.lock('budgets')
      const rows = await findHoldings(tx, [claimed.tokenId])
      const stands = rows.find(({ id }) => id === claimed.id)
      if (stands?.changedAt.getTime() !== claimed.changedAt.getTime()) return
      await (before ? putHolding(tx, before) : deleteHolding(tx, claimed.id))
    })

  return async (ctx, claim, work, uidOf) => {
    const holder = holderOf(ctx.actor)
    if (holder?.budget.gpus == null || claim.after === claim.before) return work()
    const { before, row } = await reserve(holder, claim)
    if (claim.dryRun) return work()
    try {
      const done = await work()
      if (row.gpus > 0 || before) {
        const settled = { ...row, uid: uidOf(done) ?? row.uid }
        // It is done all the same, and counts by its name.
        await db
          .transaction((tx) => putHolding(tx, settled))
          .catch((error: unknown) =>
            ctx.log.warn({ error }, 'which deployment a token holds could not be written'),
          )
      }
      return done
    } catch (error) {
      // It may have happened all the same; the fleet tells in a moment.
      if (asAppError(error).outcome !== 'unknown') {
        await giveBack(row, before).catch((cause: unknown) =>
          ctx.log.warn({ error: cause }, 'what a token holds no more could not be written'),
        )
      }
      throw error
    }
  }
}

/** It stands in the database for some minutes longer where that fails. */
async function noteTaken({ log }: RequestContext, note: () => Promise<void>): Promise<void> {
  await note().catch((error: unknown) =>
    log.warn({ error }, 'what became of the GPUs that somebody asked for could not be written'),
  )
}

function holderOf(actor: RequestContext['actor']): Holder | null {
  if (actor.type !== 'user' || actor.credential.type !== 'token') return null
  const { budget, id, name } = actor.credential
  return budget ? { id, name, budget } : null
}

/** So that no two claims of one deployment are of the same moment. */
function laterThan(previous: Date | undefined, at: Date): Date {
  return previous && previous >= at ? new Date(previous.getTime() + 1) : at
}

/** A day in UTC. */
function windowOf(tokenId: string, at: Date): { id: string; endsAt: Date } {
  const day = Math.floor(at.getTime() / dayMs)
  return { id: `token-calls ${tokenId} ${day}`, endsAt: new Date((day + 1) * dayMs) }
}

/** As the cluster has it now; null for what is there no more. What is not known at the moment counts as it was. */
function readHeld(
  fleet: Pick<Fleet, 'get' | 'instanceState'>,
  { base, changedAt, gpus, instance, name, namespace, uid }: HoldingRow,
  now: Date,
): number | null {
  const isFresh = now.getTime() - changedAt.getTime() < freshMs
  const there = fleet.get(instance, namespace, name)
  if (there && (uid === null || there.uid === uid)) {
    // Two kinds of replica are not told apart there.
    if (there.servingMode === 'disaggregated') return gpus
    const held = Math.max(0, countAsked(there) - base)
    return isFresh ? Math.max(gpus, held) : held
  }
  return isFresh || !fleet.instanceState(instance, namespace).synced ? gpus : null
}

async function dropGone(
  tx: Transaction,
  rows: readonly HoldingRow[],
  countHeld: (row: HoldingRow) => number | null,
): Promise<HoldingRow[]> {
  const gone = rows.filter((row) => countHeld(row) === null)
  for (const { id } of gone) await deleteHolding(tx, id)
  return rows.filter((row) => !gone.includes(row))
}

function refuseMore(
  { budget, name }: Holder,
  wanted: number,
  others: readonly HoldingRow[],
  countHeld: (row: HoldingRow) => number | null,
): void {
  const held = others.reduce((sum, row) => sum + (countHeld(row) ?? 0), 0)
  if (held + wanted <= budget.gpus!) return
  const places = others.slice(0, 5).map((row) => `${row.instance}/${row.namespace}/${row.name}`)
  const by = places.length === 0 ? '' : ` (${places.join(', ')})`
  throw new AppError('budget-used-up', {
    detail: `The token "${name}" may hold ${budget.gpus} GPUs. Its deployments hold ${held}${by}, and this would hold ${wanted}. It renews as they are deleted or scaled down.`,
  })
}
