import { beginAttempt, endAttempt } from '#audit'
import type { RequestContext } from '#context'
import { AppError } from '#errors'
import { authorize, hubWide, requireFresh } from '#rbac'
import { removeCredential } from './credential-file.ts'
import type { CredentialDeps } from './list-credentials.ts'
import { requireOwnDirectory } from './require-own-directory.ts'

/**
 * Removes the credential of an instance, which then ends. Throws what `authorize` and
 * `requireFresh` throw, `not-found` and
 * `credentials-read-only`.
 */
export async function deleteCredential(
  ctx: RequestContext,
  { credentials, instances, local }: CredentialDeps,
  id: string,
): Promise<void> {
  authorize(ctx, 'instance.manage', hubWide)
  requireFresh(ctx, { allowBearer: true })
  requireOwnDirectory({ local })
  const entry = { action: 'credential.delete', target: { instance: id } } as const
  const attempt = await beginAttempt(ctx, entry)
  try {
    if (!(await removeCredential(credentials.path, id))) {
      throw new AppError('not-found', {
        detail: `There is no credential for an instance "${id}". Check the name.`,
      })
    }
  } catch (error) {
    const reason = error instanceof AppError ? error.code : 'internal'
    await endAttempt(ctx, attempt, entry, { outcome: 'failure', reason })
    throw error
  }
  await endAttempt(ctx, attempt, entry, { outcome: 'success' })
  await instances.rescan()
}
