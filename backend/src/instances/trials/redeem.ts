import type { FinishTrialInput } from '@hub/shared'
import { askProvider, basicCredentials, hasError, type ProviderAnswer } from '#identity-providers'
import { isRecord } from '#kube'
import type { Endpoints } from './read-endpoints.ts'
import { readRefusal, type Refusal } from './describe-refusal.ts'
import type { Trial, TrialDeps } from './trial.ts'

/** What a token endpoint gives: an ID token, or none; that it waits for the person; or its refusal. */
export type Redeemed = { idToken: string | null } | { slowDown: boolean } | { refusal: Refusal }

/**
 * Redeems a code (RFC 6749 §4.1.3, RFC 8628 §3.4) as the client that kubectl signs in by: with its secret the one way, and
 * where the client is refused the other, as kubectl's plugin does. Throws `provider-unavailable`.
 */
export async function redeem(
  deps: TrialDeps,
  endpoints: Endpoints,
  trial: Trial,
  said: Pick<FinishTrialInput, 'clientSecret' | 'code'>,
): Promise<Redeemed> {
  const { takesSecretInForm } = endpoints
  const first = await ask(deps, { endpoints, isInForm: takesSecretInForm, said, trial })
  const isClientRefused = 'refusal' in first && first.refusal.error === 'invalid_client'
  if (said.clientSecret === undefined || !isClientRefused) return first
  return ask(deps, { endpoints, isInForm: !takesSecretInForm, said, trial })
}

async function ask(
  deps: TrialDeps,
  asked: {
    endpoints: Endpoints
    /** Where a secret goes; else into the header. */
    isInForm: boolean
    said: Parameters<typeof redeem>[3]
    trial: Trial
  },
): Promise<Redeemed> {
  const { endpoints, isInForm, said, trial } = asked
  const { clientSecret, code = '' } = said
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
  const isBasic = clientSecret !== undefined && !isInForm
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
  if (status === 200 && isRecord(body) && !hasError(body)) {
    const { id_token: idToken } = body
    return { idToken: typeof idToken === 'string' ? idToken : null }
  }
  const refusal = readRefusal(body, status)
  if (refusal.error === 'authorization_pending') return { slowDown: false }
  if (refusal.error === 'slow_down') return { slowDown: true }
  return { refusal }
}
