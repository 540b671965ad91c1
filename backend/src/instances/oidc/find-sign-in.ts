import type { ClusterSignIn } from '@hub/shared'
import type { RequestContext } from '#context'
import { AppError } from '#errors'
import { scopesOf } from './describe-provider.ts'
import type { ProfileDeps } from './profiles.ts'
import type { SignInLinks } from './sign-in-links.ts'
import { reachOf } from './write-kubeconfig.ts'

/**
 * How kubectl's plugin signs in, for somebody who is not signed in yet. Throws `not-found` in the same words for a wrong link,
 * an instance that is not there, and one without a sign-in of its own.
 */
export async function findSignIn(
  ctx: RequestContext,
  deps: ProfileDeps & { signInLinks: SignInLinks },
  { instance: id, link }: { instance: string; link: string },
): Promise<ClusterSignIn> {
  if (!deps.signInLinks.isOf(id, link)) throw noSignIn()
  const instance = deps.instances.find(id)
  const profile = await deps.profiles.find(ctx.db, id)
  if (instance === null || profile === null) throw noSignIn()
  const { clientId, issuer, needsSecret } = profile
  return {
    issuer,
    clientId,
    scopes: scopesOf(profile),
    needsSecret,
    cluster: instance.endpoint && reachOf(profile, instance.endpoint),
  }
}

function noSignIn(): AppError {
  return new AppError('not-found', {
    detail:
      'This link opens no sign-in: it was copied in part, or has ended. Take the command again from the page of the instance.',
  })
}
