import { createServer } from 'node:net'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  createCertificateAuthority,
  issueServerCertificate,
  startHub as startHubProcess,
} from '@hub/demo'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startConnectProxy, type ConnectProxy } from '../../test/connect-proxy.ts'
import { databases, type TestDatabase } from '../../test/databases.ts'
import { findFreePort } from '../../test/free-port.ts'
import {
  startOddIdentityProvider,
  type OddIdentityProvider,
} from '../../test/odd-identity-provider.ts'

type Cookies = Map<string, string>

async function visit(url: string, cookies: Cookies): Promise<Response> {
  const response = await fetch(url, {
    redirect: 'manual',
    headers: { cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; ') },
  })
  for (const line of response.headers.getSetCookie()) {
    const [, name, value] = /^([^=]+)=([^;]*)/.exec(line)!
    if (value === '') cookies.delete(name!)
    else cookies.set(name!, value!)
  }
  return response
}

async function startProcess(env: Record<string, string>) {
  const port = await findFreePort()
  const url = `http://127.0.0.1:${port}`
  const hub = startHubProcess({
    url,
    env: {
      HUB_MODE: 'true',
      HOST: '127.0.0.1',
      PORT: String(port),
      SESSION_SECRET: 'b1946ac92492d2347c6235b4d2611184f3a8c6c1',
      ENABLED_AUTH_PROVIDERS: 'oidc',
      OIDC_PROVIDER_CLIENT_ID: 'hub-under-test',
      OIDC_PROVIDER_CLIENT_SECRET: 'a+secret/with%signs',
      ...env,
    },
  })
  const died = hub.died.then((lines) => {
    throw new Error(`The hub ended:\n${lines}`)
  })
  await Promise.race([hub.ready, died])
  died.catch(() => undefined)
  return { url, stop: hub.stop }
}

describe('two hub processes on one PostgreSQL', () => {
  let database: TestDatabase
  let identityProvider: OddIdentityProvider
  let folder: string
  let hubs: Awaited<ReturnType<typeof startProcess>>[] = []

  beforeAll(async () => {
    ;[database, identityProvider, folder] = await Promise.all([
      databases[1].open(),
      startOddIdentityProvider(),
      mkdtemp(join(tmpdir(), 'hub-processes-')),
    ])
    await mkdir(join(folder, 'credentials'))
    const env = {
      DATABASE_URL: database.url,
      CREDENTIALS_PATH: join(folder, 'credentials'),
      OIDC_PROVIDER_ISSUER: identityProvider.issuer,
      AUTH_CALLBACK_URL: 'http://hub.example.com',
    }
    hubs = await Promise.all([startProcess(env), startProcess(env)])
  }, 90_000)
  afterAll(async () => {
    await Promise.all(hubs.map((hub) => hub.stop()))
    await Promise.all([database.dispose(), identityProvider.stop()])
    await rm(folder, { recursive: true, force: true })
  })

  const begin = async (at: string) => {
    const cookies: Cookies = new Map()
    const response = await visit(`${at}/api/auth/login/oidc?return_to=/instances`, cookies)
    const parameters = identityProvider.authorize(new URL(response.headers.get('location')!))
    return { cookies, path: `/api/auth/callback/oidc?${parameters.toString()}` }
  }

  test('a sign-in begins on one and ends on the other, and its session holds on both', async () => {
    const [one, two] = hubs.map(({ url }) => url)
    const { cookies, path } = await begin(one!)
    const response = await visit(`${two}${path}`, cookies)
    expect(response.status).toBe(303)
    expect(response.headers.get('location')).toBe('http://hub.example.com/instances')
    for (const url of [one, two]) {
      expect((await visit(`${url}/api/auth/me`, cookies)).status).toBe(200)
    }
  })

  test('#3 a callback that one has seen is refused by the other, and both at once let one through', async () => {
    const [one, two] = hubs.map(({ url }) => url)
    const { cookies, path } = await begin(one!)
    const copies = Array.from({ length: 6 }, () => new Map(cookies))
    const statuses = await Promise.all(
      copies.map(async (copy, index) => {
        const { status } = await visit(`${index % 2 === 0 ? one : two}${path}`, copy)
        return status
      }),
    )
    expect(statuses.toSorted((left, right) => left - right)).toEqual([303, 400, 400, 400, 400, 400])
    expect((await visit(`${two}${path}`, new Map(cookies))).status).toBe(400)
  })

  test('#2 the other process asks for the browser’s cookie too', async () => {
    const { path } = await begin(hubs[0]!.url)
    expect((await visit(`${hubs[1]!.url}${path}`, new Map())).status).toBe(400)
  })
})

describe('an identity provider with a private authority, behind an egress proxy', () => {
  let identityProvider: OddIdentityProvider
  let proxy: ConnectProxy
  let folder: string
  let environment: Record<string, string>

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'hub-egress-'))
    const authority = await createCertificateAuthority('A private authority')
    const tls = await issueServerCertificate(authority)
    ;[identityProvider, proxy] = await Promise.all([
      startOddIdentityProvider({ tls }),
      startConnectProxy(),
    ])
    await Promise.all([
      mkdir(join(folder, 'credentials')),
      writeFile(join(folder, 'authority.pem'), authority.certificate),
    ])
    environment = {
      DATABASE_URL: join(folder, 'hub.db'),
      CREDENTIALS_PATH: join(folder, 'credentials'),
      OIDC_PROVIDER_ISSUER: identityProvider.issuer,
    }
  })
  afterAll(async () => {
    await Promise.all([identityProvider.stop(), proxy.stop()])
    await rm(folder, { recursive: true, force: true })
  })

  const signIn = async (env: Record<string, string>): Promise<number> => {
    const hub = await startProcess({ ...environment, ...env })
    try {
      const cookies: Cookies = new Map()
      const started = await visit(`${hub.url}/api/auth/login/oidc`, cookies)
      if (started.status !== 302) return started.status
      const parameters = identityProvider.authorize(new URL(started.headers.get('location')!))
      const callback = `${hub.url}/api/auth/callback/oidc?${parameters.toString()}`
      return (await visit(callback, cookies)).status
    } finally {
      await hub.stop()
    }
  }
  const authorityFile = () => ({ NODE_EXTRA_CA_CERTS: join(folder, 'authority.pem') })

  test('HTTPS_PROXY is the way there, for metadata, keys and tokens alike', async () => {
    proxy.asked.length = 0
    expect(await signIn({ ...authorityFile(), HTTPS_PROXY: proxy.origin })).toBe(303)
    const host = new URL(identityProvider.issuer).host
    expect(proxy.asked.length).toBeGreaterThan(0)
    expect(new Set(proxy.asked)).toEqual(new Set([host]))
    // TLS goes through: the proxy sees no secret.
    expect(proxy.passed()).not.toContain('grant_type')
  })

  test('NO_PROXY leaves it out', async () => {
    proxy.asked.length = 0
    const env = { ...authorityFile(), HTTPS_PROXY: proxy.origin, NO_PROXY: 'localhost' }
    expect(await signIn(env)).toBe(303)
    expect(proxy.asked).toEqual([])
  })

  test('a proxy that is away is a page that says so, and so is an unknown authority', async () => {
    const nobody = createServer().listen(0, '127.0.0.1')
    await new Promise((resolve) => nobody.once('listening', resolve))
    const { port } = nobody.address() as { port: number }
    await new Promise((resolve) => nobody.close(resolve))
    const env = { ...authorityFile(), HTTPS_PROXY: `http://127.0.0.1:${port}` }
    expect(await signIn(env)).toBe(502)
    expect(await signIn({})).toBe(502)
  })
})
