import { randomBytes, webcrypto } from 'node:crypto'
import { createServer } from 'node:http'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { Configuration, JWK, KoaContextWithOIDC, Provider } from 'oidc-provider'
import type { KeyPair } from '../certificates.ts'
import { prepareStop } from '../stop-server.ts'
import { renderMessage, renderSignIn, renderSignOut } from './pages.ts'
import type { Page } from './pages.ts'
import { personas, type Persona } from './personas.ts'

export type IdentityProviderClient = {
  clientId: string
  /** Without one it is a public client, as kubectl's is. */
  clientSecret?: string
  name?: string
  redirectUris: readonly string[]
  postLogoutRedirectUris?: readonly string[]
  /** Where logout tokens are posted when a person signs out here. */
  backchannelLogoutUri?: string
}

export type IdentityProviderOptions = {
  port?: number
  clients: readonly IdentityProviderClient[]
  /** Programs that get access tokens by themselves (client credentials), and for which audience. */
  programs?: readonly { clientId: string; clientSecret: string; audience: string }[]
  /** Serve https with this certificate; default is plain http, which every browser accepts on loopback. */
  tls?: KeyPair
  /** Who can sign in; default: the four personas. */
  people?: readonly Persona[]
}

export type IdentityProvider = { readonly issuer: string; stop(): Promise<void> }

const formBytesMax = 4096
const allScopes = 'openid profile email groups offline_access'

/** An OpenID provider whose people are the personas: no passwords, no consent screen. */
export async function startIdentityProvider(
  options: IdentityProviderOptions,
): Promise<IdentityProvider> {
  const server: Server = options.tls
    ? createTlsServer({ cert: options.tls.certificate, key: options.tls.privateKey })
    : createServer()
  const stop = prepareStop(server)
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(options.port ?? 0, '127.0.0.1', resolve)
  })
  const { port } = server.address() as AddressInfo
  const issuer = `${options.tls ? 'https' : 'http'}://127.0.0.1:${port}`
  const people = options.people ?? personas
  const provider = await createQuietly(issuer, await configure(options, people))
  const serve = provider.callback()
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    const uid = /^\/interaction\/([\w-]+)$/.exec(request.url ?? '')?.[1]
    if (uid === undefined) return serve(request, response)
    answerInteraction(provider, people, request, response).catch((error: unknown) => {
      const text = 'This sign-in has expired. Go back to where you came from and sign in again.'
      if (response.headersSent) response.destroy(error as Error)
      else send(response, 400, renderMessage('Please start again', text))
    })
  })
  return {
    issuer,
    stop,
  }
}

/**
 * The package warns about Node releases that are not LTS yet and about keeping everything in
 * memory: true, meant here, and noise for whoever reads the terminal.
 */
async function createQuietly(issuer: string, configuration: Configuration): Promise<Provider> {
  const { warn } = console
  console.warn = () => {}
  try {
    const module = await import('oidc-provider')
    return new module.Provider(issuer, configuration)
  } finally {
    console.warn = warn
  }
}

async function configure(
  { clients, programs = [] }: IdentityProviderOptions,
  people: readonly Persona[],
): Promise<Configuration> {
  return {
    clients: describeClients(clients, programs),
    jwks: { keys: [await createSigningKey()] },
    cookies: { keys: [randomBytes(32).toString('hex')] },
    pkce: { required: () => true },
    scopes: allScopes.split(' '),
    claims: {
      openid: ['sub', 'groups'],
      profile: ['name', 'preferred_username', 'groups'],
      email: ['email', 'email_verified'],
      groups: ['groups'],
    },
    conformIdTokenClaims: false,
    findAccount: (_, sub) => {
      const persona = people.find((each) => each.sub === sub)
      return (
        persona && {
          accountId: sub,
          claims: () => ({
            sub,
            name: persona.name,
            preferred_username: sub,
            email: persona.email,
            email_verified: true,
            groups: [...persona.groups],
          }),
        }
      )
    },
    loadExistingGrant: grantEverything,
    issueRefreshToken: (_, client) => client.grantTypeAllowed('refresh_token'),
    interactions: { url: (_, interaction) => `/interaction/${interaction.uid}` },
    features: {
      devInteractions: { enabled: false },
      backchannelLogout: { enabled: true },
      clientCredentials: { enabled: programs.length > 0 },
      // Tokens of programs are JWTs for their audience; those of people stay what they are.
      resourceIndicators: {
        enabled: programs.length > 0,
        defaultResource: (ctx, client) =>
          ctx.oidc.params?.['grant_type'] === 'client_credentials'
            ? `urn:audience:${client.clientId}`
            : [],
        getResourceServerInfo: (_, resource) => {
          const clientId = resource.slice('urn:audience:'.length)
          const { audience = '' } = programs.find((each) => each.clientId === clientId) ?? {}
          return { scope: '', audience, accessTokenFormat: 'jwt' }
        },
      },
      revocation: { enabled: true },
      rpInitiatedLogout: {
        enabled: true,
        logoutSource: (ctx, form) => {
          const target = ctx.oidc.params?.post_logout_redirect_uri
          show(ctx, renderSignOut(form, typeof target === 'string' ? new URL(target).origin : ''))
        },
        postLogoutSuccessSource: (ctx) =>
          show(ctx, renderMessage('Signed out', 'You can close this page.')),
      },
    },
    renderError: (ctx, { error, error_description }) =>
      show(ctx, renderMessage('That did not work', error_description ?? error)),
    ttl: {
      AccessToken: 3600,
      AuthorizationCode: 60,
      ClientCredentials: 3600,
      Grant: 14 * 24 * 3600,
      IdToken: 3600,
      Interaction: 600,
      RefreshToken: 14 * 24 * 3600,
      Session: 14 * 24 * 3600,
    },
  }
}

