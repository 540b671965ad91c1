import type { FinishTrialInput } from '@hub/shared'
import { askAsClient, hasError, type ProviderAnswer } from '#identity-providers'
import { isRecord } from '#kube'
import type { Endpoints } from './read-endpoints.ts'
import { readRefusal, type Refusal } from './describe-refusal.ts'
import { createTrialClient } from './trial-client.ts'
import type { Trial, TrialDeps } from './trial.ts'

/** What a token endpoint gives: an ID token, or none; that it waits for the person; or its refusal. */
export type Redeemed = { idToken: string | null } | { slowDown: boolean } | { refusal: Refusal }

/**
 * Redeems a code (RFC 6749 §4.1.3, RFC 8628 §3.4) as the client that kubectl signs in by. Throws `provider-unavailable`.
 */
export async function redeem(
  deps: TrialDeps,
  endpoints: Endpoints,
  trial: Trial,
  { clientSecret, code = '' }: Pick<FinishTrialInput, 'clientSecret' | 'code'>,
): Promise<Redeemed> {
  const form = new URLSearchParams(
    trial.deviceCode === null
      ? {
          grant_type: 'authorization_code',
          code,
          redirect_uri: trial.redirectUri ?? '',
        }
      : {
          grant_type: 'urn:ietf:params:oauth:grant-type:device_code',
          device_code: trial.deviceCode,
        },
  )
  form.set('code_verifier', trial.codeVerifier)
  const { profile } = trial
  const client = createTrialClient(deps, { profile, clientSecret, endpoints })
  return read(await askAsClient(client, { url: endpoints.token, what: 'token endpoint', form }))
}

function read({ body, status }: ProviderAnswer): Redeemed {
  if (status === 200 && isRecord(body) && !hasError(body)) {
    const { id_token: idToken } = body
    return { idToken: typeof idToken === 'string' ? idToken : null }
  }
  const refusal = readRefusal(body, status)
  if (refusal.error === 'authorization_pending') return { slowDown: false }
  if (refusal.error === 'slow_down') return { slowDown: true }
  return { refusal }
}
