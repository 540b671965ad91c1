import type { AgentCall, GrantLimits } from '@hub/shared'
import { sql } from 'drizzle-orm'
import { customType, index, integer, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core'
import { showText } from '#text'
import type { Admission } from './admission.ts'

const timestamp = (name: string) => integer(name, { mode: 'timestamp_ms' })
const json = (name: string) => text(name, { mode: 'json' }).$type<Record<string, unknown>>()
const jsonList = <T>(name: string) => text(name, { mode: 'json' }).$type<readonly T[]>()

/** A name that somebody chose, which stands beside others' text; kept from before names were cleaned, or by others. */
const nameText = customType<{ data: string; driverData: string }>({
  dataType: () => 'text',
  fromDriver: showText,
})

export const users = sqliteTable(
  'users',
  {
    id: text('id').primaryKey(),
    displayName: nameText('display_name').notNull(),
    email: text('email'),
    disabledAt: timestamp('disabled_at'),
    createdAt: timestamp('created_at').notNull(),
    lastSignInAt: timestamp('last_sign_in_at').notNull(),
  },
  (table) => [index('users_name').on(sql`lower(${table.displayName})`, table.id)],
)

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
    /** The groups the provider named; null where it was never asked or never answered. */
    groups: jsonList<{ id: string; name: string | null }>('groups'),
    /** `fresh`, `stale` (kept from before, the last look-up failed) or `unknown`. */
    groupsState: text('groups_state').notNull().default('unknown'),
    groupsSyncedAt: timestamp('groups_synced_at'),
    /** When a replica last set out to look them up; the others leave it to that one. */
    groupsAskedAt: timestamp('groups_asked_at'),
    /** How many entries of the last answer named no group and were left out. */
    groupsDropped: integer('groups_dropped').notNull().default(0),
    /** Somebody set out to look groups up, and what came of it was not written: the token may be another since. */
    isAsking: integer('is_asking', { mode: 'boolean' }).notNull().default(false),
    /** The provider's tokens, sealed, for looking groups up again. */
    tokensSealed: text('tokens_sealed'),
    /** What the rules about who may sign in looked at; null where that was not kept yet. */
    admission: text('admission', { mode: 'json' }).$type<Admission>(),
    /** Since when the provider does not vouch for them any more, and what it said. */
    withdrawnAt: timestamp('withdrawn_at'),
    withdrawnReason: text('withdrawn_reason'),
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
    index('identities_principal').on(table.principal),
    index('identities_groups_asked_at').on(table.groupsAskedAt, table.id),
  ],
)

/** Who is in which group, by identity: what `identities.groups` says, to be found by group. */
export const identityGroups = sqliteTable(
  'identity_groups',
  {
    seq: integer('seq').primaryKey({ autoIncrement: true }),
    /** No foreign key: an identity is never removed, and looking for each of a thousand costs a sign-in its time. */
    identityId: text('identity_id').notNull(),
    provider: text('provider').notNull(),
    groupId: text('group_id').notNull(),
    /** Whose identity it is. */
    userId: text('user_id').notNull(),
  },
  (table) => [
    index('identity_groups_identity_id').on(table.identityId),
    index('identity_groups_group_id').on(table.groupId, table.provider, table.userId),
  ],
)

/** The groups that anybody is in, or was. */
export const knownGroups = sqliteTable('known_groups', {
  id: text('id').primaryKey(),
  provider: text('provider').notNull(),
  groupId: text('group_id').notNull(),
  name: text('name'),
})

