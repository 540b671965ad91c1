import type { Reader } from '#db'
import {
  findIdentitiesNaming,
  findMemberships,
  findPeopleByIds,
  isIdentityEnabled,
  type Person,
} from '#people'
import type { AdministratorDeps } from './deps.ts'
import { readHeldGroups } from './plan-group-grants.ts'
import type { GrantRow, MappingRow } from './store.ts'

/**
 * What group mappings of the configuration give to a person now. Nothing of it is written down, so that replicas with
 * different files, as there are during an update, take nothing from each other.
 */
export async function findMappedGrants(
  reader: Reader,
  deps: AdministratorDeps,
  userId: string,
  now: Date,
): Promise<{ row: GrantRow; mapping: MappingRow }[]> {
  const mappings = deps.configured.mappings()
  if (mappings.length === 0) return []
  const groupIds = new Set(mappings.map(({ groupId }) => groupId))
  const memberships = (await findMemberships(reader, userId)).filter(
    ({ groupId, identity }) =>
      groupIds.has(groupId) &&
      isIdentityEnabled(identity, deps.rules) &&
      readHeldGroups({ ...identity, groups: [{ id: groupId }] }, deps.groupStaleSeconds, now)
        .groupIds.size > 0,
  )
  const held = new Set(
    memberships.map(({ groupId, identity }) => `${identity.provider} ${groupId}`),
  )
  return mappings
    .filter(({ groupId, provider }) => held.has(`${provider} ${groupId}`))
    .map((mapping) => ({ mapping, row: toGrantRow(mapping, userId) }))
}

/** The people to whom a mapping of the configuration gives something now. */
export async function findMappedPeople(
  reader: Reader,
  deps: AdministratorDeps,
  mapping: MappingRow,
  now: Date,
): Promise<Person[]> {
  const ids = new Set<string>()
  for await (const identities of findIdentitiesNaming(reader, mapping)) {
    for (const identity of identities) {
      const { groupIds } = readHeldGroups(identity, deps.groupStaleSeconds, now)
      if (groupIds.has(mapping.groupId) && isIdentityEnabled(identity, deps.rules)) {
        ids.add(identity.userId)
      }
    }
  }
  return findPeopleByIds(reader, [...ids])
}

export function mappedGrantId({ id }: Pick<MappingRow, 'id'>): string {
  return `config:mapping:${id}`
}

function toGrantRow(mapping: MappingRow, userId: string): GrantRow {
  const { createdAt, createdBy, id, instanceId, limits, namespaces, role } = mapping
  return {
    id: mappedGrantId(mapping),
    userId,
    servicePrincipalId: null,
    role,
    instanceId,
    namespaces,
    limits,
    source: 'group',
    mappingId: id,
    endsAt: null,
    endedAt: null,
    createdAt,
    createdBy,
  }
}
