import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadConfig, type Environment } from '#config'
import type { Database } from '#db'
import type { CliSource } from '#http'
import { createLogger } from '#log'
import { createHub, type Hub } from '../src/create-hub.ts'
import type { OddIdentityProvider } from './odd-identity-provider.ts'

export const hubOrigin = 'http://localhost:3001'

export type HubOptions = {
  db: Database
  /** The provider to sign in at; another one comes by `env`. */
  identityProvider?: OddIdentityProvider
  env?: Environment
  /** Instance names and their kubeconfigs. */
  credentials?: Record<string, string>
  /** Where kubectl's plugin is; without, there is no build of it. */
  cli?: CliSource
  /** To identity providers, where these have certificates of their own. */
  fetch?: typeof fetch
}

export type TestHub = Awaited<ReturnType<typeof startHub>>

/** A whole hub in this process, without a socket of its own: requests go to `app.request()`. */
export async function startHub(options: HubOptions) {
  const { credentials = {}, db, env, identityProvider } = options
  const folder = await mkdtemp(join(tmpdir(), 'hub-under-test-'))
  const directory = join(folder, 'credentials')
  const portalDirectory = join(folder, 'portal')
  await Promise.all([mkdir(directory), mkdir(join(portalDirectory, 'assets'), { recursive: true })])
  const page =
    '<script>1</script><script src="/a.js"></script><style nonce="__CSP_NONCE__"></style>'
  await writeFile(join(portalDirectory, 'index.html'), page)
  await writeFile(join(portalDirectory, 'assets', 'app-1a2b.js'), 'export {}')
  const cli = options.cli ?? { directory: join(folder, 'cli'), build: null }
  for (const [instance, kubeconfig] of Object.entries(credentials)) {
    await writeFile(join(directory, `${instance}.kubeconfig`), kubeconfig)
  }
  const lines: string[] = []
  const log = createLogger('debug', { write: (line) => void lines.push(line) })
  let offsetMs = 0
  let frozenAt: number | null = null
  let browsers = 0
  const now = () => new Date((frozenAt ?? Date.now()) + offsetMs)
  const config = loadConfig({
    HUB_MODE: 'true',
    SESSION_SECRET: 'b1946ac92492d2347c6235b4d2611184f3a8c6c1',
    CREDENTIALS_PATH: directory,
    ENABLED_AUTH_PROVIDERS: 'oidc',
    OIDC_PROVIDER_ISSUER: identityProvider?.issuer,
    OIDC_PROVIDER_CLIENT_ID: identityProvider?.clientId,
    OIDC_PROVIDER_CLIENT_SECRET: 'a+secret/with%signs',
    ...env,
  })
  const reach = options.fetch ?? fetch
  const hub = createHub({ config, db, log, now, fetch: reach, portalDirectory, cli })
  await hub.start()
  const { app, fleet, instances } = hub

  return {
    app,
    config,
    localSecret: hub.localSecret,
    instances,
    fleet,
    directory,
    /** Every line the hub has logged. */
    lines,
    /** Moves the hub's clock, not the world's. */
    advance: (ms: number) => (offsetMs += ms),
    /** Stops the hub's clock while `work` runs, for what counts by the minute. */
    async frozen(work: () => Promise<void>) {
      frozenAt = Date.now()
      await work().finally(() => (frozenAt = null))
    },
    /** A new browser, on a machine of its own unless a peer's address is given. */
    browser: (
      peer = `10.0.${(browsers += 1) >> 8}.${browsers & 255}`,
      cookies = new Map<string, string>(),
    ) => createBrowser(app, { peer, cookies }, identityProvider),
    async stop() {
      await hub.stop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

export type Browser = ReturnType<typeof createBrowser>

/** A browser as far as the hub can tell: a cookie jar, Fetch Metadata, and no redirects followed unasked. */
function createBrowser(
  app: Hub['app'],
  { cookies, peer }: { cookies: Map<string, string>; peer: string },
  identityProvider?: OddIdentityProvider,
) {
  const request = async (path: string, init: RequestInit = {}): Promise<Response> => {
    const headers = new Headers(init.headers)
    if (!headers.has('host')) headers.set('host', new URL(hubOrigin).host)
    if (!headers.has('sec-fetch-site')) headers.set('sec-fetch-site', 'same-origin')
    if (cookies.size > 0) {
      headers.set('cookie', [...cookies].map(([name, value]) => `${name}=${value}`).join('; '))
    }
    const url = new URL(path, hubOrigin).href
    const response = await app.request(url, { ...init, headers }, socketOf(peer, headers))
    for (const line of response.headers.getSetCookie()) storeCookie(cookies, line)
    return response
  }

  const startLogin = async (query = '', provider = 'oidc'): Promise<URL> => {
    const response = await request(`/api/auth/login/${provider}${query}`)
    return new URL(response.headers.get('location')!)
  }

  return {
    cookies,
    request,
    get: (path: string) => request(path),
    send: (method: 'POST' | 'PUT' | 'DELETE', path: string, body?: unknown) =>
      request(path, {
        method,
        ...(body !== undefined && {
          body: JSON.stringify(body),
          headers: { 'content-type': 'application/json' },
        }),
      }),
    startLogin,
    finishLogin: (parameters: URLSearchParams, provider = 'oidc') =>
      request(`/api/auth/callback/${provider}?${parameters.toString()}`),
    /** Signs in as this subject and returns the callback's answer. */
    async signIn(subject: string, query = ''): Promise<Response> {
      if (!identityProvider) throw new Error('This hub signs people in at another provider.')
      identityProvider.answers.claims = (claims) => ({ ...claims, sub: subject, name: subject })
      const parameters = identityProvider.authorize(await startLogin(query))
      return request(`/api/auth/callback/oidc?${parameters.toString()}`)
    },
  }
}

/** What the server would know of the connection and of the headers as they came. */
export function socketOf(peer: string, headers: Headers = new Headers()) {
  const socket = { remoteAddress: peer, remotePort: 1024, remoteFamily: 'IPv4' }
  return { incoming: { socket, rawHeaders: [...headers].flat() } }
}

function storeCookie(cookies: Map<string, string>, line: string): void {
  const [pair = '', ...attributes] = line.split(';').map((part) => part.trim())
  const [name = '', value = ''] = pair.split(/=(.*)/s)
  const isGone =
    attributes.some((attribute) => /^max-age=0$/i.test(attribute)) ||
    attributes.some(
      (attribute) =>
        /^expires=/i.test(attribute) && Date.parse(attribute.slice('expires='.length)) < Date.now(),
    )
  if (isGone) cookies.delete(name)
  else cookies.set(name, value)
}
