import type { Change } from './change-feed.ts'
import type { PgDatabase, PgQueryResultHKT } from 'drizzle-orm/pg-core'
import type { Tables } from './tables.ts'

/** Drizzle's query builder, as far as both databases share it. */
export type Queries = Pick<
  PgDatabase<PgQueryResultHKT>,
  'select' | 'selectDistinct' | 'insert' | 'update' | 'delete' | '$count'
>

/**
 * What several rows decide together: who administers the hub, what groups give, what somebody has asked for, and what
 * the audit log's next row follows on.
 */
export type LockName =
  | 'administrators'
  | 'groups'
  | 'access-requests'
  | 'audit-chain'
  | 'confirmations'
  | 'budgets'

/** What is read with: by the database as it was committed, by a transaction with what it has written itself. */
export type Reader = {
  readonly tables: Tables
  readonly read: Pick<Queries, 'select' | 'selectDistinct' | '$count'>
}

/** What a transaction's callback gets. Writes exist here alone. */
export type Transaction = Reader & {
  readonly dialect: Database['dialect']
  readonly queries: Queries
  /** Tells every process on this database once the change is durable; this one before `transaction` returns. */
  announce(change: Change): Promise<void>
  /** Waits until no other transaction, of whichever process, holds the same, or else than `shared`; until this one ends. */
  lock(name: LockName, mode?: 'shared'): Promise<void>
  /** Runs after `work`, as part of the transaction: for what locks out others and has to be short. */
  beforeCommit(ending: () => Promise<void>): void
  /** Runs once the change is durable, and not at all when it is rolled back. Must not throw. */
  afterCommit(effect: () => void): void
}

/** It reads outside of transactions; on SQLite by a connection that cannot write. */
export type Database = Reader & {
  readonly dialect: 'sqlite' | 'postgres'
  /** All or nothing. Never call it inside another, and never wait for the network in it: others wait for you. */
  transaction<T>(work: (tx: Transaction) => Promise<T>): Promise<T>
  /** What any process announces, within a moment, or a second where the database's own notice is lost. */
  onChange(listener: (change: Change) => void): () => void
  /** What was durable at this moment of `performance.now()` was told to every listener; `-Infinity` before any was. */
  heardAt(): number
  /** Throws when the database does not answer, or cannot be written to; it looks every few seconds at most. */
  ping(): Promise<void>
  close(): Promise<void>
}

/** What somebody else keeps, and nothing here changes. */
export type ReadOnlyDatabase = Reader & { close(): Promise<void> }
