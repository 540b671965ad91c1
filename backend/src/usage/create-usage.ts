import { isCaller, type Clock, type Job, type RequestContext } from '#context'
import type { Database } from '#db'
import type { FleetDeployment } from '#fleet'
import type { Logger } from '#log'
import { findCoveringGrants } from '#rbac'
import type { Called, CallOutcome, Telemetry } from '#telemetry'
import { admit } from './admit.ts'
import { createCounts, type Counts } from './counts.ts'
import { createRequestWindows } from './request-windows.ts'
import { addUsage } from './store.ts'
import { createTokenWindows } from './token-windows.ts'

/** What is used. A provider outside has no deployment either. */
type UseOf = Called & { deployment: string | null }

/** The status of a call that its client left: nobody waits for one. It is no error of a model's. */
export const clientGone = 0

/** One call of a model. */
export type Use = {
  /** Counts it, the first time. */
  ended(outcome: CallOutcome): void
  /** It was not sent: it counts for nothing. */
  cancelled(): void
}

export type Meter = {
  /** Before a model is called. Throws `too-many-requests`, which says when again and names the grant. */
  begin(ctx: RequestContext, of: UseOf): Promise<Use>
}

/** A deployment, by what its model is called. */
export function describeUse({
  instance,
  model,
  name,
  namespace,
}: Pick<FleetDeployment, 'instance' | 'namespace' | 'name' | 'model'>): UseOf & { model: string } {
  return { instance, namespace, deployment: name, model: model.servedName ?? model.id ?? name }
}

export type Usage = {
  meter: Meter
  job: Job
  /** Writes what is counted. */
  flush(): Promise<void>
}

const flushSeconds = 10
/** So many rows are written before their time. */
const countsMax = 5_000

/** Who used what: counted here, written every ten seconds, added up by the database. */
export function createUsage(deps: {
  db: Database
  now: Clock
  log: Logger
  telemetry: Pick<Telemetry, 'countCall'> | null
}): Usage {
  const { db, log, now } = deps
  const counts = createCounts()
  const tokens = createTokenWindows(deps)
  const windows = { ...deps, requests: createRequestWindows(deps), tokens }
  let writing: Promise<void> = Promise.resolve()
  let isWritingEarly = false

  const write = async () => {
    const rows = counts.takeAll()
    if (rows.length === 0 && tokens.unflushed() === 0) return
    try {
      await db.transaction(async (tx) => {
        await addUsage(tx, rows)
        await tokens.flush(tx)
      })
    } catch (error) {
      counts.putBack(rows)
      throw error
    }
  }
  const flush = () => {
    writing = writing.catch(() => undefined).then(write)
    return writing
  }
  const flushEarly = () => {
    if (counts.size() < countsMax || isWritingEarly) return
    isWritingEarly = true
    void flush()
      .catch((error: unknown) => log.warn({ error }, failure))
      .finally(() => (isWritingEarly = false))
  }

  return {
    meter: {
      async begin(ctx, of) {
        const { actor } = ctx
        if (!isCaller(actor)) return uncounted
        const covering = findCoveringGrants(ctx, 'deployment.chat', of)
        const { giveBack, team, use } = await admit(actor, covering, windows)
        const counted = { principal: actor.principal, team, ...of }
        return once({
          ended: (outcome) => {
            use((outcome.promptTokens ?? 0) + (outcome.completionTokens ?? 0))
            count(counts, counted, now(), outcome)
            deps.telemetry?.countCall(of, outcome)
            flushEarly()
          },
          cancelled: giveBack,
        })
      },
    },
    job: { name: 'usage.flush', everySeconds: flushSeconds, failure, run: flush },
    flush,
  }
}

const failure = 'what was used could not be written; it is tried again'

const uncounted: Use = { ended: () => {}, cancelled: () => {} }

/** Whatever comes first. */
function once({ cancelled, ended }: Use): Use {
  let isOver = false
  const first = (then: () => void) => {
    if (isOver) return
    isOver = true
    then()
  }
  return {
    ended: (outcome) => first(() => ended(outcome)),
    cancelled: () => first(cancelled),
  }
}

function count(
  counts: Counts,
  of: Parameters<Counts['add']>[0],
  at: Date,
  { completionTokens = 0, firstByteMs = null, promptTokens = 0, status }: CallOutcome,
): void {
  counts.add(of, at, {
    requests: 1,
    errors: status >= 400 ? 1 : 0,
    promptTokens,
    completionTokens,
    ...(firstByteMs !== null && { firstByteMs: Math.round(firstByteMs), firstBytes: 1 }),
  })
}
