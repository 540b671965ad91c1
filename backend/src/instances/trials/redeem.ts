import type { FinishTrialInput } from '@hub/shared'
import { askProvider, basicCredentials, type ProviderAnswer } from '#identity-providers'
import { isRecord } from '#kube'
import type { Endpoints } from './read-endpoints.ts'
import { readRefusal, type Refusal } from './describe-refusal.ts'
import type { Trial, TrialDeps } from './trial.ts'

/** What a token endpoint gives: an ID token, or none; that it waits for the person; or its refusal. */
export type Redeemed = { idToken: string | null } | { slowDown: boolean } | { refusal: Refusal }

/** Redeems a code (RFC 6749 §4.1.3, RFC 8628 §3.4) as the client that kubectl signs in by. Throws `provider-unavailable`. */
export async function redeem(
  deps: TrialDeps,
  endpoints: Endpoints,
  trial: Trial,
  { clientSecret, code = '' }: Pick<FinishTrialInput, 'clientSecret' | 'code'>,
): Promise<Redeemed> {
  const { clientId } = trial.profile
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
  const isBasic = clientSecret !== undefined && !endpoints.takesSecretInForm
  if (!isBasic) form.set('client_id', clientId)
  if (clientSecret !== undefined && !isBasic) form.set('client_secret', clientSecret)
  const answer = await askProvider(deps.fetch, {
    url: endpoints.token,
    what: 'token endpoint',
    form,
    ...(isBasic && { headers: { authorization: basicCredentials(clientId, clientSecret) } }),
  })
  return read(answer)
}

function read({ body, status }: ProviderAnswer): Redeemed {
  if (status === 200 && isRecord(body) && !('error' in body)) {
    const { id_token: idToken } = body
    return { idToken: typeof idToken === 'string' ? idToken : null }
  }
  const refusal = readRefusal(body, status)
  if (refusal.error === 'authorization_pending') return { slowDown: false }
  if (refusal.error === 'slow_down') return { slowDown: true }
  return { refusal }
}
