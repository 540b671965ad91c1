import { isAtPortal, type Confirmations, type Confirmed } from '#confirmations'
import type { RequestContext } from '#context'
import type { Policies } from './policies/policies.ts'

/**
 * Where the instance's policy wants it, what destroys needs a person's yes unless it is done by a person at the portal.
 * By whichever door it comes, so that a token is not taken to another. Throws what `confirmations.require` throws.
 */
export async function requireConfirmed(
  ctx: RequestContext,
  { confirmations, policies }: { confirmations: Confirmations; policies: Policies },
  what: Confirmed,
): Promise<void> {
  if (isAtPortal(ctx)) return
  const { confirmAgents } = await policies.of(what.target.instance)
  if (confirmAgents) await confirmations.require(ctx, what)
}
