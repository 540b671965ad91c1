import { fileURLToPath } from 'node:url'
import { sql } from 'drizzle-orm'
import { drizzle } from 'drizzle-orm/postgres-js'
import { migrate } from 'drizzle-orm/postgres-js/migrator'
import postgres from 'postgres'
import { followChanges, insertChange } from './changes.ts'
import type { Database, LockName } from './database.ts'
import { postgresTables } from './tables.ts'

const migrationsFolder = fileURLToPath(new URL('../../migrations/postgres', import.meta.url))

/** Names this application's migrations among the advisory locks of the database. */
const migrationLock = 7_205_961

const locks = {
  administrators: 1,
  'audit-chain': 2,
  groups: 3,
  'access-requests': 4,
} as const satisfies Record<LockName, number>

const changeChannel = 'hub_changes'

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
    connection: { ...options.connection, statement_timeout: 15_000, lock_timeout: 10_000 },
  })
  const queries = drizzle({ client })
  const feed = followChanges(queries, postgresTables)
  // Its own connection, which the driver opens again when it is lost; meanwhile the feed polls.
  const listening = client.listen(changeChannel, feed.wake, feed.wake).catch(() => undefined)

  return {
    dialect: 'postgres',
    tables: postgresTables,
    read: queries,
    async transaction(work) {
      const effects: (() => void)[] = []
      const afterCommit = (effect: () => void) => void effects.push(effect)
      const result = await queries.transaction(async (tx) => {
        const endings: (() => Promise<void>)[] = []
        const value = await work({
          queries: tx,
          tables: postgresTables,
          beforeCommit: (ending) => void endings.push(ending),
          afterCommit,
          announce: async (change) => {
            const row = await insertChange(tx, postgresTables, change)
            afterCommit(() => feed.tell(row))
            // Delivered at the commit, and once however many rows there are.
            await tx.execute(sql`SELECT pg_notify(${changeChannel}, '')`)
          },
          lock: async (name, mode) => {
            await tx.execute(
              mode === 'shared'
                ? sql`SELECT pg_advisory_xact_lock_shared(${migrationLock}, ${locks[name]})`
                : sql`SELECT pg_advisory_xact_lock(${migrationLock}, ${locks[name]})`,
            )
          },
        })
        for (const end of endings) await end()
        return value
      })
      for (const effect of effects) effect()
      return result
    },
    async ping() {
      await client`SELECT 1`
    },
    onChange: feed.subscribe,
    close: async () => {
      await feed.close()
      await listening
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