function describeClients(
  clients: IdentityProviderOptions['clients'],
  programs: NonNullable<IdentityProviderOptions['programs']>,
) {
  return [
    ...clients.map((client) => ({
      client_id: client.clientId,
      ...(client.clientSecret === undefined
        ? { token_endpoint_auth_method: 'none' as const, application_type: 'native' as const }
        : { client_secret: client.clientSecret }),
      client_name: client.name ?? client.clientId,
      redirect_uris: [...client.redirectUris],
      post_logout_redirect_uris: [...(client.postLogoutRedirectUris ?? [])],
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code' as const],
      ...(client.backchannelLogoutUri && {
        backchannel_logout_uri: client.backchannelLogoutUri,
        backchannel_logout_session_required: true,
      }),
    })),
    ...programs.map((program) => ({
      client_id: program.clientId,
      client_secret: program.clientSecret,
      client_name: program.clientId,
      redirect_uris: [],
      grant_types: ['client_credentials'],
      response_types: [],
    })),
  ]
}

async function createSigningKey(): Promise<JWK> {
  const keys = await webcrypto.subtle.generateKey(
    {
      name: 'RSASSA-PKCS1-v1_5',
      modulusLength: 2048,
      publicExponent: new Uint8Array([1, 0, 1]),
      hash: 'SHA-256',
    },
    true,
    ['sign', 'verify'],
  )
  const jwk = await webcrypto.subtle.exportKey('jwk', keys.privateKey)
  const { key_ops: _, ext: __, ...key } = jwk
  return {
    ...key,
    kty: 'RSA',
    use: 'sig',
    alg: 'RS256',
    kid: randomBytes(8).toString('hex'),
  }
}

/** No consent screen: whoever signs in has granted what the client asks for. */
async function grantEverything(ctx: KoaContextWithOIDC) {
  const { client, provider, session, result } = ctx.oidc
  const { accountId } = session!
  const grantId = result?.consent?.grantId ?? session!.grantIdFor(client!.clientId)
  const existing = grantId === undefined ? undefined : await provider.Grant.find(grantId)
  if (existing && existing.accountId === accountId) return existing
  if (accountId === undefined) return undefined
  const grant = new provider.Grant({ clientId: client!.clientId, accountId })
  grant.addOIDCScope(allScopes)
  await grant.save()
  return grant
}

async function answerInteraction(
  provider: Provider,
  people: readonly Persona[],
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { uid, prompt, params, session } = await provider.interactionDetails(request, response)
  const clientId = String(params.client_id)
  if (prompt.name === 'consent') {
    const grant = new provider.Grant({ clientId, accountId: session!.accountId })
    grant.addOIDCScope(allScopes)
    const consent = { grantId: await grant.save() }
    await provider.interactionFinished(
      request,
      response,
      { consent },
      { mergeWithLastSubmission: true },
    )
    return
  }
  if (request.method !== 'POST') {
    const client = await provider.Client.find(clientId)
    const page = renderSignIn({
      personas: people,
      clientName: client?.clientName ?? clientId,
      action: `/interaction/${uid}`,
      redirectOrigin: new URL(String(params.redirect_uri)).origin,
    })
    send(response, 200, page)
    return
  }
  const choice = (await readForm(request)).get('persona')
  const persona = people.find((each) => each.sub === choice)
  const result = persona
    ? { login: { accountId: persona.sub, remember: true } }
    : { error: 'access_denied', error_description: 'The sign-in was cancelled.' }
  await provider.interactionFinished(request, response, result, { mergeWithLastSubmission: false })
}

async function readForm(request: IncomingMessage): Promise<URLSearchParams> {
  let text = ''
  for await (const chunk of request.setEncoding('utf8')) {
    text += chunk
    if (text.length > formBytesMax) throw new Error('form too large')
  }
  return new URLSearchParams(text)
}

function show(ctx: KoaContextWithOIDC, { html, contentSecurityPolicy }: Page): void {
  ctx.set(toHeaders(contentSecurityPolicy))
  ctx.type = 'html'
  ctx.body = html
}

function send(response: ServerResponse, code: number, { html, contentSecurityPolicy }: Page): void {
  response.writeHead(code, {
    ...toHeaders(contentSecurityPolicy),
    'content-type': 'text/html; charset=utf-8',
    'cache-control': 'no-store',
  })
  response.end(html)
}

function toHeaders(contentSecurityPolicy: string): Record<string, string> {
  return {
    'content-security-policy': contentSecurityPolicy,
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'same-origin',
  }
}
