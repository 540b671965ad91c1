import type { Credential, PutCredentialInput } from '@hub/shared'
import { beginAttempt, endAttempt } from '#audit'
import type { RequestContext } from '#context'
import { AppError } from '#errors'
import { authorize, hubWide, requireFresh } from '#rbac'
import { describeReadOnly, writeCredential } from './credential-file.ts'
import { credentialExtension } from './credential-source.ts'
import { requireOwnDirectory } from './require-own-directory.ts'
import { presentCredential, type CredentialDeps } from './list-credentials.ts'
import { sha256Of } from './settle-credentials.ts'

/**
 * Writes the credential of an instance, which need not exist yet, and returns what became of it. Throws what
 * `authorize` and `requireFresh` throw, `credential-refused` and `credentials-read-only`.
 */
export async function putCredential(
  ctx: RequestContext,
  { credentials, instances, local }: CredentialDeps,
  id: string,
  input: PutCredentialInput,
): Promise<{ credential: Credential; isNew: boolean }> {
  authorize(ctx, 'instance.manage', hubWide)
  requireFresh(ctx, { allowBearer: true })
  requireOwnDirectory({ local })
  const parsed = await instances.read(input.kubeconfig)
  if (!parsed.ok) {
    throw new AppError('credential-refused', {
      detail: `${parsed.reason} ${parsed.fix}`,
      errors: [{ pointer: '/kubeconfig', detail: parsed.reason }],
    })
  }
  const readOnly = await describeReadOnly(credentials.path)
  if (readOnly !== null) throw new AppError('credentials-read-only', { detail: readOnly })

  const sha256 = sha256Of(input.kubeconfig)
  const { server } = parsed.credential
  const entry = {
    action: 'credential.put',
    target: { instance: id },
    after: { sha256, server },
    evidence: { sha256 },
  } as const
  const attempt = await beginAttempt(ctx, entry)
  const { isNew } = await writeCredential(credentials.path, id, input.kubeconfig).catch(
    async (error: unknown) => {
      const reason = error instanceof AppError ? error.code : 'internal'
      await endAttempt(ctx, attempt, entry, { outcome: 'failure', reason })
      throw error
    },
  )
  await endAttempt(ctx, attempt, entry, { outcome: 'success' })
  await instances.rescan()
  const name = `${id}${credentialExtension}`
  const file = instances.credentials().find((known) => known.file === name) ?? {
    file: name,
    instance: id,
    rejection: null,
    warnings: parsed.warnings,
    since: ctx.now().toISOString(),
    expiresAt: null,
  }
  return { credential: presentCredential(instances, file), isNew }
}
