import { AppError } from '#errors'
import type { CredentialDeps } from './list-credentials.ts'

/** In local mode the instances are the person's own contexts. Throws `credentials-read-only`. */
export function requireOwnDirectory({ local }: Pick<CredentialDeps, 'local'>): void {
  if (local === null) return
  throw new AppError('credentials-read-only', {
    detail:
      'In local mode the instances are the contexts of your own kubeconfig: change them with "kubectl config", and the hub follows.',
  })
}
