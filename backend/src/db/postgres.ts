import { readFileSync } from 'node:fs'
import { readPostgresUrl, type PostgresServer } from '#config'
import { followChanges } from './changes.ts'
import type { Database, ReadOnlyDatabase } from './database.ts'
import { keepListening } from './keep-listening.ts'
import { checkPostgres, migratePostgres } from './migrate-postgres.ts'
import { createPostgresQueries, openConnection } from './postgres-connection.ts'
import { usualPatience, type Patience } from './patience.ts'
import { createPostgresPool } from './postgres-pool.ts'
import { changeChannel, createPostgresTransaction } from './postgres-transaction.ts'
import { createProof } from './prove-write.ts'
import { postgresTables } from './tables.ts'

/** Nobody holds a lock for longer than these milliseconds while doing nothing. */
const idleMs = 30_000
/** A migration of much data takes long, and so may whoever it waits for. */
const migrationDeadlineMs = 10 * 60_000

export async function openPostgres(
  { directUrl, url }: { url: string; directUrl?: string },
  patience: Patience = usualPatience,
): Promise<Database> {
  const server = readServer('DATABASE_URL', url)
  const direct = directUrl === undefined ? null : readServer('DATABASE_DIRECT_URL', directUrl)
  const isPooled = await prepareDatabase(server)
  if (isPooled && Object.keys(server.settings).length > 0) {
    throw new Error(
      'options= of DATABASE_URL is lost behind a pooler; write ALTER ROLE … SET … in the database in its place',
    )
  }
  // A pooler refuses settings of a session, or loses them; a transaction keeps its own.
  const limits = {
    statement_timeout: String(patience.statementMs),
    lock_timeout: String(patience.lockMs),
    idle_in_transaction_session_timeout: String(idleMs),
  }
  const settings = isPooled ? limits : { ...limits, ...server.settings }
  const { connectMs, silenceMs: deadlineMs } = patience
  const pool = createPostgresPool({
    open: () => openConnection(server, { deadlineMs, connectMs, ...(!isPooled && { settings }) }),
    size: 10,
    waitMs: patience.queueMs,
    waitersMax: 1_000,
    lifetimeMs: 45 * 60_000,
  })
  const read = createPostgresQueries((text, params, mode) =>
    pool.lend((connection) => connection.run(text, params, mode)),
  )
  const feed = followChanges(read, postgresTables)
  const heard = direct ?? (isPooled ? null : server)
  // While nobody hears, the feed polls.
  const stopListening =
    heard === null
      ? async () => {}
      : keepListening(heard, { channel: changeChannel, onNotice: feed.wake, patience })

  const transaction = createPostgresTransaction({
    pool,
    tell: feed.tell,
    // Where there is a pooler, every transaction brings its settings.
    settings: isPooled ? settings : null,
  })

  return {
    dialect: 'postgres',
    tables: postgresTables,
    read,
    transaction,
    ping: createProof({
      tables: postgresTables,
      transaction,
      read: async () => void (await pool.lend(({ run }) => run('SELECT 1'))),
    }),
    onChange: feed.subscribe,
    heardAt: feed.heardAt,
    close: async () => {
      await feed.close()
      await stopListening()
      await pool.close()
    },
  }
}

/** One connection, over which nothing is changed. Throws SchemaMismatch. */
export async function openPostgresToRead(
  { url }: { url: string },
  { silenceMs }: Pick<Patience, 'silenceMs'> = usualPatience,
): Promise<ReadOnlyDatabase> {
  const server = readServer('DATABASE_URL', url)
  const connection = await openConnection(server, { deadlineMs: silenceMs })
  try {
    await checkPostgres(connection)
  } catch (error) {
    await connection.end()
    throw error
  }
  return {
    tables: postgresTables,
    read: connection.queries,
    close: () => connection.end(),
  }
}

function readServer(variable: string, url: string): PostgresServer {
  const { mistakes, server } = readPostgresUrl(variable, url, (path) => readFileSync(path, 'utf8'))
  if (server === null) throw new Error(mistakes.join(' '))
  return server
}

/** Brings the schema up to date. Answers whether a pooler such as PgBouncer stands in between. */
async function prepareDatabase(server: PostgresServer): Promise<boolean> {
  const first = await openConnection(
    { ...server, settings: {} },
    { deadlineMs: migrationDeadlineMs },
  )
  try {
    const [row] = (await first.run('SELECT pg_backend_pid() AS pid')) as { pid: number }[]
    // A pooler announces a number of its own.
    const isPooled = row?.pid !== first.announcedPid
    if (!isPooled && Object.keys(server.settings).length > 0) {
      const own = await openConnection(server, { deadlineMs: migrationDeadlineMs })
      await migratePostgres(own).finally(() => own.end())
    } else {
      await migratePostgres(first)
    }
    return isPooled
  } finally {
    await first.end()
  }
}
