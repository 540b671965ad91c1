export type { Change } from './change-feed.ts'
export type { Database, Queries, Transaction } from './database.ts'
export { openDatabase } from './open.ts'
export type { Tables } from './tables.ts'
