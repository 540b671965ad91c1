import { sql } from 'drizzle-orm'
import type { NumberedChange } from './change-feed.ts'
import { collectChanges, insertChanges } from './changes.ts'
import type { Database, LockName, Transaction } from './database.ts'
import { asTransactionFault } from './fault.ts'
import { hubLock } from './migrate-postgres.ts'
import type { PostgresConnection } from './postgres-connection.ts'
import type { PostgresPool } from './postgres-pool.ts'
import { postgresTables } from './tables.ts'

export const changeChannel = 'hub_changes'

const locks = {
  administrators: 1,
  'audit-chain': 2,
  groups: 3,
  changes: 4,
  'access-requests': 5,
  confirmations: 6,
  budgets: 7,
} as const satisfies Record<LockName | 'changes', number>

export type PostgresTransactionOptions = {
  pool: Pick<PostgresPool, 'lend'>
  /** Tells this process of what others hear by a notice. */
  tell: (rows: NumberedChange[]) => void
  /** What each transaction sets for itself; null where the connection has it already. */
  settings: Readonly<Record<string, string>> | null
}

export function createPostgresTransaction(
  options: PostgresTransactionOptions,
): Database['transaction'] {
  return async (work) => {
    const effects: (() => void)[] = []
    const progress = { isCommitting: false }
    const attempt = options.pool.lend((connection) =>
      runTransaction(connection, options, work, { effects, progress }),
    )
    const result = await attempt.catch((error: unknown) => {
      throw asTransactionFault(error, progress.isCommitting ? 'unknown' : undefined)
    })
    for (const effect of effects) effect()
    return result
  }
}

async function runTransaction<T>(
  connection: PostgresConnection,
  { settings, tell }: PostgresTransactionOptions,
  work: (tx: Transaction) => Promise<T>,
  { effects, progress }: { effects: (() => void)[]; progress: { isCommitting: boolean } },
): Promise<T> {
  const { queries, run } = connection
  const endings: (() => Promise<void>)[] = []
  const collected = collectChanges()
  const lock = (name: keyof typeof locks, mode?: 'shared') => takeLock(connection, name, mode)
  const afterCommit = (effect: () => void) => void effects.push(effect)
  try {
    await begin(connection, settings)
    const value = await work({
      dialect: 'postgres',
      queries,
      read: queries,
      tables: postgresTables,
      beforeCommit: (ending) => void endings.push(ending),
      afterCommit,
      announce: collected.announce,
      lock,
    })
    for (const end of endings) await end()
    const changes = collected.all()
    if (changes.length > 0) {
      await lock('changes')
      const rows = await insertChanges(queries, postgresTables, changes)
      afterCommit(() => tell(rows))
      // Delivered at the commit.
      await queries.execute(sql`SELECT pg_notify(${changeChannel}, '')`)
    }
    progress.isCommitting = true
    await run('COMMIT')
    return value
  } catch (error) {
    // What is still open may not be lent to anybody else.
    if (connection.isOpen()) await run('ROLLBACK').catch(() => connection.destroy())
    throw error
  }
}

async function begin(
  { run }: PostgresConnection,
  settings: PostgresTransactionOptions['settings'],
): Promise<void> {
  // A server or a role may have another one, with which what is done at once fails.
  await run('BEGIN ISOLATION LEVEL READ COMMITTED')
  if (settings === null) return
  const names = Object.keys(settings)
  const set = names.map((_, at) => `set_config($${2 * at + 1}, $${2 * at + 2}, true)`)
  await run(`SELECT ${set.join(', ')}`, Object.entries(settings).flat())
}

async function takeLock(
  { queries }: PostgresConnection,
  name: keyof typeof locks,
  mode?: 'shared',
): Promise<void> {
  await queries.execute(
    mode === 'shared'
      ? sql`SELECT pg_advisory_xact_lock_shared(${hubLock}::int, ${locks[name]}::int)`
      : sql`SELECT pg_advisory_xact_lock(${hubLock}::int, ${locks[name]}::int)`,
  )
}
