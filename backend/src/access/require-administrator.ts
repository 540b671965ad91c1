import type { Transaction } from '#db'
import { AppError } from '#errors'
import { hasOtherAdministrator } from '#people'
import type { AccessDeps } from './deps.ts'

/**
 * Throws `conflict`, which takes everything back, where nobody administers the hub after a change. Hold the lock
 * `administrators`.
 */
export async function requireAdministrator(
  tx: Transaction,
  deps: Pick<AccessDeps, 'grants' | 'rules'>,
  /** Whether what was taken away would have lasted. */
  isLasting: boolean,
  now: Date,
): Promise<void> {
  if (await hasOtherAdministrator(tx, deps, { userId: null, isLasting }, now)) return
  throw new AppError('conflict', {
    detail:
      'Nobody would administer this hub any more: this gives its last administrator their role. Make somebody else one first.',
  })
}
