import { parseDays, parseText } from '../parsers.ts'
import { defaultDatabasePath } from '../read-database.ts'
import type { Variables } from '../variable.ts'

export const databaseVariables = {
  DATABASE_URL: {
    default: { otherwise: defaultDatabasePath, local: './data/local.db' },
    secret: true,
    purpose: '[`postgres://…` for PostgreSQL, otherwise the path of an SQLite file](#database)',
    parse: parseText,
  },
  DATABASE_DIRECT_URL: {
    default: null,
    unset: 'DATABASE_URL, without a pooler',
    secret: true,
    purpose:
      'behind a pooler such as PgBouncer, the address of PostgreSQL itself, from which the hub hears at once what another replica changed',
    parse: parseText,
  },
  AUDIT_RETENTION: {
    default: null,
    unset: 'for ever',
    purpose: 'how long entries of the audit log are kept, in days, such as `400d`',
    parse: parseDays,
  },
} as const satisfies Variables
