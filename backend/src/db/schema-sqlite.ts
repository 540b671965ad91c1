import { index, integer, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core'

const timestamp = (name: string) => integer(name, { mode: 'timestamp_ms' })
const json = (name: string) => text(name, { mode: 'json' }).$type<Record<string, unknown>>()

export const users = sqliteTable('users', {
  id: text('id').primaryKey(),
  displayName: text('display_name').notNull(),
  email: text('email'),
  disabledAt: timestamp('disabled_at'),
  createdAt: timestamp('created_at').notNull(),
  lastSignInAt: timestamp('last_sign_in_at').notNull(),
})

export const identities = sqliteTable(
  'identities',
  {
    id: text('id').primaryKey(),
    userId: text('user_id')
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    provider: text('provider').notNull(),
    issuer: text('issuer').notNull(),
    subject: text('subject').notNull(),
    principal: text('principal').notNull(),
    email: text('email'),
    createdAt: timestamp('created_at').notNull(),
    lastSignInAt: timestamp('last_sign_in_at').notNull(),
  },
  (table) => [
    uniqueIndex('identities_provider_issuer_subject').on(
      table.provider,
      table.issuer,
      table.subject,
    ),
    index('identities_user_id').on(table.userId),
  ],
)

export const sessions = sqliteTable(
  'sessions',
  {
    idHash: text('id_hash').primaryKey(),
    userId: text('user_id')
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    identityId: text('identity_id')
      .notNull()
      .references(() => identities.id, { onDelete: 'cascade' }),
    createdAt: timestamp('created_at').notNull(),
    lastSeenAt: timestamp('last_seen_at').notNull(),
    expiresAt: timestamp('expires_at').notNull(),
    revokedAt: timestamp('revoked_at'),
    revokeReason: text('revoke_reason'),
    ip: text('ip'),
    userAgent: text('user_agent'),
  },
  (table) => [
    index('sessions_user_id').on(table.userId),
    index('sessions_expires_at').on(table.expiresAt),
  ],
)

export const consumedLogins = sqliteTable(
  'consumed_logins',
  {
    idHash: text('id_hash').primaryKey(),
    expiresAt: timestamp('expires_at').notNull(),
  },
  (table) => [index('consumed_logins_expires_at').on(table.expiresAt)],
)

/** Which cluster stands behind an instance's name: another one rests until an administrator confirms it. */
export const instances = sqliteTable('instances', {
  id: text('id').primaryKey(),
  clusterUid: text('cluster_uid').notNull(),
  firstSeenAt: timestamp('first_seen_at').notNull(),
  confirmedAt: timestamp('confirmed_at'),
  confirmedBy: text('confirmed_by'),
})

export const auditLog = sqliteTable(
  'audit_log',
  {
    seq: integer('seq').primaryKey({ autoIncrement: true }),
    occurredAt: timestamp('occurred_at').notNull(),
    actor: text('actor').notNull(),
    userId: text('user_id'),
    action: text('action').notNull(),
    target: json('target'),
    before: json('before'),
    after: json('after'),
    outcome: text('outcome').notNull(),
    reason: text('reason'),
    requestId: text('request_id').notNull(),
    ip: text('ip'),
    clusterAuditId: text('cluster_audit_id'),
  },
  (table) => [
    index('audit_log_occurred_at').on(table.occurredAt),
    index('audit_log_request_id').on(table.requestId),
  ],
)
