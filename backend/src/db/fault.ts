import { DrizzleQueryError } from 'drizzle-orm/errors'
import { AppError } from '#errors'

/** Somebody else held what was needed for too long (PostgreSQL appendix A, SQLite result codes). */
const busyCodes = new Set([
  '40001',
  '40P01',
  '55P03',
  '57014',
  '53300',
  'SQLITE_BUSY',
  'SQLITE_BUSY_SNAPSHOT',
  'SQLITE_LOCKED',
])
const fullCodes = new Set(['53100', 'SQLITE_FULL'])
const awayCodes = new Set([
  '25P03',
  '57P01',
  '57P02',
  '57P03',
  'CONNECT_TIMEOUT',
  'CONNECTION_CLOSED',
  'CONNECTION_DESTROYED',
  'CONNECTION_ENDED',
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTUNREACH',
  'ENOTFOUND',
  'EPIPE',
  'ETIMEDOUT',
])

/** What a query failed for, as `unavailable` where waiting may help; anything else as it is. */
export function asDatabaseFault(error: unknown): unknown {
  return error instanceof DrizzleQueryError ? asTransactionFault(error) : error
}

/** As `asDatabaseFault`, for what came out of a transaction: whatever failed on the network there was the database. */
export function asTransactionFault(error: unknown): unknown {
  if (error instanceof AppError) return error
  const code = readCode(error)
  const describe = (detail: string) =>
    new AppError('unavailable', { detail, cause: error, retryAfterSeconds: 2 })
  if (busyCodes.has(code)) {
    return describe("The hub's database is busy, and nothing was changed. Try again in a moment.")
  }
  if (fullCodes.has(code)) {
    return describe(
      "The hub's database has no room left, and nothing was changed. Tell whoever runs the hub to make some.",
    )
  }
  if (awayCodes.has(code)) {
    return describe(
      "The hub's database did not answer. Try again in a moment, and look first whether what you did is there.",
    )
  }
  return error
}

function readCode(error: unknown): string {
  if (!(error instanceof Error)) return ''
  const { code } = error as { code?: unknown }
  return typeof code === 'string' ? code : readCode(error.cause)
}
