import type { FinishTrialInput, OidcTrial } from '@hub/shared'
import { recordAudit } from '#audit'
import type { RequestContext } from '#context'
import { cleanText } from '#identity-providers'
import { digestOf, isSameText } from '#secrets'
import { consumeLogin } from '#sign-in'
import { fail, pass, type Check } from '../oidc/checks.ts'
import { describeRefusal } from './describe-refusal.ts'
import { decodeClaims, readClaims } from './read-claims.ts'
import { readEndpoints } from './read-endpoints.ts'
import { redeem } from './redeem.ts'
import { ended, openTrial, type Trial, type TrialDeps } from './trial.ts'
import { verifySignature } from './verify-signature.ts'

type Findings = Pick<OidcTrial, 'items' | 'username' | 'groups' | 'claims'>

// RFC 8628 §3.5: by so much longer after each "slow down".
const slowerSeconds = 5

/**
 * Ends a trial: what the provider answered, and what an API server would make of the ID token, which goes nowhere and is kept
 * nowhere. Throws `login-expired`, `provider-unavailable`; what the provider refuses is a finding.
 */
export async function finishTrial(
  ctx: RequestContext,
  deps: TrialDeps,
  { instance, ...said }: FinishTrialInput & { instance: string },
): Promise<OidcTrial> {
  const trial = await openTrial(ctx, deps, { instance, trial: said.trial })
  if (trial.deviceCode === null) {
    if (!isSameText(trial.state, said.state ?? '')) throw ended('has another state')
    await consume(ctx, trial)
  }
  const findings = readAnswer(trial, said) ?? (await readToken(deps, trial, said))
  if (findings === 'pending' || findings === 'too early') {
    const intervalSeconds = trial.intervalSeconds + (findings === 'pending' ? 0 : slowerSeconds)
    return { state: 'pending', intervalSeconds, ...nothing([]) }
  }
  if (trial.deviceCode !== null) await consume(ctx, trial)
  const failed = findings.items.filter(({ outcome }) => outcome === 'fail')
  const { clientId, issuer } = trial.profile
  await recordAudit(ctx, {
    action: 'oidc-profile.try',
    outcome: failed.length === 0 ? 'success' : 'failure',
    target: { instance },
    after: { issuer, clientId },
    ...(failed.length > 0 && { reason: failed.map(({ name }) => name).join(', ') }),
  })
  return { state: 'done', intervalSeconds: 0, ...findings }
}

// RFC 9700 §4.7: a state is used once, whichever replica sees it, and before anything goes over the network.
async function consume(ctx: RequestContext, { endsAt, state }: Trial): Promise<void> {
  const isFirst = await ctx.db.transaction((tx) => consumeLogin(tx, digestOf(state), endsAt))
  if (!isFirst) throw ended('was finished before')
}

/** What the address that the browser came back by says is wrong; null where it has a code to redeem. */
function readAnswer(
  { deviceCode, profile, redirectUri }: Trial,
  { code, error, errorDescription = '', iss }: FinishTrialInput,
): Findings | null {
  if (deviceCode !== null) return null
  if (iss !== undefined && iss !== profile.issuer) {
    const words = `"${iss.slice(0, 200)}" answered, and not the issuer that was asked. Start again.`
    return nothing([fail('sign-in', words)])
  }
  if (error !== undefined) {
    const refusal = { error: cleanText(error), words: cleanText(errorDescription) }
    return nothing([fail('sign-in', describeRefusal(refusal, profile, redirectUri))])
  }
  if (code) return null
  return nothing([fail('sign-in', 'The provider led back without a code and without a reason.')])
}

async function readToken(
  deps: TrialDeps,
  trial: Trial,
  said: FinishTrialInput,
): Promise<Findings | 'pending' | 'too early'> {
  const { nonce, profile, redirectUri } = trial
  const endpoints = await readEndpoints(profile.issuer, deps)
  const redeemed = await redeem(deps, endpoints, trial, said)
  if ('slowDown' in redeemed) return redeemed.slowDown ? 'too early' : 'pending'
  if ('refusal' in redeemed) {
    return nothing([fail('sign-in', describeRefusal(redeemed.refusal, profile, redirectUri))])
  }
  const { idToken } = redeemed
  const claims = idToken === null ? null : decodeClaims(idToken)
  if (idToken === null || claims === null) {
    const words = `The provider gave ${idToken === null ? 'no ID token' : 'an ID token that is not a JWT'}. Allow the client the scope openid.`
    return nothing([fail('sign-in', words)])
  }
  const signature = await verifySignature(idToken, endpoints.keys, deps)
  const { groups, items, username } = readClaims(claims, profile, { nonce, now: deps.now() })
  const isForged = signature.outcome === 'fail'
  return {
    items: [pass('sign-in', 'The provider signed you in, by PKCE.'), signature, ...items],
    username: isForged ? null : username,
    groups: isForged ? [] : groups,
    claims,
  }
}

function nothing(items: Check[]): Findings {
  return { items, username: null, groups: [], claims: null }
}
