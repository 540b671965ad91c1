import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { startIdentityProvider } from '@hub/demo'
import type { World } from './benchmark.ts'
import { readCpuMs } from './cpu.ts'

export type Hub = {
  origin: string
  pid: number
  credentials: string
  /** Milliseconds from its start to its first answer. */
  listeningAfterMs: number
  /** Signs a persona in and returns the Cookie header of the session. */
  signIn(persona: string): Promise<string>
  /** Processor time that it took until it was ready. */
  startCpuMs: number
  /** Processor time that it has used. */
  cpuMs(): Promise<number>
  /** Resident memory in MiB. */
  residentMiB(): Promise<number>
}

/** Another checkout, so that two commits are measured in one run of the same benchmark. */
const ownCheckout =
  process.env['BENCH_CHECKOUT'] ?? fileURLToPath(new URL('../..', import.meta.url))

/** A hub in a process of its own, as in production but for TLS, with SQLite and the demo's identity provider. */
export async function startHub(
  world: World,
  options: {
    grants: readonly object[]
    /** Kubeconfigs by instance name, there before it starts. */
    credentials?: Record<string, string>
    /** Further people who can sign in, by subject. */
    people?: readonly string[]
    /** Further variables. */
    env?: Record<string, string>
    /** Of another commit than the benchmark's. */
    checkout?: string
  },
): Promise<Hub> {
  const command = await findCommand(options.checkout ?? ownCheckout)
  const port = await findFreePort()
  const origin = `http://127.0.0.1:${port}`
  const client = { clientId: 'hub', clientSecret: 'a-benchmark-has-no-secrets' }
  const identityProvider = await startIdentityProvider({
    clients: [{ ...client, redirectUris: [`${origin}/api/auth/callback/oidc`] }],
    people: ['admin', 'viewer', ...(options.people ?? [])].map((sub) => ({
      sub,
      name: sub,
      email: `${sub}@demo.example`,
      groups: [],
      may: '',
    })),
  })
  world.defer(identityProvider.stop)
  const folder = join(world.folder, `hub-${port}`)
  const credentials = join(folder, 'credentials')
  await mkdir(credentials, { recursive: true })
  for (const [instance, kubeconfig] of Object.entries(options.credentials ?? {})) {
    await writeFile(join(credentials, `${instance}.kubeconfig`), kubeconfig, { mode: 0o600 })
  }

  return {
    ...(await launch()),
    origin,
    credentials,
    signIn: (persona) => signIn(origin, persona),
  }

  async function launch() {
    const startedAt = performance.now()
    const child = spawn(process.execPath, command, {
      env: {
        PATH: process.env['PATH'],
        HUB_MODE: 'true',
        PORT: String(port),
        LOG_LEVEL: 'warn',
        DATABASE_URL: join(folder, 'hub.db'),
        CREDENTIALS_PATH: credentials,
        SESSION_SECRET: 'b1946ac92492d2347c6235b4d2611184f3a8c6c1',
        // One person and one address make all the load.
        HUB_REQUESTS_PER_MINUTE: '100000000',
        HUB_LOGINS_PER_MINUTE: '100000',
        ENABLED_AUTH_PROVIDERS: 'oidc',
        OIDC_PROVIDER_ISSUER: identityProvider.issuer,
        OIDC_PROVIDER_CLIENT_ID: client.clientId,
        OIDC_PROVIDER_CLIENT_SECRET: client.clientSecret,
        HUB_ADMINS: 'oidc:admin',
        HUB_GRANTS: JSON.stringify(options.grants),
        ...options.env,
      },
      stdio: ['ignore', 'ignore', 'inherit'],
    })
    world.defer(async () => {
      const exited = new Promise((resolve) => child.once('exit', resolve))
      child.kill('SIGTERM')
      await Promise.race([exited, delay(12_000).then(() => child.kill('SIGKILL'))])
    })
    const waitFor = async (path: string) => {
      while (!(await isOk(`${origin}${path}`))) {
        if (child.exitCode !== null) throw new Error('The hub did not start.')
        await delay(5)
      }
    }
    await waitFor('/livez')
    const listeningAfterMs = performance.now() - startedAt
    await waitFor('/readyz')
    const startCpuMs = await readCpuMs(child.pid!)
    return {
      listeningAfterMs,
      startCpuMs,
      pid: child.pid!,
      cpuMs: () => readCpuMs(child.pid!),
      residentMiB: () => readResident(child.pid!),
    }
  }
}

/** As its image starts it: what Node is given. Commits that build no hub, or no image, start from their sources. */
async function findCommand(checkout: string): Promise<string[]> {
  const sources = join(checkout, 'backend', 'src', 'main.ts')
  const image = await readFile(join(checkout, 'deploy', 'Dockerfile'), 'utf8').catch(() => '')
  const [, command] = /^CMD (.*)$/m.exec(image) ?? []
  if (command === undefined) return [sources]
  const words = JSON.parse(command) as string[]
  const built = join(checkout, words.at(-1)!)
  return [...words.slice(1, -1), existsSync(built) ? built : sources]
}

async function isOk(url: string): Promise<boolean> {
  return fetch(url)
    .then(({ ok }) => ok)
    .catch(() => false)
}

async function readResident(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8')
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)![1]) / 1024
}

async function signIn(origin: string, persona: string): Promise<string> {
  const jar = new Map<string, string>()
  const follow = async (
    url: URL,
    form?: Record<string, string>,
  ): Promise<{ url: URL; text: string }> => {
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ')
    const response = await fetch(url, {
      redirect: 'manual',
      headers: { cookie },
      ...(form && { method: 'POST', body: new URLSearchParams(form) }),
    })
    for (const line of response.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(line)!
      if (value === '') jar.delete(name!)
      else jar.set(name!, value!)
    }
    const location = response.headers.get('location')
    return location === null ? { url, text: await response.text() } : follow(new URL(location, url))
  }
  const page = await follow(new URL('/api/auth/login/oidc?return_to=/livez', origin))
  const landed = await follow(page.url, { persona })
  const session = jar.get('hub_session')
  if (!session) throw new Error(`Signing in as ${persona} ended at ${landed.url.href}.`)
  return `hub_session=${session}`
}

export async function findFreePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

/** Asks until the answer satisfies; throws after `seconds`. */
export async function waitUntil(
  what: string,
  seconds: number,
  isTrue: () => Promise<boolean>,
): Promise<void> {
  const deadline = Date.now() + seconds * 1000
  while (!(await isTrue().catch(() => false))) {
    if (Date.now() > deadline) throw new Error(`${what}: not within ${seconds} s.`)
    await delay(50)
  }
}
