import { fileURLToPath } from 'node:url'
import { sql } from 'drizzle-orm'
import { drizzle } from 'drizzle-orm/postgres-js'
import { migrate } from 'drizzle-orm/postgres-js/migrator'
import postgres from 'postgres'
import { collectChanges, followChanges, insertChanges } from './changes.ts'
import type { Database, LockName } from './database.ts'
import { asTransactionFault } from './fault.ts'
import { keepListening } from './keep-listening.ts'
import { postgresTables } from './tables.ts'

const migrationsFolder = fileURLToPath(new URL('../../migrations/postgres', import.meta.url))

/** Names this application's migrations among the advisory locks of the database. */
const migrationLock = 7_205_961

const locks = {
  administrators: 1,
  'audit-chain': 2,
  groups: 3,
  changes: 4,
  'access-requests': 5,
} as const satisfies Record<LockName | 'changes', number>

const changeChannel = 'hub_changes'

/** Nobody waits longer than these milliseconds for a row or an answer, and nobody holds a lock while doing nothing. */
const patience = {
  statement_timeout: 15_000,
  lock_timeout: 10_000,
  idle_in_transaction_session_timeout: 30_000,
}

export async function openPostgres(url: string): Promise<Database> {
  const options = {
    onnotice: () => undefined,
    connect_timeout: 10,
    connection: { application_name: 'kubeairunway-hub' },
  }
  await migrateUnderLock(url, options)
  const client = postgres(url, {
    ...options,
    max: 10,
    connection: { ...options.connection, ...patience },
  })
  const queries = drizzle({ client })
  const feed = followChanges(queries, postgresTables)
  // While nobody hears, the feed polls.
  const stopListening = keepListening(url, options, { channel: changeChannel, onNotice: feed.wake })

  return {
    dialect: 'postgres',
    tables: postgresTables,
    read: queries,
    async transaction(work) {
      const effects: (() => void)[] = []
      const afterCommit = (effect: () => void) => void effects.push(effect)
      const run = queries.transaction(async (tx) => {
        const endings: (() => Promise<void>)[] = []
        const collected = collectChanges()
        const lock = async (name: keyof typeof locks, mode?: 'shared') => {
          await tx.execute(
            mode === 'shared'
              ? sql`SELECT pg_advisory_xact_lock_shared(${migrationLock}, ${locks[name]})`
              : sql`SELECT pg_advisory_xact_lock(${migrationLock}, ${locks[name]})`,
          )
        }
        const value = await work({
          dialect: 'postgres',
          queries: tx,
          tables: postgresTables,
          beforeCommit: (ending) => void endings.push(ending),
          afterCommit,
          announce: collected.announce,
          lock,
        })
        for (const end of endings) await end()
        const changes = collected.all()
        if (changes.length === 0) return value
        await lock('changes')
        const rows = await insertChanges(tx, postgresTables, changes)
        afterCommit(() => feed.tell(rows))
        // Delivered at the commit.
        await tx.execute(sql`SELECT pg_notify(${changeChannel}, '')`)
        return value
      })
      const result = await run.catch((error: unknown) => {
        throw asTransactionFault(error)
      })
      for (const effect of effects) effect()
      return result
    },
    async ping() {
      await client`SELECT 1`
    },
    onChange: feed.subscribe,
    heardAt: feed.heardAt,
    close: async () => {
      await feed.close()
      await stopListening()
      await client.end({ timeout: 5 })
    },
  }
}

/** Replicas that start together take turns: an advisory lock belongs to one session. */
async function migrateUnderLock(
  url: string,
  options: Parameters<typeof postgres>[1],
): Promise<void> {
  const client = postgres(url, { ...options, max: 1 })
  try {
    await client`SELECT pg_advisory_lock(${migrationLock})`
    await migrate(drizzle({ client }), { migrationsFolder })
    await client`SELECT pg_advisory_unlock(${migrationLock})`
  } finally {
    await client.end({ timeout: 5 })
  }
}
