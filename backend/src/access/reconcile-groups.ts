import { emitAudit } from '#audit'
import type { RequestContext } from '#context'
import type { Transaction } from '#db'
import { findPerson, type ProvenGroups } from '#people'
import { applyPlan } from './apply-plan.ts'
import type { AccessDeps } from './deps.ts'
import { planGroupGrants, readHeldGroups } from './plan-group-grants.ts'
import { presentScope } from './present.ts'
import { findGrantRows, findMappings } from './store.ts'

/**
 * Makes what groups give to a person what the mappings say of the groups they are known to be in, of all their
 * identities. Belongs into the transaction that stored the groups, after it locked the person's row.
 */
export async function reconcileGroups(
  tx: Transaction,
  ctx: Pick<RequestContext, 'actor' | 'requestId' | 'ip' | 'now' | 'log'>,
  deps: Pick<AccessDeps, 'configured' | 'groupStaleSeconds'>,
  { proof, userId }: { userId: string; proof?: { identityId: string; proven: ProvenGroups } },
): Promise<void> {
  await tx.lock('groups', 'shared')
  const now = ctx.now()
  const person = await findPerson(tx, userId)
  const identities = person?.identities ?? []
  const held = identities.map((identity) => readHeldGroups(identity, deps.groupStaleSeconds, now))
  const provider = identities.find(({ id }) => id === proof?.identityId)?.provider
  const proven = proof?.proven.groups ?? null
  // What was proven just now counts, however old the rest is.
  if (provider !== undefined && proven !== null) {
    held.push({ userId, provider, groupIds: new Set(proven.map(({ id }) => id)) })
  }
  const present = await findGrantRows(tx, { userId })
  const plan = planGroupGrants(held, await findMappings(tx), present)
  // What the configuration gives by groups is written nowhere, so whether it is another cannot be seen here.
  if (deps.configured.mappings().length > 0) await tx.announce({ topic: 'user', subject: userId })
  const isChanged = (await applyPlan(tx, plan, { now, createdBy: 'group sync' })) > 0
  if (!isChanged) return
  const describe = (mappingId: string | null, scope: Parameters<typeof presentScope>[0]) => ({
    mappingId,
    ...presentScope(scope),
  })
  await emitAudit(tx, ctx, {
    action: 'grant.sync',
    outcome: 'success',
    actor: { principal: 'system', userId: null },
    target: { userId, principals: identities.map(({ principal }) => principal) },
    before: {
      grants: [...plan.removed, ...plan.changed.map(({ grant }) => grant)].map((grant) =>
        describe(grant.mappingId, grant),
      ),
    },
    after: {
      grants: [...plan.added, ...plan.changed].map(({ mapping }) => describe(mapping.id, mapping)),
    },
  })
}
