import { emitAudit } from '#audit'
import type { RequestContext } from '#context'
import type { Transaction } from '#db'
import type { ConfirmationRow } from './store.ts'

type Step =
  | 'confirmation.request'
  | 'confirmation.approve'
  | 'confirmation.refuse'
  | 'confirmation.use'

/** Tells whoever waits for it, and the audit log. The input stays out of there: it may hold more than goes in. */
export async function recordStep(
  tx: Transaction,
  ctx: RequestContext,
  step: Step,
  { action, id, principal, target }: ConfirmationRow,
): Promise<void> {
  await tx.announce({ topic: 'confirmation', subject: id })
  await emitAudit(tx, ctx, {
    action: step,
    outcome: 'success',
    target,
    after: { confirmation: id, action, principal },
  })
}
