import { desc } from 'drizzle-orm'
import { AuditEvent } from '@hub/shared'
import { verifyAudit } from '#audit'
import type { Database, Tables } from '#db'

type GrantRow = Tables['grants']['$inferSelect']

/**
 * What does not fit together in a hub's database, a sentence each: written from the rules of `docs/access.md`, with
 * nothing of the code that keeps them.
 */
export async function findInconsistencies(
  db: Database,
  options: { secrets: readonly string[]; now: Date },
): Promise<string[]> {
  const { tables } = db
  const [users, identities, sessions, tokens, grants, mappings, rows] = await Promise.all([
    db.read.select().from(tables.users),
    db.read.select().from(tables.identities),
    db.read.select().from(tables.sessions),
    db.read.select().from(tables.apiTokens),
    db.read.select().from(tables.grants),
    db.read.select().from(tables.groupMappings),
    db.read.select().from(tables.auditLog).orderBy(desc(tables.auditLog.seq)),
  ])
  const found: string[] = []
  const report = (isWrong: boolean, sentence: string) => {
    if (isWrong) found.push(sentence)
  }

  const wanted = new Map<string, { mappingId: string; scope: string }>()
  for (const mapping of mappings) {
    for (const { groups, provider, userId } of identities) {
      const isMember = groups?.some(({ id }) => id === mapping.groupId) ?? false
      if (provider !== mapping.provider || !isMember) continue
      wanted.set(`${userId} ${mapping.id}`, { mappingId: mapping.id, scope: scopeOf(mapping) })
    }
  }
  const held = new Map<string, number>()
  const byHand = new Map<string, number>()
  for (const grant of grants) {
    const { id, instanceId, mappingId, namespaces, role, source, userId } = grant
    const isScoped = instanceId !== null || namespaces !== null
    report(role === 'admin' && isScoped, `grant ${id} is admin of a place`)
    report(namespaces?.length === 0, `grant ${id} is for no namespace`)
    report(
      (source === 'group') !== (mappingId !== null),
      `grant ${id}: ${source}, yet ${mappingId}`,
    )
    report((userId === null) === (grant.servicePrincipalId === null), `grant ${id} is nobody's`)
    if (source === 'manual') {
      const isOver = grant.endsAt !== null && grant.endsAt <= options.now
      const key = `${userId ?? grant.servicePrincipalId} ${scopeOf(grant)}`
      if (!isOver) byHand.set(key, (byHand.get(key) ?? 0) + 1)
    }
    if (source !== 'group') continue
    const key = `${userId} ${mappingId}`
    held.set(key, (held.get(key) ?? 0) + 1)
    const expected = wanted.get(key)
    report(!expected, `grant ${id}: ${userId} is in no group of mapping ${mappingId}`)
    report(
      expected !== undefined && expected.scope !== scopeOf(grant),
      `grant ${id} is ${scopeOf(grant)}, its mapping ${expected?.scope}`,
    )
  }
  for (const [key, times] of held) report(times > 1, `${times} grants of one mapping: ${key}`)
  for (const [key, times] of byHand) report(times > 1, `${times} grants by hand alike: ${key}`)
  for (const [key] of wanted) report(!held.has(key), `no grant of a mapping: ${key}`)
  const twice = Map.groupBy(mappings, (each) => `${each.provider} ${each.groupId} ${scopeOf(each)}`)
  for (const [key, { length }] of twice) report(length > 1, `${length} mappings alike: ${key}`)

  const disabled = new Set(users.filter((each) => each.disabledAt !== null).map(({ id }) => id))
  for (const { id, revokedAt, userId } of [...sessions, ...tokens]) {
    report(disabled.has(userId) && revokedAt === null, `${id} of a disabled person still counts`)
  }

  const verification = await verifyAudit(db, { secrets: options.secrets })
  found.push(...verification.findings)
  const told = replay(rows.toReversed())
  compare('grants by hand', told.grants, new Set(grants.filter(isByHand).map(({ id }) => id)))
  compare('mappings', told.mappings, new Set(mappings.map(({ id }) => id)))
  compare('disabled people', told.disabled, disabled)
  for (const mapping of mappings) {
    const last = told.scopes.get(mapping.id)
    report(last !== scopeOf(mapping), `mapping ${mapping.id}: the audit log last says ${last}`)
  }
  return found

  function compare(what: string, said: Set<string>, present: Set<string>) {
    for (const id of said)
      report(!present.has(id), `${what}: the audit log has ${id}, nothing else`)
    for (const id of present) report(!said.has(id), `${what}: the audit log knows nothing of ${id}`)
  }
}

/** What the audit log says there is, from its successes alone. */
function replay(rows: readonly Tables['auditLog']['$inferSelect'][]) {
  const grants = new Set<string>()
  const mappings = new Set<string>()
  const disabled = new Set<string>()
  const scopes = new Map<string, string>()
  for (const row of rows) {
    if (row.outcome !== 'success') continue
    const target = (row.target ?? {}) as Record<string, string>
    const after = AuditEvent.shape.after.parse(row.after)
    switch (row.action) {
      case 'grant.create':
        grants.add(target['grantId']!)
        break
      case 'grant.delete':
        grants.delete(target['grantId']!)
        break
      case 'group-mapping.create':
      case 'group-mapping.update':
        mappings.add(target['mappingId']!)
        scopes.set(target['mappingId']!, scopeOf(after as GrantRow))
        break
      case 'group-mapping.delete':
        mappings.delete(target['mappingId']!)
        break
      case 'user.disable':
        disabled.add(target['userId']!)
        break
      case 'user.enable':
        disabled.delete(target['userId']!)
        break
    }
  }
  return { grants, mappings, disabled, scopes }
}

function isByHand({ source }: GrantRow): boolean {
  return source === 'manual'
}

function scopeOf({
  instanceId,
  namespaces,
  role,
}: Pick<GrantRow, 'role' | 'instanceId' | 'namespaces'>): string {
  return `${role} ${instanceId ?? '*'} ${namespaces === null ? '*' : namespaces.toSorted().join()}`
}
