import type { OidcProfileInput } from '@hub/shared'
import { createClientAuth, type Client } from '#identity-providers'
import type { Endpoints } from './read-endpoints.ts'
import type { TrialDeps } from './trial.ts'

/** The client that kubectl signs in by, with its secret where it has one. */
export function createTrialClient(
  { fetch, now }: TrialDeps,
  {
    clientSecret,
    endpoints,
    profile,
  }: {
    clientSecret: string | undefined
    endpoints: Pick<Endpoints, 'provider'>
    profile: Pick<OidcProfileInput, 'clientId'>
  },
): Client {
  const clientAuth = createClientAuth({
    clientId: profile.clientId,
    credential: clientSecret === undefined ? null : { type: 'secret', secret: clientSecret },
    method: 'auto',
    now,
  })
  return { clientAuth, fetch, provider: endpoints.provider }
}
