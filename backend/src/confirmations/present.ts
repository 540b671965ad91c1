import { Confirmation } from '@hub/shared'
import type { UserActor } from '#context'
import type { SealedText } from '#secrets'
import type { ConfirmationRow } from './store.ts'

export async function presentConfirmation(
  sealed: SealedText,
  { userId }: UserActor,
  row: ConfirmationRow,
): Promise<Confirmation> {
  const opened = row.inputSealed === null ? null : await sealed.open(row.inputSealed)
  return Confirmation.parse({
    id: row.id,
    state: row.state,
    action: row.action,
    target: row.target,
    input: opened === null ? null : JSON.parse(opened),
    principal: row.principal,
    isOwn: row.userId === userId,
    via: row.via,
    createdAt: row.createdAt.toISOString(),
    expiresAt: row.expiresAt.toISOString(),
    decidedAt: row.decidedAt?.toISOString() ?? null,
    decidedBy: row.decidedBy,
  })
}
