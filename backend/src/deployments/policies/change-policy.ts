import type { InstancePolicy, InstancePolicyInput } from '@hub/shared'
import { emitAudit } from '#audit'
import type { Instances } from '#clusters'
import { findAuthoritiesEnd, findAuthoritiesFault } from '#config'
import { describeActor, type RequestContext } from '#context'
import { AppError } from '#errors'
import { requireInstance } from '#instances'
import { authorize, requireFresh } from '#rbac'
import { presentDefault, presentPolicy, type Policies } from './policies.ts'
import { deletePolicyRow, findPolicyRow, putPolicyRow } from './store.ts'

export type PolicyDeps = { instances: Instances; policies: Policies }

/** What may reach the pods of an instance. Throws what `requireInstance` throws. */
export async function getPolicy(
  ctx: RequestContext,
  deps: PolicyDeps,
  instance: string,
): Promise<InstancePolicy> {
  requireInstance(ctx, deps, instance)
  return deps.policies.of(instance)
}

/**
 * Says what may reach the pods of an instance, on every replica within two seconds. Throws what `authorize` and
 * `requireFresh` throw, `not-found`, `invalid-request`, and `conflict` where the configuration file says it.
 */
export async function putPolicy(
  ctx: RequestContext,
  deps: PolicyDeps,
  instance: string,
  policy: InstancePolicyInput,
): Promise<InstancePolicy> {
  requireManaged(ctx, deps, instance)
  refuseAuthorities(ctx, policy)
  const row = {
    instanceId: instance,
    policy: { ...policy },
    changedAt: ctx.now(),
    changedBy: describeActor(ctx.actor),
  }
  await ctx.db.transaction(async (tx) => {
    const before = await findPolicyRow(tx, instance)
    await putPolicyRow(tx, row)
    await tx.announce({ topic: 'instance-policy', subject: instance })
    await emitAudit(tx, ctx, {
      action: 'instance-policy.put',
      outcome: 'success',
      target: { instance },
      ...(before && { before: before.policy }),
      after: row.policy,
    })
  })
  await takeUp(deps)
  return presentPolicy(row)
}

/** Goes back to the default. Throws as `putPolicy` does. */
export async function deletePolicy(
  ctx: RequestContext,
  deps: PolicyDeps,
  instance: string,
): Promise<InstancePolicy> {
  requireManaged(ctx, deps, instance)
  await ctx.db.transaction(async (tx) => {
    const before = await findPolicyRow(tx, instance)
    if (!before) return
    await deletePolicyRow(tx, instance)
    await tx.announce({ topic: 'instance-policy', subject: instance })
    await emitAudit(tx, ctx, {
      action: 'instance-policy.delete',
      outcome: 'success',
      target: { instance },
      before: before.policy,
    })
  })
  await takeUp(deps)
  return presentDefault()
}

/** What the contract cannot read of them. */
function refuseAuthorities(ctx: RequestContext, { directModels }: InstancePolicyInput): void {
  const authority = directModels?.certificateAuthority ?? null
  if (authority === null) return
  const detail = findAuthoritiesFault(authority) ?? describeExpired(authority, ctx.now())
  if (detail === null) return
  throw new AppError('invalid-request', {
    detail: 'The certificate authority of the addresses of models cannot be used; see the field.',
    errors: [{ pointer: '/directModels/certificateAuthority', detail }],
  })
}

function describeExpired(authority: string, now: Date): string | null {
  const end = findAuthoritiesEnd(authority)
  if (end === null || end > now) return null
  return `expired on ${end.toISOString().slice(0, 10)}: give the one that followed it`
}

/** On this replica it holds from the answer on; what cannot be read now is read when the change is told. */
async function takeUp({ policies }: PolicyDeps): Promise<void> {
  await policies.read().catch(() => undefined)
}

function requireManaged(ctx: RequestContext, deps: PolicyDeps, instance: string): void {
  authorize(ctx, 'instance.manage', { instance, namespace: null })
  requireInstance(ctx, deps, instance)
  requireFresh(ctx, { allowBearer: true })
  const { configured } = deps.policies
  if (!configured?.of(instance)) return
  throw new AppError('conflict', {
    detail: configured.describe(`The policy of instance "${instance}"`),
  })
}
