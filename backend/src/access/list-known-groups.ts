import { ProviderId, type KnownGroupList, type KnownGroupsQuery } from '@hub/shared'
import type { RequestContext } from '#context'
import { findKnownGroups } from '#people'
import { authorize, hubWide } from '#rbac'

/** The groups that people are known to be in, most people first: what a mapping can be for. Throws what `authorize` throws. */
export async function listKnownGroups(
  ctx: RequestContext,
  query: KnownGroupsQuery,
): Promise<KnownGroupList> {
  authorize(ctx, 'group-mapping.manage', hubWide)
  const rows = await findKnownGroups(ctx.db, query)
  return {
    items: rows.map(({ provider, ...group }) => ({
      provider: ProviderId.parse(provider),
      ...group,
    })),
  }
}
