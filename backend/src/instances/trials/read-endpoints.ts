import * as z from 'zod'
import { isLoopbackHost } from '#config'
import { AppError } from '#errors'
import { discoveryUrlOf, isEndpointAllowed, type TakenProofs } from '#identity-providers'
import { askIssuer, locate, type IssuerDeps } from '../oidc/ask-issuer.ts'

const Document = z.object({
  issuer: z.string(),
  authorization_endpoint: z.url(),
  token_endpoint: z.url(),
  jwks_uri: z.url(),
  device_authorization_endpoint: z.url().optional().catch(undefined),
  require_pushed_authorization_requests: z.boolean().nullish().catch(undefined),
  pushed_authorization_request_endpoint: z.url().optional().catch(undefined),
  token_endpoint_auth_methods_supported: z.array(z.string()).optional().catch(undefined),
})

export type Endpoints = {
  authorization: string
  token: string
  keys: string
  device: string | null
  /** Where authorization requests go beforehand (RFC 9126 §5); null where the provider takes them from browsers too. */
  push: string | null
  provider: TakenProofs
}

/** Where an issuer is signed in at, as its document says. Throws `provider-unavailable`, in words for whoever sets it up. */
export async function readEndpoints(issuer: string, deps: IssuerDeps): Promise<Endpoints> {
  const { blocked } = await locate(new URL(issuer), deps)
  if (blocked !== null) throw unusable(`The issuer is ${blocked}.`)
  const { hostname, protocol } = new URL(issuer)
  if (protocol !== 'https:' && !isLoopbackHost(hostname)) {
    throw unusable('The issuer uses plain http; an API server accepts only https.')
  }
  const url = discoveryUrlOf(issuer)
  const answer = await askIssuer(url, deps)
  if ('why' in answer) throw unusable(`${url} ${answer.why}.`)
  const { data } = Document.safeParse(answer.body)
  if (!data) {
    throw unusable(`${url} does not name authorization_endpoint, token_endpoint and jwks_uri.`)
  }
  if (data.issuer !== issuer) {
    throw unusable(`The document names "${data.issuer.slice(0, 200)}", not exactly this issuer.`)
  }
  const push =
    data.require_pushed_authorization_requests === true
      ? data.pushed_authorization_request_endpoint
      : undefined
  const asked = [data.token_endpoint, data.jwks_uri, data.device_authorization_endpoint, push]
  for (const endpoint of [data.authorization_endpoint, ...asked]) {
    if (endpoint !== undefined && !isEndpointAllowed(issuer, endpoint)) {
      throw unusable(`Its endpoint ${endpoint.slice(0, 200)} does not use https.`)
    }
  }
  for (const endpoint of asked.filter((each) => each !== undefined)) {
    const { blocked: why } = await locate(new URL(endpoint), deps)
    if (why !== null) throw unusable(`Its endpoint ${endpoint.slice(0, 200)} is ${why}.`)
  }
  const takesSecretInForm =
    data.token_endpoint_auth_methods_supported?.includes('client_secret_post') ?? false
  return {
    authorization: data.authorization_endpoint,
    token: data.token_endpoint,
    keys: data.jwks_uri,
    device: data.device_authorization_endpoint ?? null,
    push: push ?? null,
    provider: {
      issuer,
      tokenEndpoint: data.token_endpoint,
      // In the form first wherever that is possible, as kubectl's plugin has it.
      authMethods: takesSecretInForm ? ['client_secret_post'] : null,
      authAlgorithms: null,
    },
  }
}

export function unusable(detail: string): AppError {
  return new AppError('provider-unavailable', {
    detail: `The sign-in cannot be tried. ${detail} Verify says more.`,
  })
}
