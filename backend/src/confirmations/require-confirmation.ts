import { createHash, randomUUID } from 'node:crypto'
import { describeActor, type Caller, type RequestContext } from '#context'
import type { Database, Transaction } from '#db'
import { AppError } from '#errors'
import { requireCaller } from '#rbac'
import type { SealedText } from '#secrets'
import { recordStep } from './record-step.ts'
import {
  countWaiting,
  findConfirmation,
  findLive,
  insertConfirmation,
  moveConfirmation,
  type ConfirmationRow,
} from './store.ts'

/** What is to be done, exactly: an approval is for nothing else. */
export type Confirmed = {
  action: 'deployment.delete' | 'deployment.recreate'
  target: { instance: string; namespace: string; name: string; uid: string }
  /** What more it is done with. */
  input?: unknown
}

export type Confirmations = {
  sealed: SealedText
  /**
   * Passes once for each time that a person said yes to this very thing; else what is asked for waits for that. Throws
   * `confirmation-required`, and `forbidden` where a person said no.
   */
  require(ctx: RequestContext, what: Confirmed): Promise<void>
  /** Until a person has decided, the signal aborts, or `ms` are over. */
  awaitDecision(db: Database, id: string, ms: number, signal: AbortSignal): Promise<void>
}

/** How long a request waits, and an approval is good. */
export const confirmationMs = 15 * 60_000
const waitingMax = 20

export function createConfirmations({ sealed }: { sealed: SealedText }): Confirmations {
  return {
    sealed,
    async require(ctx, what) {
      const caller = requireCaller(ctx.actor)
      const digest = digestOf(caller, what)
      const inputSealed =
        what.input === undefined ? null : await sealed.seal(JSON.stringify(what.input))
      const row = await ctx.db.transaction(async (tx) => {
        // Of two that are asked at once, one passes.
        await tx.lock('confirmations')
        const known = await findLive(tx, digest, ctx.now())
        if (known?.state === 'approved') return takeApproval(tx, ctx, known)
        return known && known.state !== 'used' ? known : ask(tx, ctx, { what, digest, inputSealed })
      })
      refuse(row)
    },
    async awaitDecision(db, id, ms, signal) {
      const ended = AbortSignal.any([signal, AbortSignal.timeout(ms)])
      const { promise, resolve } = Promise.withResolvers<void>()
      const look = async () => {
        if ((await findConfirmation(db, id))?.state !== 'waiting') resolve()
      }
      // Whoever cannot look tries again, and is told what is then.
      const lookAgain = () => void look().catch(() => resolve())
      const withdraw = db.onChange(({ subject, topic }) => {
        if (topic === 'all' || (topic === 'confirmation' && subject === id)) lookAgain()
      })
      const end = () => resolve()
      ended.addEventListener('abort', end)
      if (ended.aborted) end()
      lookAgain()
      await promise.finally(() => {
        withdraw()
        ended.removeEventListener('abort', end)
      })
    },
  }
}

/** By what they showed, not by what they call themselves. */
function digestOf(caller: Caller, { action, input, target }: Confirmed): string {
  const shown =
    caller.type !== 'user'
      ? [caller.type, caller.clientId]
      : caller.credential.type === 'token'
        ? ['token', caller.credential.id]
        : caller.credential.type === 'jwt'
          ? ['jwt', caller.credential.issuer, caller.credential.clientId]
          : [caller.credential.type]
  const { instance, name, namespace, uid } = target
  const exact = [caller.principal, shown, action, [instance, namespace, name, uid], sort(input)]
  return createHash('sha256').update(JSON.stringify(exact)).digest('hex')
}

/** The order of fields means nothing. */
function sort(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sort)
  if (typeof value !== 'object' || value === null) return value ?? null
  return Object.entries(value)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, inner]: [string, unknown]) => [name, sort(inner)])
}

async function ask(
  tx: Transaction,
  ctx: RequestContext,
  { digest, inputSealed, what }: { what: Confirmed; digest: string; inputSealed: string | null },
): Promise<ConfirmationRow> {
  const now = ctx.now()
  const principal = describeActor(ctx.actor)
  if ((await countWaiting(tx, principal, now)) >= waitingMax) {
    throw new AppError('too-many-requests', {
      detail: `${waitingMax} of your requests already wait for a person's approval. Wait until some are decided.`,
      retryAfterSeconds: 60,
    })
  }
  const row: ConfirmationRow = {
    id: randomUUID(),
    digest,
    userId: findPerson(ctx.actor),
    principal,
    action: what.action,
    target: what.target,
    inputSealed,
    via: ctx.via ?? null,
    state: 'waiting',
    createdAt: now,
    expiresAt: new Date(now.getTime() + confirmationMs),
    decidedAt: null,
    decidedBy: null,
  }
  await insertConfirmation(tx, row)
  await recordStep(tx, ctx, 'confirmation.request', row)
  return row
}

/** Null for a program, and in local mode, whose one person is in no books. */
function findPerson(actor: RequestContext['actor']): string | null {
  return actor.type === 'user' && actor.credential.type !== 'local' ? actor.userId : null
}

async function takeApproval(
  tx: Transaction,
  ctx: RequestContext,
  row: ConfirmationRow,
): Promise<null> {
  await moveConfirmation(tx, { id: row.id, from: 'approved' }, { state: 'used' })
  await recordStep(tx, ctx, 'confirmation.use', row)
  return null
}

function refuse(row: ConfirmationRow | null): void {
  if (row === null) return
  const until = row.expiresAt.toISOString()
  if (row.state === 'refused') {
    throw new AppError('forbidden', {
      detail: `A person refused this. It can be asked for again after ${until}; find out why before.`,
    })
  }
  const who = row.userId === null ? 'An administrator' : 'The person in whose name you act'
  throw new AppError('confirmation-required', {
    detail: `This takes something away for good, and this instance needs a person's approval first. ${who} can find it in the portal under Me, Agents, until ${until}. Once they have approved it, send exactly the same request again.`,
    confirmation: row.id,
  })
}
