import type { Permission } from '@hub/shared'
import type { Database } from '#db'
import { findByPrincipal } from '#people'
import { decide } from '#rbac'
import { readGrants, type GrantSources } from './grants.ts'

/** The group whose mapping lets a person do something at a place; null where by none, or where nobody is known by it. */
export async function findTeam(
  db: Database,
  sources: GrantSources,
  {
    permission,
    principal,
    ...place
  }: {
    principal: string
    permission: Permission
    instance: string
    namespace: string
  },
  now: Date,
): Promise<string | null> {
  const found = await findByPrincipal(db, sources.config, principal)
  if (!found) return null
  const grants = await readGrants(db, sources, { principal, userId: found.user.id }, now)
  const by = grants.find(
    (grant) => grant.team !== undefined && decide([grant], permission, place, now),
  )
  return by?.team ?? null
}
