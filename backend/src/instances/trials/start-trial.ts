import { createHash, randomBytes } from 'node:crypto'
import {
  trialPath,
  type OidcProfileInput,
  type StartedTrial,
  type StartTrialInput,
} from '@hub/shared'
import * as z from 'zod'
import type { RequestContext } from '#context'
import { AppError } from '#errors'
import { askAsClient, pushRequest, type Client } from '#identity-providers'
import { resolvePublicOrigin } from '#sign-in'
import { scopesOf } from '../oidc/describe-provider.ts'
import { readEndpoints, unusable, type Endpoints } from './read-endpoints.ts'
import { createTrialClient } from './trial-client.ts'
import { describeRefusal, readRefusal } from './describe-refusal.ts'
import { ownerOf, trialSeconds, type Trial, type TrialDeps } from './trial.ts'

const Address = z.url({ protocol: /^https?$/ })

/** RFC 8628 §3.2, as loosely as kubectl's plugin takes it: numbers may be texts, and Google has its own name for the address. */
const DeviceAnswer = z
  .object({
    device_code: z.string().min(1).max(2_000),
    user_code: z.string().min(1).max(100),
    verification_uri: Address.optional().catch(undefined),
    verification_url: Address.optional().catch(undefined),
    verification_uri_complete: Address.optional().catch(undefined),
    expires_in: z.coerce.number().positive(),
    interval: z.coerce.number().positive().optional().catch(undefined),
  })
  .transform(({ verification_uri: uri, verification_url: url, ...rest }) => ({
    ...rest,
    verification_uri: uri ?? url,
  }))

/**
 * Begins to sign in at a cluster's issuer, as kubectl would. Throws `forbidden` to tokens, `host-not-allowed` for an origin
 * that is not the hub's, and `provider-unavailable`.
 */
export async function startTrial(
  ctx: RequestContext,
  deps: TrialDeps,
  { clientSecret, how, instance, origin, profile }: StartTrialInput & { instance: string },
): Promise<StartedTrial> {
  const begun = {
    instance,
    owner: ownerOf(ctx),
    profile,
    state: randomToken(),
    nonce: randomToken(),
    codeVerifier: randomToken(),
    redirectUri: `${requireOwn(deps, origin)}${trialPath}`,
    deviceCode: null,
    intervalSeconds: 0,
    endsAt: new Date(deps.now().getTime() + trialSeconds * 1000),
  }
  const endpoints = await readEndpoints(profile.issuer, deps)
  const client = { ...endpoints, ...createTrialClient(deps, { profile, clientSecret, endpoints }) }
  if (how === 'device') return startByDevice(deps, client, begun)
  return {
    trial: await seal(deps, begun),
    url: (await requestAuthorization(client, begun)).href,
    state: begun.state,
    redirectUri: begun.redirectUri,
    userCode: null,
    intervalSeconds: 0,
    endsAt: begun.endsAt.toISOString(),
  }
}

type TrialClient = Endpoints & Client

/** Where the person signs in. */
async function requestAuthorization(
  client: TrialClient,
  begun: Trial & { nonce: string; redirectUri: string },
): Promise<URL> {
  const { authorization, push } = client
  const { clientId } = begun.profile
  const url = new URL(authorization)
  const query = {
    response_type: 'code',
    client_id: clientId,
    redirect_uri: begun.redirectUri,
    scope: scopeOf(begun.profile),
    state: begun.state,
    nonce: begun.nonce,
    ...challengeOf(begun),
  }
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value)
  if (push === null) return url
  const pushed = await pushRequest({
    authorizationEndpoint: authorization,
    clientId,
    request: url,
    push: (form) => askAsClient(client, { url: push, what: 'endpoint for pushed requests', form }),
  })
  if (pushed.url !== null) return pushed.url
  const { body, status } = pushed.answer
  throw unusable(describeRefusal(readRefusal(body, status), begun.profile, begun.redirectUri))
}

/** RFC 8628 §3.1: it leads back nowhere, so that nothing has to be registered for it. */
async function startByDevice(
  deps: TrialDeps,
  client: TrialClient,
  begun: Trial,
): Promise<StartedTrial> {
  const { device } = client
  if (device === null) throw unusable('The issuer names no device_authorization_endpoint.')
  const form = new URLSearchParams({
    scope: scopeOf(begun.profile),
    // Keycloak wants it here too of a client that has to use PKCE; others ignore it.
    ...challengeOf(begun),
  })
  const what = 'device endpoint'
  const { body, status } = await askAsClient(client, { url: device, what, form })
  const { data } = DeviceAnswer.safeParse(body)
  const address = data?.verification_uri_complete ?? data?.verification_uri
  if (status !== 200 || data === undefined || address === undefined) {
    throw unusable(describeRefusal(readRefusal(body, status), begun.profile, null))
  }
  const endsAt = new Date(
    Math.min(begun.endsAt.getTime(), deps.now().getTime() + data.expires_in * 1000),
  )
  const intervalSeconds = Math.min(Math.ceil(data.interval ?? 5), 60)
  const trial = {
    ...begun,
    nonce: null,
    redirectUri: null,
    deviceCode: data.device_code,
    intervalSeconds: Math.max(intervalSeconds, 5),
    endsAt,
  }
  return {
    trial: await seal(deps, trial),
    url: address,
    state: null,
    redirectUri: null,
    userCode: data.user_code,
    intervalSeconds,
    endsAt: endsAt.toISOString(),
  }
}

function requireOwn({ config }: TrialDeps, origin: string): string {
  const { host, protocol } = new URL(origin)
  const own = resolvePublicOrigin(config, {
    host,
    protocol: protocol === 'https:' ? 'https' : 'http',
  })
  if (own === origin) return own
  throw new AppError('host-not-allowed', {
    detail: `The hub's own address is ${own}: open it there, and try the sign-in again.`,
  })
}

function scopeOf(profile: OidcProfileInput): string {
  return ['openid', ...scopesOf(profile)].join(' ')
}

function challengeOf({ codeVerifier }: Pick<Trial, 'codeVerifier'>) {
  return {
    code_challenge: createHash('sha256').update(codeVerifier).digest('base64url'),
    code_challenge_method: 'S256',
  }
}

function seal({ sealedTrials }: TrialDeps, trial: Trial): Promise<string> {
  return sealedTrials.seal(JSON.stringify(trial))
}

function randomToken(): string {
  return randomBytes(32).toString('base64url')
}
