import { spawn, type ChildProcess } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { hubProgram } from '@hub/demo'
import { UserList } from '@hub/shared'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { databases, type TestDatabase } from '../test/databases.ts'
import { findFreePort } from '../test/free-port.ts'
import {
  startOddIdentityProvider,
  type OddIdentityProvider,
} from '../test/odd-identity-provider.ts'
import { programEnvironment } from '../test/program-environment.ts'

type Process = { origin: string; child: ChildProcess }
type Visitor = { cookie: string }

/** How often somebody looks whether it has changed by now. */
const lookMs = 25
/** How long each reader waits before the next three reads: some 400 a second by all of them. */
const readerPauseMs = 40

describe.each(databases)('two hub processes on one $dialect database', ({ open }) => {
  let database: TestDatabase
  let identityProvider: OddIdentityProvider
  let folder: string
  const processes: Process[] = []

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'hub-two-'))
    ;[database, identityProvider] = await Promise.all([open(), startOddIdentityProvider()])
    processes.push(...(await Promise.all([start(), start()])))
  })
  afterAll(async () => {
    const exits = processes.map(
      ({ child }) => new Promise((resolve) => child.once('exit', resolve)),
    )
    for (const { child } of processes) child.kill('SIGKILL')
    await Promise.all(exits)
    await Promise.all([database.dispose(), identityProvider.stop()])
    await rm(folder, { recursive: true, force: true })
  })

  const start = async (): Promise<Process> => {
    const port = await findFreePort()
    const origin = `http://127.0.0.1:${port}`
    const child = spawn(process.execPath, [hubProgram], {
      env: {
        ...programEnvironment,
        HUB_MODE: 'true',
        PORT: String(port),
        LOG_LEVEL: 'warn',
        DATABASE_URL: database.url,
        CREDENTIALS_PATH: folder,
        SESSION_SECRET: 'b1946ac92492d2347c6235b4d2611184f3a8c6c1',
        ENABLED_AUTH_PROVIDERS: 'oidc',
        OIDC_PROVIDER_ISSUER: identityProvider.issuer,
        OIDC_PROVIDER_CLIENT_ID: identityProvider.clientId,
        HUB_ADMINS: 'oidc:root',
        HUB_REQUESTS_PER_MINUTE: '1000000',
      },
      stdio: ['ignore', 'ignore', 'inherit'],
    })
    const isReady = () =>
      fetch(`${origin}/readyz`)
        .then(({ ok }) => ok)
        .catch(() => false)
    while (!(await isReady())) {
      if (child.exitCode !== null) throw new Error('The hub did not start.')
      await delay(lookMs)
    }
    return { origin, child }
  }
  const ask = (at: Process, { cookie }: Visitor, path: string, method = 'GET') =>
    fetch(`${at.origin}${path}`, {
      method,
      headers: { cookie, 'sec-fetch-site': 'same-origin' },
      redirect: 'manual',
    })
  const cookiesOf = (response: Response) =>
    response.headers
      .getSetCookie()
      .map((line) => line.split(';', 1)[0]!)
      .filter((pair) => !pair.endsWith('='))
      .join('; ')
  const signIn = async (at: Process, subject: string): Promise<Visitor> => {
    identityProvider.answers.claims = (claims) => ({ ...claims, sub: subject, name: subject })
    const login = await ask(at, { cookie: '' }, '/api/auth/login/oidc')
    const parameters = identityProvider.authorize(new URL(login.headers.get('location')!))
    const path = `/api/auth/callback/oidc?${parameters.toString()}`
    const callback = await ask(at, { cookie: cookiesOf(login) }, path)
    expect(callback.status).toBe(303)
    return { cookie: cookiesOf(callback) }
  }
  /** Resolves with the time at which the hub ended the stream. */
  const openStream = async (at: Process, visitor: Visitor) => {
    const response = await ask(at, visitor, '/api/stream')
    expect(response.status).toBe(200)
    return { endedAt: response.text().then(() => performance.now()) }
  }
  const refusedAt = async (at: Process, visitor: Visitor): Promise<number> => {
    while ((await ask(at, visitor, '/api/auth/me')).status !== 401) {
      await delay(lookMs)
    }
    return performance.now()
  }

  test('at once, what ends a person or a session at one ends it at the other, streams included', async ({
    annotate,
  }) => {
    const [one, two] = processes as [Process, Process]
    const root = await signIn(one, 'root')
    const end = async (what: string, subject: string, act: () => Promise<Response>) => {
      const visitor = await signIn(one, subject)
      expect((await ask(two, visitor, '/api/auth/me')).status).toBe(200)
      const streams = await Promise.all([openStream(one, visitor), openStream(two, visitor)])
      const startedAt = performance.now()
      const response = await act()
      expect([200, 204]).toContain(response.status)
      const ends = await Promise.all([
        ...streams.map(({ endedAt }) => endedAt),
        refusedAt(one, visitor),
        refusedAt(two, visitor),
      ])
      const [here, there, refusedHere, refusedThere] = ends.map((at) => Math.round(at - startedAt))
      await annotate(
        `${what}: streams ended after ${here} and ${there} ms, requests refused after ${refusedHere} and ${refusedThere} ms`,
      )
      expect(Math.max(here!, there!, refusedHere!, refusedThere!)).toBeLessThan(10_000)
    }
    const idOf = async (subject: string) => {
      const response = await ask(one, root, `/api/admin/users?q=oidc:${subject}`)
      return UserList.parse(await response.json()).items[0]!.id
    }

    await end('disabling', 'leaver', async () =>
      ask(one, root, `/api/admin/users/${await idOf('leaver')}/disable`, 'POST'),
    )
    await end('revoking', 'watched', async () =>
      ask(one, root, `/api/admin/users/${await idOf('watched')}/sessions`, 'DELETE'),
    )
    await end('back-channel logout', 'elsewhere', async () =>
      fetch(`${one.origin}/api/auth/backchannel-logout/oidc`, {
        method: 'POST',
        body: new URLSearchParams({
          logout_token: await identityProvider.createLogoutToken(({ sid: _, ...claims }) => ({
            ...claims,
            sub: 'elsewhere',
          })),
        }),
      }),
    )
  })

  test('while both are under load, a grant given or taken back at one shows at both at once', async ({
    annotate,
  }) => {
    const [one, two] = processes as [Process, Process]
    const root = await signIn(one, 'root')
    const idOf = async (subject: string) => {
      const response = await ask(one, root, `/api/admin/users?q=oidc:${subject}`)
      return UserList.parse(await response.json()).items[0]!.id
    }
    const send = (at: Process, path: string, method: string, body?: unknown) =>
      fetch(`${at.origin}${path}`, {
        method,
        headers: {
          cookie: root.cookie,
          'sec-fetch-site': 'same-origin',
          'content-type': 'application/json',
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      })
    const watched = await signIn(two, 'watched')
    const readers: Visitor[] = []
    for (const name of ['r1', 'r2', 'r3', 'r4']) readers.push(await signIn(two, name))
    const [watchedPath, otherPath] = await Promise.all(
      ['watched', 'r1'].map(async (subject) => `/api/admin/users/${await idOf(subject)}/roles`),
    )
    const over = new AbortController()
    let [reads, writes] = [0, 0]
    const read = async (visitor: Visitor, at: Process) => {
      while (!over.signal.aborted) {
        const responses = await Promise.all(
          ['/api/auth/me', '/api/deployments', '/api/instances'].map((path) =>
            ask(at, visitor, path),
          ),
        )
        for (const response of responses) {
          expect(response.status).toBe(200)
          await response.arrayBuffer()
        }
        reads += responses.length
        await delay(readerPauseMs)
      }
    }
    const write = async (at: Process, namespace: string) => {
      while (!over.signal.aborted) {
        const made = await send(at, otherPath!, 'POST', { role: 'viewer', namespaces: [namespace] })
        const { id } = (await made.json()) as { id: string }
        expect((await send(at, `${otherPath}/${id}`, 'DELETE')).status).toBe(204)
        writes += 2
      }
    }
    const load = [
      ...readers.flatMap((reader) => [read(reader, one), read(reader, two)]),
      write(one, 'a'),
      write(two, 'b'),
    ]
    const shownAt = async (at: Process, id: string, isThere: boolean): Promise<number> => {
      for (;;) {
        const { grants } = (await (await ask(at, watched, '/api/auth/me')).json()) as {
          grants: { id: string }[]
        }
        if (grants.some((grant) => grant.id === id) === isThere) return performance.now()
        await delay(lookMs)
      }
    }
    const delays: number[] = []
    const startedAt = performance.now()
    for (let round = 0; round < 15; round += 1) {
      const at = round % 2 === 0 ? one : two
      const made = await send(at, watchedPath!, 'POST', { role: 'viewer' })
      const { id } = (await made.json()) as { id: string }
      const madeAt = performance.now()
      const shown = await Promise.all([shownAt(one, id, true), shownAt(two, id, true)])
      expect((await send(at, `${watchedPath}/${id}`, 'DELETE')).status).toBe(204)
      const takenAt = performance.now()
      const gone = await Promise.all([shownAt(one, id, false), shownAt(two, id, false)])
      delays.push(...shown.map((when) => when - madeAt), ...gone.map((when) => when - takenAt))
    }
    const seconds = (performance.now() - startedAt) / 1_000
    over.abort()
    await Promise.all(load)
    const sorted = delays.toSorted((left, right) => left - right).map(Math.round)
    await annotate(
      `${delays.length} times: median ${sorted[sorted.length >> 1]} ms, longest ${sorted.at(-1)} ms; meanwhile ${Math.round(reads / seconds)} reads/s and ${Math.round(writes / seconds)} changes/s`,
    )
    expect(sorted.at(-1)).toBeLessThan(10_000)
    expect(Math.min(reads, writes)).toBeGreaterThan(20)
  }, 90_000)
})
