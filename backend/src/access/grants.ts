import { GrantSource, Role, type Grant } from '@hub/shared'
import type { Config, ProvidersConfig } from '#config'
import type { Configured } from './configured.ts'
import { findMappedGrants } from './mapped-grants.ts'
import type { Database } from '#db'
import { findCheckedPerson, findPerson, isIdentityEnabled, type JudgedIdentity } from '#people'
import { teamOf } from './present.ts'
import {
  findGrantRows,
  findGroupsOfMappings,
  findMappings,
  type Grantee,
  type GrantRow,
} from './store.ts'
import { isVouchedFor } from './vouched-grants.ts'

/** What grants are read against: the configuration, which says too whose word counts. */
export type GrantSources = {
  config: Pick<Config, 'groupStaleSeconds'> & ProvidersConfig
  configured: Configured
}

/**
 * All grants somebody holds: those of the configuration, for whichever of their identities that count it names and by whichever
 * group they are in, and those of the database, but for what has ended and what a group gave to an identity that does not count.
 */
export async function readGrants(
  db: Database,
  { config, configured }: GrantSources,
  grantee: { principal: string } & Grantee,
  now: Date,
): Promise<Grant[]> {
  const deps = { configured, rules: config, groupStaleSeconds: config.groupStaleSeconds }
  const [rows, person, mapped] = await Promise.all([
    findGrantRows(db, grantee),
    'userId' in grantee ? findCheckedPerson(db, grantee.userId) : null,
    'userId' in grantee ? findMappedGrants(db, deps, grantee.userId, now) : [],
  ])
  const identities = person?.identities ?? []
  const vouched = identities.filter((identity) => isIdentityEnabled(identity, config))
  const principals = new Set([grantee.principal, ...vouched.map(({ principal }) => principal)])
  const held = rows.filter(({ endedAt }) => endedAt === null)
  const counting = 'userId' in grantee ? await selectVouched(db, config, held, identities) : held
  const teams = await findTeams(db, counting)
  return [
    ...configured
      .grants()
      .flatMap(({ grant, principal }) => (principals.has(principal) ? [grant] : [])),
    ...counting.map((row) => presentGrant(row, teams.get(row.mappingId ?? ''))),
    ...mapped.map(({ mapping, row }) => presentGrant(row, teamOf(mapping))),
  ]
}

/** Of the mappings that gave any of these. */
async function findTeams(
  db: Database,
  rows: readonly GrantRow[],
): Promise<ReadonlyMap<string, string>> {
  const ids = rows.flatMap(({ mappingId }) => mappingId ?? [])
  const groups = ids.length === 0 ? [] : await findGroupsOfMappings(db, ids)
  return new Map(groups.map((mapping) => [mapping.id, teamOf(mapping)]))
}

/** Leaves out what groups gave to identities that do not count. */
export async function selectVouched(
  db: Database,
  rules: ProvidersConfig,
  rows: readonly GrantRow[],
  identities: readonly (JudgedIdentity & { userId: string })[],
): Promise<readonly GrantRow[]> {
  const isAffected =
    rows.some(({ source }) => source === 'group') &&
    identities.some((identity) => !isIdentityEnabled(identity, rules))
  if (!isAffected) return rows
  const mappings = new Map((await findMappings(db)).map((mapping) => [mapping.id, mapping]))
  const person = await findPerson(db, identities[0]!.userId)
  return rows.filter((row) => isVouchedFor(row, mappings, person?.identities ?? [], rules))
}

export function presentGrant(row: GrantRow, team?: string): Grant {
  return {
    id: row.id,
    role: Role.parse(row.role),
    instanceId: row.instanceId,
    namespaces: row.namespaces === null ? null : [...row.namespaces],
    source: GrantSource.parse(row.source),
    endsAt: row.endsAt?.toISOString() ?? null,
    ...(row.limits && { limits: row.limits }),
    ...(team !== undefined && { team }),
  }
}
