import { and, eq, sql, type SQL } from 'drizzle-orm'
import type { Database, Transaction } from './database.ts'

/** What is held was taken by somebody else, or could not be kept. */
export class LeaseLost extends Error {
  constructor(name: string) {
    super(`The lease "${name}" is lost: another process may have it.`)
    this.name = 'LeaseLost'
  }
}

export type Lease = {
  readonly name: string
  /** Greater than that of everybody who held it before. */
  readonly fencingNumber: number
  /** Aborts when the lease is lost, and with the signal it was taken with. */
  readonly signal: AbortSignal
  /** Throws LeaseLost where another one has taken it; nobody can until the transaction ends. */
  check(tx: Transaction): Promise<void>
}

export type Leases = {
  /**
   * Does the work while nobody else on this database does what has the same name. Answers false, without having begun,
   * where somebody does. Throws what the work throws.
   */
  hold(name: string, signal: AbortSignal, work: (lease: Lease) => Promise<void>): Promise<boolean>
}

/** Time as the holder sees it: by it a lease is given up, and never taken. */
type LeaseTiming = {
  /** In milliseconds. */
  now(): number
  /** Resolves early when the signal aborts; never rejects. */
  sleep(ms: number, signal: AbortSignal): Promise<void>
}

/** A holder that has died is waited for so long. */
const leaseMs = 30_000
const renewEveryMs = 10_000

export function createLeases(
  db: Database,
  options: { holder: string; timing: LeaseTiming },
): Leases {
  return db.dialect === 'sqlite' ? createOwnLeases() : createSharedLeases(db, options)
}

/** The process that has the file of an SQLite database has it alone. */
function createOwnLeases(): Leases {
  let fencingNumber = 0
  return {
    async hold(name, signal, work) {
      fencingNumber += 1
      await work({ name, fencingNumber, signal, check: async () => {} })
      return true
    },
  }
}

function createSharedLeases(
  db: Database,
  { holder, timing }: { holder: string; timing: LeaseTiming },
): Leases {
  return {
    async hold(name, signal, work) {
      const takenAt = timing.now()
      const fencingNumber = await take(db, name, holder)
      if (fencingNumber === null) return false
      const held = { name, fencingNumber }
      const lost = new AbortController()
      const done = new AbortController()
      const kept = keep({ db, held, done: done.signal, lost, takenAt, timing })
      try {
        await work({
          ...held,
          signal: AbortSignal.any([signal, lost.signal]),
          check: (tx) => checkHeld(tx, held),
        })
      } finally {
        done.abort()
        await kept
        // Without this it ends by itself a little later.
        if (!lost.signal.aborted) await release(db, held).catch(() => undefined)
      }
      return true
    },
  }
}

type Held = Pick<Lease, 'name' | 'fencingNumber'>

/** Renews what is held until it is done with. What was not renewed in time counts as lost before anybody can take it. */
async function keep(options: {
  db: Database
  held: Held
  done: AbortSignal
  lost: AbortController
  takenAt: number
  timing: LeaseTiming
}): Promise<void> {
  const { db, done, held, lost, timing } = options
  let goodUntil = options.takenAt + leaseMs
  for (;;) {
    await timing.sleep(renewEveryMs, done)
    if (done.aborted) return
    const askedAt = timing.now()
    // A database that does not answer may have renewed it, or not; it is waited for only while nobody else can take it.
    const isHeld = await Promise.race([
      renew(db, held).catch(() => null),
      timing.sleep(goodUntil - askedAt, done).then(() => null),
    ])
    if (done.aborted) return
    if (isHeld === true) goodUntil = askedAt + leaseMs
    const isOver = timing.now() + renewEveryMs >= goodUntil
    if (isHeld === false || isOver) return lost.abort(new LeaseLost(held.name))
  }
}

/** The database's clock decides, because those of several machines differ. */
const inMs = (ms: number): SQL<Date> =>
  sql`clock_timestamp() + make_interval(secs => ${ms / 1000}::double precision)`

async function take(db: Database, name: string, holder: string): Promise<number | null> {
  return db.transaction(async ({ queries, tables: { leases } }) => {
    const [row] = await queries
      .insert(leases)
      .values({ name, holder, fencingNumber: 1, expiresAt: inMs(leaseMs) })
      .onConflictDoUpdate({
        target: leases.name,
        set: {
          holder,
          fencingNumber: sql`${leases.fencingNumber} + 1`,
          expiresAt: inMs(leaseMs),
        },
        setWhere: sql`${leases.expiresAt} <= clock_timestamp()`,
      })
      .returning({ fencingNumber: leases.fencingNumber })
    return row?.fencingNumber ?? null
  })
}

const renew = (db: Database, held: Held) => setEnd(db, held, inMs(leaseMs))

const release = (db: Database, held: Held) => setEnd(db, held, inMs(0))

/** Answers whether it was still held. */
async function setEnd(db: Database, held: Held, expiresAt: SQL<Date>): Promise<boolean> {
  return db.transaction(async ({ queries, tables: { leases } }) => {
    const rows = await queries
      .update(leases)
      .set({ expiresAt })
      .where(and(eq(leases.name, held.name), eq(leases.fencingNumber, held.fencingNumber)))
      .returning({ name: leases.name })
    return rows.length > 0
  })
}

async function checkHeld({ queries, tables: { leases } }: Transaction, held: Held): Promise<void> {
  const [row] = await queries
    .select({ fencingNumber: leases.fencingNumber })
    .from(leases)
    .where(eq(leases.name, held.name))
    .for('share')
  if (row?.fencingNumber !== held.fencingNumber) throw new LeaseLost(held.name)
}