export const sessions = sqliteTable(
  'sessions',
  {
    /** Names the session where its owner and administrators see it; opens nothing. */
    id: text('id').primaryKey(),
    /** Of the secret in the cookie; another one after each renewal. */
    secretHash: text('secret_hash').notNull(),
    /** Of the one before, which requests that were under way may still carry for a moment. */
    previousSecretHash: text('previous_secret_hash'),
    renewedAt: timestamp('renewed_at').notNull(),
    userId: text('user_id')
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    identityId: text('identity_id')
      .notNull()
      .references(() => identities.id, { onDelete: 'cascade' }),
    /** The provider's name of its own session (`sid`), which a back-channel logout names. */
    providerSessionId: text('provider_session_id'),
    /** The id_token, sealed, for the provider's end_session_endpoint. */
    idTokenSealed: text('id_token_sealed'),
    createdAt: timestamp('created_at').notNull(),
    /** When the person last proved to the provider who they are. */
    authenticatedAt: timestamp('authenticated_at').notNull(),
    lastSeenAt: timestamp('last_seen_at').notNull(),
    expiresAt: timestamp('expires_at').notNull(),
    revokedAt: timestamp('revoked_at'),
    revokeReason: text('revoke_reason'),
    ip: text('ip'),
    userAgent: text('user_agent'),
  },
  (table) => [
    index('sessions_user_id').on(table.userId),
    index('sessions_provider_session_id').on(table.providerSessionId),
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

/** Logout tokens that were acted on (`iss` and `jti`): each is good once. */
export const usedLogoutTokens = sqliteTable(
  'used_logout_tokens',
  {
    idHash: text('id_hash').primaryKey(),
    expiresAt: timestamp('expires_at').notNull(),
  },
  (table) => [index('used_logout_tokens_expires_at').on(table.expiresAt)],
)

export const apiTokens = sqliteTable(
  'api_tokens',
  {
    /** The public half of `hubpat_<id>_<secret>`. */
    id: text('id').primaryKey(),
    secretHash: text('secret_hash').notNull(),
    userId: text('user_id')
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    name: text('name').notNull(),
    /** The token never does more than this role, whatever its owner may. */
    roleCeiling: text('role_ceiling').notNull(),
    /** The instances it is good for; null for all its owner's. */
    instanceIds: jsonList<string>('instance_ids'),
    /** It calls models, and does nothing else. */
    isUseOnly: integer('is_use_only', { mode: 'boolean' }).notNull().default(false),
    /** How many calls a day, and how many accelerators in sum; null for any number. */
    callsPerDay: integer('calls_per_day'),
    gpusMax: integer('gpus_max'),
    createdAt: timestamp('created_at').notNull(),
    expiresAt: timestamp('expires_at').notNull(),
    lastUsedAt: timestamp('last_used_at'),
    revokedAt: timestamp('revoked_at'),
    revokeReason: text('revoke_reason'),
  },
  (table) => [
    index('api_tokens_user_id').on(table.userId),
    index('api_tokens_expires_at').on(table.expiresAt),
  ],
)

/** The accelerators that API tokens with a budget hold: what they made, or made larger. */
export const tokenHoldings = sqliteTable(
  'token_holdings',
  {
    id: text('id').primaryKey(),
    tokenId: text('token_id')
      .notNull()
      .references(() => apiTokens.id, { onDelete: 'cascade' }),
    instance: text('instance').notNull(),
    namespace: text('namespace').notNull(),
    name: text('name').notNull(),
    /** Null until the cluster has made it. */
    uid: text('uid'),
    /** What it asked for before the token first changed it; that counts for nothing. */
    base: integer('base').notNull(),
    gpus: integer('gpus').notNull(),
    changedAt: timestamp('changed_at').notNull(),
  },
  (table) => [index('token_holdings_token_id').on(table.tokenId)],
)

/** What somebody asks for whose grant has a limit of GPUs: counted until every replica sees it in the fleet. */
export const gpuClaims = sqliteTable(
  'gpu_claims',
  {
    id: text('id').primaryKey(),
    caller: text('caller').notNull(),
    instance: text('instance').notNull(),
    namespace: text('namespace').notNull(),
    name: text('name').notNull(),
    gpus: integer('gpus').notNull(),
    /** The cluster has answered. */
    isSettled: integer('is_settled', { mode: 'boolean' }).notNull(),
    expiresAt: timestamp('expires_at').notNull(),
  },
  (table) => [index('gpu_claims_caller').on(table.caller)],
)

/** Programs that present a configured issuer's tokens; known by (issuer, client id), granted to explicitly. */
export const servicePrincipals = sqliteTable(
  'service_principals',
  {
    id: text('id').primaryKey(),
    issuer: text('issuer').notNull(),
    clientId: text('client_id').notNull(),
    principal: text('principal').notNull(),
    displayName: nameText('display_name').notNull(),
    disabledAt: timestamp('disabled_at'),
    createdAt: timestamp('created_at').notNull(),
    lastSeenAt: timestamp('last_seen_at'),
  },
  (table) => [
    uniqueIndex('service_principals_issuer_client_id').on(table.issuer, table.clientId),
    uniqueIndex('service_principals_principal').on(table.principal),
  ],
)

/** What members of an identity provider's group are granted. */
export const groupMappings = sqliteTable(
  'group_mappings',
  {
    id: text('id').primaryKey(),
    provider: text('provider').notNull(),
    groupId: text('group_id').notNull(),
    /** For people to read. */
    groupName: nameText('group_name'),
    role: text('role').notNull(),
    instanceId: text('instance_id'),
    namespaces: jsonList<string>('namespaces'),
    /** How much may be used by it; null for as much as they like. */
    limits: text('limits', { mode: 'json' }).$type<GrantLimits>(),
    createdAt: timestamp('created_at').notNull(),
    createdBy: text('created_by').notNull(),
  },
  (table) => [index('group_mappings_provider_group_id').on(table.provider, table.groupId)],
)

/** Who asked for a role, for how long and why, and what became of it. */
export const accessRequests = sqliteTable(
  'access_requests',
  {
    id: text('id').primaryKey(),
    userId: text('user_id')
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    role: text('role').notNull(),
    instanceId: text('instance_id'),
    namespaces: jsonList<string>('namespaces'),
    reason: text('reason').notNull(),
    /** How long the grant lasts from its approval. */
    minutes: integer('minutes').notNull(),
    /** `waiting`, `approved`, `refused` or `withdrawn`. */
    state: text('state').notNull(),
    createdAt: timestamp('created_at').notNull(),
    decidedAt: timestamp('decided_at'),
    decidedBy: text('decided_by'),
    decisionReason: text('decision_reason'),
    /** The grant it became; it may have ended since. */
    grantId: text('grant_id'),
    /** When that grant ends, as it was approved. */
    endsAt: timestamp('ends_at'),
  },
  (table) => [
    index('access_requests_user_id').on(table.userId),
    index('access_requests_state').on(table.state, table.createdAt),
    index('access_requests_decided_at').on(table.decidedAt),
    index('access_requests_grant_id').on(table.grantId),
  ],
)

/** The grants that are not configuration; of one user or one service principal each. */
export const grants = sqliteTable(
  'grants',
  {
    id: text('id').primaryKey(),
    userId: text('user_id').references(() => users.id, { onDelete: 'cascade' }),
    servicePrincipalId: text('service_principal_id').references(() => servicePrincipals.id, {
      onDelete: 'cascade',
    }),
    role: text('role').notNull(),
    instanceId: text('instance_id'),
    namespaces: jsonList<string>('namespaces'),
    /** How much may be used by it; null for as much as they like. */
    limits: text('limits', { mode: 'json' }).$type<GrantLimits>(),
    source: text('source').notNull(),
    /** The group mapping that gave it; null for every other source. */
    mappingId: text('mapping_id').references(() => groupMappings.id, { onDelete: 'cascade' }),
    endsAt: timestamp('ends_at'),
    /** When its end was noticed and written down; what ended stays for a while, to say why somebody may no more. */
    endedAt: timestamp('ended_at'),
    createdAt: timestamp('created_at').notNull(),
    createdBy: text('created_by').notNull(),
  },
  (table) => [
    index('grants_user_id').on(table.userId),
    index('grants_service_principal_id').on(table.servicePrincipalId),
    index('grants_mapping_id').on(table.mappingId),
    index('grants_ended_at_ends_at').on(table.endedAt, table.endsAt),
    index('grants_role').on(table.role),
  ],
)

/** Codes that an operator reads and a person uses once: the setup code, and sign-in links of `admin:link`. */
export const oneTimeCodes = sqliteTable(
  'one_time_codes',
  {
    codeHash: text('code_hash').primaryKey(),
    purpose: text('purpose').notNull(),
    /** Whom a sign-in link signs in. */
    principal: text('principal'),
    createdAt: timestamp('created_at').notNull(),
    expiresAt: timestamp('expires_at').notNull(),
    usedAt: timestamp('used_at'),
  },
  (table) => [index('one_time_codes_expires_at').on(table.expiresAt)],
)

/** What other processes have to hear of: whose access changed. Kept for an hour. */
export const changes = sqliteTable(
  'changes',
  {
    seq: integer('seq').primaryKey({ autoIncrement: true }),
    occurredAt: timestamp('occurred_at').notNull(),
    topic: text('topic').notNull(),
    subject: text('subject').notNull(),
  },
  (table) => [index('changes_occurred_at').on(table.occurredAt)],
)

/** Which process does what only one may do at a time, and until when. A row stays, so that its number only grows. */
export const leases = sqliteTable('leases', {
  name: text('name').primaryKey(),
  holder: text('holder').notNull(),
  fencingNumber: integer('fencing_number').notNull(),
  expiresAt: timestamp('expires_at').notNull(),
})

/** Which cluster stands behind an instance's name: another one rests until an administrator confirms it. */
export const instances = sqliteTable('instances', {
  id: text('id').primaryKey(),
  clusterUid: text('cluster_uid').notNull(),
  firstSeenAt: timestamp('first_seen_at').notNull(),
  confirmedAt: timestamp('confirmed_at'),
  confirmedBy: text('confirmed_by'),
})

/** Where the kept part of the audit log begins, after older rows were removed as the retention says. */
export const auditCheckpoints = sqliteTable('audit_checkpoints', {
  /** The last row that was removed. */
  seq: integer('seq').primaryKey(),
  hash: text('hash').notNull(),
  removedAt: timestamp('removed_at').notNull(),
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
    /** The agent by which the actor did it; null where they did it themselves. */
    via: json('via').$type<AgentCall>(),
    /** The hash of the row before, and of this row with it: what is changed or missing shows. */
    previousHash: text('previous_hash'),
    hash: text('hash'),
  },
  (table) => [
    index('audit_log_occurred_at').on(table.occurredAt),
    index('audit_log_request_id').on(table.requestId, table.seq),
    index('audit_log_actor').on(table.actor, table.seq),
    index('audit_log_action').on(table.action, table.seq),
    index('audit_log_outcome').on(table.outcome, table.seq),
    index('audit_log_instance').on(sql`(${table.target} ->> 'instance')`, table.seq),
    index('audit_log_agent_calls')
      .on(table.userId, table.seq)
      .where(sql`via IS NOT NULL`),
  ],
)

/** Changes that the hub set out to make where no transaction reaches, until it is known what came of them. */
export const auditAttempts = sqliteTable(
  'audit_attempts',
  {
    id: text('id').primaryKey(),
    requestId: text('request_id').notNull(),
    occurredAt: timestamp('occurred_at').notNull(),
    actor: text('actor').notNull(),
    userId: text('user_id'),
    ip: text('ip'),
    action: text('action').notNull(),
    target: json('target').notNull(),
    /** What is needed to find out what came of it. */
    evidence: json('evidence').notNull(),
    /** When the log said that it is not known. */
    unknownAt: timestamp('unknown_at'),
    via: json('via').$type<AgentCall>(),
  },
  (table) => [index('audit_attempts_action').on(table.action)],
)

/** What is to be destroyed by whoever came with a token, where a person has to agree first. */
export const confirmations = sqliteTable(
  'confirmations',
  {
    id: text('id').primaryKey(),
    /** Of who asked, with what they showed, and for what exactly. */
    digest: text('digest').notNull(),
    /** The person in whose name; null for a program. */
    userId: text('user_id').references(() => users.id, { onDelete: 'cascade' }),
    principal: text('principal').notNull(),
    action: text('action').notNull(),
    target: json('target').notNull(),
    /** What more it is done with, sealed. */
    inputSealed: text('input_sealed'),
    via: json('via').$type<AgentCall>(),
    /** `waiting`, `approved`, `refused` or `used`. */
    state: text('state').notNull(),
    createdAt: timestamp('created_at').notNull(),
    expiresAt: timestamp('expires_at').notNull(),
    decidedAt: timestamp('decided_at'),
    decidedBy: text('decided_by'),
  },
  (table) => [
    index('confirmations_digest').on(table.digest),
    index('confirmations_user_id').on(table.userId),
    index('confirmations_principal').on(table.principal),
    index('confirmations_expires_at').on(table.expiresAt),
  ],
)

/** What may reach the pods of an instance, where an administrator said so. */
export const instancePolicies = sqliteTable('instance_policies', {
  instanceId: text('instance_id').primaryKey(),
  policy: json('policy').notNull(),
  changedAt: timestamp('changed_at').notNull(),
  changedBy: text('changed_by').notNull(),
})

/** How people sign in to clusters themselves. */
export const oidcProfiles = sqliteTable('oidc_profiles', {
  instanceId: text('instance_id').primaryKey(),
  profile: json('profile').notNull(),
  changedAt: timestamp('changed_at').notNull(),
  changedBy: text('changed_by').notNull(),
})

/** Instances that are closed for new deployments, until when and why. */
export const instanceMaintenance = sqliteTable(
  'instance_maintenance',
  {
    instanceId: text('instance_id').primaryKey(),
    reason: text('reason').notNull(),
    until: timestamp('until').notNull(),
    since: timestamp('since').notNull(),
    by: text('by').notNull(),
  },
  (table) => [index('instance_maintenance_until').on(table.until)],
)

/** Configurations that administrators have blessed. */
export const deploymentTemplates = sqliteTable('deployment_templates', {
  id: text('id').primaryKey(),
  title: text('title').notNull(),
  description: text('description'),
  instanceIds: jsonList<string>('instance_ids'),
  spec: json('spec').notNull(),
  /** JSON pointers of what a deployer may still set. */
  open: jsonList<string>('open').notNull(),
  changedAt: timestamp('changed_at').notNull(),
  changedBy: text('changed_by').notNull(),
})

/** Requests with an `Idempotency-Key`, and what was answered to each. */
export const idempotencyKeys = sqliteTable(
  'idempotency_keys',
  {
    /** The hash of who asked, for which operation, by which key. */
    id: text('id').primaryKey(),
    /** Of every try, the first one first. */
    requestIds: jsonList<string>('request_ids').notNull(),
    /** A digest of what was asked, sealed: a small body could else be guessed. */
    askedSealed: text('asked_sealed').notNull(),
    /** What was answered, sealed, or what of several things is done by now. */
    doneSealed: text('done_sealed'),
    /** Of the answer; null while there is none. */
    status: integer('status'),
    /** Until when whoever runs it has it alone. */
    heldUntil: timestamp('held_until').notNull(),
    createdAt: timestamp('created_at').notNull(),
    expiresAt: timestamp('expires_at').notNull(),
  },
  (table) => [index('idempotency_keys_expires_at').on(table.expiresAt)],
)

/** The specs that deployments had, as the hub made or saw them. */
export const deploymentRevisions = sqliteTable(
  'deployment_revisions',
  {
    /** The hash of the cluster, the object's uid and its generation: whichever replica saw it first wrote it. */
    id: text('id').primaryKey(),
    clusterUid: text('cluster_uid').notNull(),
    deploymentUid: text('deployment_uid').notNull(),
    generation: integer('generation').notNull(),
    at: timestamp('at').notNull(),
    /** Who asked the hub for it; null where it was changed past the hub. */
    by: text('by'),
    byName: text('by_name'),
    manager: text('manager'),
    specSealed: text('spec_sealed').notNull(),
    /** Since when the deployment is not there any more. */
    goneAt: timestamp('gone_at'),
  },
  (table) => [
    index('deployment_revisions_deployment_uid').on(table.deploymentUid, table.generation),
    index('deployment_revisions_gone_at').on(table.goneAt),
  ],
)

/** Who used what: counts of one hour. */
export const usageHours = sqliteTable(
  'usage_hours',
  {
    /** The hash of all that is counted by: several replicas add to one row. */
    id: text('id').primaryKey(),
    hour: timestamp('hour').notNull(),
    /** The day of the hour, in UTC: `2030-01-31`. */
    day: text('day').notNull(),
    principal: text('principal').notNull(),
    /** `<provider>:<group id>` of the mapping that gave the grant it was done by; null for other grants. */
    team: text('team'),
    instance: text('instance').notNull(),
    namespace: text('namespace'),
    deployment: text('deployment'),
    model: text('model'),
    requests: integer('requests').notNull(),
    errors: integer('errors').notNull(),
    promptTokens: integer('prompt_tokens').notNull(),
    completionTokens: integer('completion_tokens').notNull(),
    /** Of streams: until their first byte, in milliseconds, and how many they were. */
    firstByteMs: integer('first_byte_ms').notNull(),
    firstBytes: integer('first_bytes').notNull(),
    gpuSeconds: integer('gpu_seconds').notNull(),
  },
  (table) => [
    index('usage_hours_hour').on(table.hour),
    index('usage_hours_principal_hour').on(table.principal, table.hour),
  ],
)

/** How much was taken of a limit, by all replicas together, in one minute or day. */
export const usageWindows = sqliteTable(
  'usage_windows',
  {
    id: text('id').primaryKey(),
    used: integer('used').notNull(),
    endsAt: timestamp('ends_at').notNull(),
  },
  (table) => [index('usage_windows_ends_at').on(table.endsAt)],
)
