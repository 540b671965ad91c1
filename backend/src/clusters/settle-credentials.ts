import { createHash } from 'node:crypto'
import { findOpenAttempts, settleAttempt, type AttemptOutcome, type AuditAction } from '#audit'
import type { Clock, JobRound } from '#context'
import type { Database } from '#db'
import type { Logger } from '#log'
import { readCredential } from './credential-file.ts'

const actions = ['credential.put', 'credential.delete'] as const satisfies readonly AuditAction[]
const rowsAtOnce = 200
/** Whoever makes the change writes the better row. */
const ownMs = 60_000
/** A file that is another after so long may be so by another hand. */
const fileCountsMs = 60 * 60_000

/** Says of changed credentials whose outcome nobody wrote down what the directory shows. */
export async function settleCredentials(
  deps: { db: Database; now: Clock; log: Logger; directory: string },
  round?: JobRound,
): Promise<void> {
  const at = deps.now().getTime()
  const options = { actions, before: new Date(at - ownMs), after: '', limit: rowsAtOnce }
  for (const row of await findOpenAttempts(deps.db, options)) {
    if (round?.signal.aborted) return
    const kubeconfig = await readCredential(deps.directory, String(row.target['instance']))
    const isDone =
      row.action === 'credential.delete'
        ? kubeconfig === null
        : kubeconfig !== null && sha256Of(kubeconfig) === row.evidence['sha256']
    const isLate = at - row.occurredAt.getTime() > fileCountsMs
    const outcome: AttemptOutcome['outcome'] = isDone ? 'success' : isLate ? 'unknown' : 'failure'
    const reason =
      kubeconfig === null ? 'settled-absent' : isDone ? 'settled-present' : 'settled-other'
    await settleAttempt(deps, row, { outcome, reason }, round)
  }
}

export function sha256Of(kubeconfig: string | Buffer): string {
  return createHash('sha256').update(kubeconfig).digest('hex')
}
