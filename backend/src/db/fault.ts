import { DrizzleQueryError } from 'drizzle-orm/errors'
import { AppError } from '#errors'

type Fault = 'busy' | 'full' | 'read-only' | 'moved' | 'broken' | 'away' | 'text'

/** By code, or by the beginning of one (PostgreSQL appendix A, SQLite result codes, Node's, the driver's): the longest counts. */
const faults: Readonly<Record<string, Fault>> = {
  // Somebody else held what was needed for too long.
  '40001': 'busy',
  '40P01': 'busy',
  '55P03': 'busy',
  '57014': 'busy',
  '53': 'busy',
  BUSY: 'busy',
  SQLITE_BUSY: 'busy',
  SQLITE_LOCKED: 'busy',
  SQLITE_PROTOCOL: 'busy',
  '53100': 'full',
  SQLITE_FULL: 'full',
  '25006': 'read-only',
  '42501': 'read-only',
  SQLITE_READONLY: 'read-only',
  SQLITE_READONLY_DBMOVED: 'moved',
  SQLITE_CANTOPEN: 'read-only',
  SQLITE_PERM: 'read-only',
  READ_ONLY: 'read-only',
  '58': 'broken',
  XX001: 'broken',
  XX002: 'broken',
  SQLITE_IOERR: 'broken',
  SQLITE_CORRUPT: 'broken',
  SQLITE_NOTADB: 'broken',
  '22021': 'text',
  '22P05': 'text',
  '08': 'away',
  '25P03': 'away',
  '25P04': 'away',
  '28': 'away',
  '3D000': 'away',
  '57P': 'away',
  CONNECT_TIMEOUT: 'away',
  CONNECTION_: 'away',
  DEADLINE: 'away',
  TLS_NOT_OFFERED: 'away',
  NO_POSTGRES: 'away',
  ECONN: 'away',
  EHOSTUNREACH: 'away',
  EHOSTDOWN: 'away',
  ENETUNREACH: 'away',
  ENETDOWN: 'away',
  ENOTFOUND: 'away',
  EAI_AGAIN: 'away',
  EPIPE: 'away',
  ETIMEDOUT: 'away',
  ERR_TLS_: 'away',
  ERR_SSL_: 'away',
  CERT_: 'away',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'away',
  SELF_SIGNED_CERT_IN_CHAIN: 'away',
  UNABLE_TO_: 'away',
}

const details: Readonly<Record<Exclude<Fault, 'text'>, string>> = {
  busy: "The hub's database is busy, and nothing was changed. Try again in a moment.",
  full: "The hub's database has run out of space, and nothing was changed. Ask whoever runs the hub to free some space.",
  'read-only':
    "The hub's database cannot be written to: it is read-only, and nothing was changed. Tell whoever runs the hub.",
  moved:
    "The file of the hub's database was removed or replaced while the hub ran, and nothing was changed. Whoever runs the hub has to restart it.",
  broken:
    "The hub's database could not read or write its files. Tell whoever runs the hub, and check whether your change was made.",
  away: "The hub's database did not answer. In a moment, check whether your change was made, then try again.",
}

/** What a query failed for, as `unavailable` where waiting may help; anything else as it is. */
export function asDatabaseFault(error: unknown): unknown {
  return error instanceof DrizzleQueryError ? asTransactionFault(error) : error
}

/**
 * As `asDatabaseFault`, for what came out of a transaction: whatever failed on the network there was the database. The
 * outcome is unknown where it failed while it was being committed.
 */
export function asTransactionFault(error: unknown, outcome?: 'unknown'): unknown {
  if (error instanceof AppError) return error
  const fault = findFault(error)
  if (fault === null) return error
  if (fault === 'text') {
    return new AppError('invalid-request', {
      detail:
        'The request is not valid. It contains a character that cannot be stored, such as NUL; leave it out.',
      cause: error,
    })
  }
  return new AppError('unavailable', {
    detail: details[fault],
    cause: error,
    retryAfterSeconds: 2,
    ...(outcome && (fault === 'away' || fault === 'broken') && { outcome }),
  })
}

/** Whether it was busy alone: it can be written to. */
export function isBusyFault(error: AppError): boolean {
  return findFault(error.cause) === 'busy'
}

function findFault(error: unknown): Fault | null {
  const code = readCode(error)
  for (let length = code.length; length > 1; length -= 1) {
    const fault = faults[code.slice(0, length)]
    if (fault !== undefined) return fault
  }
  return null
}

function readCode(error: unknown): string {
  if (!(error instanceof Error)) return ''
  const { code } = error as { code?: unknown }
  return typeof code === 'string' ? code : readCode(error.cause)
}
