import {
  GrantSource,
  ProviderId,
  Role,
  type GrantLimits,
  type GrantOrigin,
  type GroupMapping,
  type ServicePrincipal,
} from '@hub/shared'
import type { ConfigGrant, ConfigMapping } from '#config'
import type { ServicePrincipalRow } from './service-principals/store.ts'
import type { GrantRow, MappingRow } from './store.ts'

type Scope = Pick<MappingRow, 'role' | 'instanceId'> & {
  namespaces: readonly string[] | null
  limits?: GrantLimits | null | undefined
}

export function presentScope({ instanceId, limits, namespaces, role }: Scope) {
  return {
    role: Role.parse(role),
    instanceId,
    namespaces: namespaces === null ? null : [...namespaces],
    ...(limits && { limits }),
  }
}

/** `file` is where it stands, if that is the file of the configuration. */
export function presentMapping(
  row: MappingRow,
  people: number,
  file: string | null = null,
): GroupMapping {
  const { createdBy, groupId, groupName, id } = row
  return {
    id,
    provider: ProviderId.parse(row.provider),
    groupId,
    groupName,
    ...presentScope(row),
    createdAt: row.createdAt.toISOString(),
    createdBy,
    people,
    source: file === null ? 'manual' : 'config',
    file,
  }
}

/** For the audit log: who may read this, may read names of groups. */
export function describeMapping({
  groupId,
  groupName,
  provider,
  ...scope
}: Omit<ConfigMapping, 'id'> | MappingRow) {
  return { provider, groupId, groupName, ...presentScope(scope) }
}

/** `names` are those of people and programs, by principal. */
export function presentGrantOrigin(
  row: GrantRow,
  mapping: MappingRow | undefined,
  { names, now }: { names: ReadonlyMap<string, string>; now: Date },
): GrantOrigin {
  const { createdBy, endsAt, id } = row
  return {
    id,
    ...presentScope(row),
    source: GrantSource.parse(row.source),
    endsAt: endsAt?.toISOString() ?? null,
    isActive: row.endedAt === null && (endsAt === null || endsAt > now),
    createdAt: row.createdAt.toISOString(),
    createdBy,
    createdByName: names.get(createdBy) ?? null,
    principal: null,
    file: null,
    mapping: mapping
      ? {
          id: mapping.id,
          provider: mapping.provider,
          groupId: mapping.groupId,
          groupName: mapping.groupName,
        }
      : null,
    ...(mapping && { team: teamOf(mapping) }),
  }
}

/** What quotas and usage are summed by. */
export function teamOf({ groupId, provider }: Pick<MappingRow, 'provider' | 'groupId'>): string {
  return `${provider}:${groupId}`
}

/** Of what a form left empty nothing is kept. */
export function readLimits(limits: GrantLimits | null | undefined): GrantLimits | null {
  return limits && Object.values(limits).some((limit) => limit !== undefined) ? limits : null
}

export function presentConfigured({ file, grant, principal }: ConfigGrant): GrantOrigin {
  return {
    ...grant,
    isActive: true,
    createdAt: null,
    createdBy: null,
    createdByName: null,
    principal,
    file: file ?? null,
    mapping: null,
  }
}

export function presentServicePrincipal(row: ServicePrincipalRow): ServicePrincipal {
  const { clientId, displayName, id, issuer, principal } = row
  return {
    id,
    principal,
    displayName,
    issuer,
    clientId,
    disabledAt: row.disabledAt?.toISOString() ?? null,
    createdAt: row.createdAt.toISOString(),
    lastSeenAt: row.lastSeenAt?.toISOString() ?? null,
  }
}
