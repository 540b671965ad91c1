import type { Permission } from '@hub/shared'
import type { RequestContext } from '#context'
import type { Change } from '#db'
import { asAppError } from '#errors'
import { authorize } from '#rbac'
import type { DeploymentCoordinates } from './deps.ts'

/** How whoever reads something that goes on is looked at again. */
export type Rechecking = {
  /** The same session with its rights as of now; null when it ended. */
  reauthenticate: (
    ctx: RequestContext,
    at: { instance: string; namespace: string },
  ) => Promise<RequestContext | null>
  /** Tells of what may change who may read. Returns the way out of it. */
  onAccessChange: (listener: (change: Change) => void) => () => void
}

/** How often, whatever is announced. */
export const recheckMs = 30_000

/** Ends it where the person may not do it any more; `what` is "read it" or the like. */
export async function checkAccess(
  ctx: RequestContext,
  { reauthenticate }: Pick<Rechecking, 'reauthenticate'>,
  { at, permission, what }: { at: DeploymentCoordinates; permission: Permission; what: string },
  end: (reason: string) => void,
): Promise<void> {
  try {
    const fresh = await reauthenticate(ctx, at)
    if (fresh === null) return end('You are signed out: sign in and open it again.')
    authorize(fresh, permission, at)
  } catch (error) {
    end(
      asAppError(error).code === 'forbidden' || asAppError(error).code === 'not-found'
        ? `You may not ${what} any more.`
        : `Nobody can say whether you may still ${what}: open it again.`,
    )
  }
}
