import { X509Certificate } from 'node:crypto'
import { chmodSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createCertificateAuthority, issueClientCertificate } from '@hub/demo'
import { describe, expect, it, vi } from 'vitest'
import { parse, stringify } from 'yaml'
import { kubePath, type Lifetime } from '#kube'
import { answerAsCluster } from '../../test/answer-as-cluster.ts'
import { useTestDirectory } from '../../test/credentials-directory.ts'
import { startTestServer } from '../../test/https-server.ts'
import { nowhere, renderKubeconfig } from '../../test/kubeconfigs.ts'
import type { Instances, InstancesOptions } from './create-instances.ts'
import { describeExpiry } from './describe-expiry.ts'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

const soon = { timeout: 20_000, interval: 20 }
const directory = useTestDirectory()
const { defer, replace } = directory

describe('a token file', () => {
  it('is in use within 2 s after it changed, and a scan alone reconnects nothing', async () => {
    const { server, tokens } = await startCluster()
    replace('a.token', 'one')
    write('a', { tokenFile: 'a.token' }, server.credential.server, server.credential.ca)
    const instances = await start()
    await expect.poll(() => tokens.has('Bearer one'), soon).toBe(true)
    const before = instances.find('a')!.transport
    await instances.rescan()
    replace('another.token', 'x')
    await instances.rescan()
    expect(instances.find('a')!.transport).toBe(before)
    replace('a.token', 'two')
    await expect.poll(() => tokens.has('Bearer two'), soon).toBe(true)
  })

  it('that goes away or outside keeps the last good credential', async () => {
    replace('a.token', 'one')
    write('a', { tokenFile: 'a.token' })
    const instances = await start()
    const before = instances.find('a')!.transport
    rmSync(join(directory.path, 'a.token'))
    await expect
      .poll(() => instances.rejected()[0]?.reason, soon)
      .toBe('"tokenFile" names a file that cannot be read.')
    expect(instances.find('a')!.transport).toBe(before)
    replace('a.token', 'one')
    await expect.poll(() => instances.rejected(), soon).toEqual([])
    expect(instances.find('a')!.transport).toBe(before)
  })
})

describe('a program that gives credentials', () => {
  it('runs again before its token ends, beside the scans', async () => {
    const { server, tokens } = await startCluster()
    const program = install('printf x >> $RUNS; token=run-$(wc -c < $RUNS)')
    write('a', exec(program), server.credential.server, server.credential.ca)
    write('b')
    let clock = Date.parse('2026-01-01T00:00:00Z')
    const timers: { ms: number; run: () => void }[] = []
    const instances = await start({
      policy: { allowLoopback: true, allowInsecureTls: false, execPlugins: allow(program) },
      now: () => new Date(clock),
      timing: {
        now: () => Date.now(),
        setTimeout: (run, ms) => {
          if (ms > 100_000) timers.push({ ms, run })
          return setTimeout(run, ms).unref()
        },
        clearTimeout: (timer) => clearTimeout(timer as NodeJS.Timeout),
        random: () => 0.5,
      },
    })
    expect(instances.find('b')).not.toBeNull()
    await expect.poll(() => tokens.has('Bearer run-1'), soon).toBe(true)
    // The token lasts an hour of that clock.
    await expect.poll(() => timers.map(({ ms }) => ms), soon).toEqual([0.8 * 3_600_000])
    clock += 0.8 * 3_600_000
    timers[0]!.run()
    await expect.poll(() => tokens.has('Bearer run-2'), soon).toBe(true)
    expect(instances.rejected()).toEqual([])
  })

  it('runs once more when the cluster refuses its token, and not for ever', async () => {
    const { accepted, server, tokens } = await startCluster()
    accepted.clear()
    const program = install('printf x >> $RUNS; token=run-$(wc -c < $RUNS)')
    write('a', exec(program), server.credential.server, server.credential.ca)
    accepted.add('Bearer run-2')
    const instances = await start({
      policy: { allowLoopback: true, allowInsecureTls: false, execPlugins: allow(program) },
      probeIntervalMs: 50,
    })
    await expect.poll(() => instances.find('a')?.status.state, soon).toBe('ready')
    accepted.clear()
    for (let probe = 0; probe < 5; probe += 1) {
      instances.probe('a')
      await new Promise((resolve) => setTimeout(resolve, 600))
    }
    expect(instances.find('a')?.status.state).toBe('unauthorized')
    expect([...tokens].toSorted()).toEqual(['Bearer run-1', 'Bearer run-2', 'Bearer run-3'])
    expect(readFileSync(join(directory.parent, 'runs'), 'utf8')).toBe('xxx')
  })

  it('delays nobody while it hangs, and says why it gave nothing', async () => {
    const slow = install('sleep 30')
    const broken = install('exit 7')
    write('slow', exec(slow))
    write('broken', exec(broken))
    write('b')
    const startedAt = performance.now()
    const instances = await start({
      policy: {
        allowLoopback: true,
        allowInsecureTls: false,
        execPlugins: allow(slow, broken),
      },
    })
    expect(performance.now() - startedAt).toBeLessThan(10_000)
    expect(instances.list().map(({ id }) => id)).toEqual(['b'])
    await expect
      .poll(() => instances.rejected().map(({ reason }) => reason), soon)
      .toEqual([`The program ${broken} ended with exit code 7.`])
    expect(instances.credentials().find(({ instance }) => instance === 'slow')).toMatchObject({
      rejection: { reason: `The program ${slow} has not given a credential yet.` },
    })
  })
})

describe('a request that the cluster refuses for its token', () => {
  const path = kubePath('api', 'v1', 'things')

  it.each(['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const)(
    'is repeated once by itself when a newer token is there: %s',
    async (method) => {
      const { accepted, instances, taken, refused } = await startReady()
      accepted.clear()
      accepted.add('Bearer two')
      replace('a.token', 'two')
      const { status } = await instances.find('a')!.transport.request({ method, path })
      expect(status).toBe(200)
      expect(taken).toEqual([`${method} as Bearer two`])
      expect(refused.length).toBeLessThanOrEqual(1)
    },
  )

  it('shares one look for a newer token with all that were refused, watches too', async () => {
    const { accepted, instances, taken } = await startReady()
    accepted.clear()
    accepted.add('Bearer two')
    replace('a.token', 'two')
    const { transport } = instances.find('a')!
    const watched = (async () => {
      for await (const { object } of transport.watch({ path })) return object.metadata?.name
    })()
    await Promise.all(Array.from({ length: 30 }, () => transport.request({ method: 'POST', path })))
    expect(await watched).toBe('seen')
    expect(taken.filter((each) => each === 'POST as Bearer two')).toHaveLength(30)
  })

  it('waits for the program that is making the newer one', async () => {
    const { accepted, server, taken } = await startCluster()
    const program = install('printf x >> $RUNS; token=run-$(wc -c < $RUNS); sleep 0.3')
    write('a', exec(program), server.credential.server, server.credential.ca)
    const instances = await start({
      policy: { allowLoopback: true, allowInsecureTls: false, execPlugins: allow(program) },
    })
    await expect.poll(() => instances.find('a')?.status.state, soon).toBe('ready')
    accepted.clear()
    accepted.add('Bearer run-2')
    await instances.find('a')!.transport.request({ method: 'POST', path })
    expect(taken).toEqual(['POST as Bearer run-2'])
  })

  it('fails after one try where there is no newer one, and after two where that is refused too', async () => {
    const { accepted, instances, refused, taken } = await startReady()
    accepted.clear()
    const { transport } = instances.find('a')!
    const error: unknown = await transport
      .request({ method: 'POST', path })
      .catch((e: unknown) => e)
    expect(error).toMatchObject({ kind: 'unauthorized' })
    expect(refused).toEqual(['POST as Bearer one'])
    // Good once more, so that the next refusal is worth another look.
    accepted.add('*')
    let probes = 0
    defer(instances.onChange(() => (probes += 1)))
    instances.probe('a')
    await expect.poll(() => probes, { timeout: 20_000 }).toBe(1)
    accepted.clear()
    replace('a.token', 'two')
    await expect(
      instances.find('a')!.transport.request({ method: 'POST', path }),
    ).rejects.toMatchObject({ kind: 'unauthorized' })
    expect(refused.filter((each) => each === 'POST as Bearer two')).toHaveLength(1)
    expect(taken).toEqual([])
  })

  it('goes on in the new way for whoever holds one that was replaced', async () => {
    const { instances, server, taken } = await startReady()
    const { transport } = instances.find('a')!
    // A token alone would be renewed in place.
    const user = { token: 'two', ...(await issueCertificate()).user }
    write('a', user, server.credential.server, server.credential.ca)
    await expect.poll(() => instances.find('a')!.transport !== transport, soon).toBe(true)
    await transport.request({ method: 'POST', path })
    for await (const { object } of transport.watch({ path })) {
      expect(object.metadata?.name).toBe('seen')
    }
    const { body } = await transport.open({ method: 'POST', path, body: new Blob(['x']).stream() })
    expect(await new Response(body).text()).toBe('{}')
    expect(taken).toEqual(['POST as Bearer two', 'GET as Bearer two', 'POST as Bearer two'])
  })

  it('never reaches another cluster that the file names meanwhile', async () => {
    const { accepted, instances, refused } = await startReady()
    const other = await startCluster()
    const { transport } = instances.find('a')!
    accepted.clear()
    write('a', { token: 'two' }, other.server.credential.server, other.server.credential.ca)
    await expect(transport.request({ method: 'POST', path })).rejects.toMatchObject({
      kind: 'unauthorized',
    })
    await expect.poll(() => other.tokens.has('Bearer two'), soon).toBe(true)
    await expect(transport.request({ method: 'POST', path })).rejects.toMatchObject({
      kind: 'aborted',
    })
    expect(refused).toEqual(['POST as Bearer one'])
    expect(other.taken).toEqual([])
  })

  /** An instance that is ready with the token `one` of a file. */
  async function startReady() {
    const cluster = await startCluster()
    const { credential } = cluster.server
    replace('a.token', 'one')
    write('a', { tokenFile: 'a.token' }, credential.server, credential.ca)
    const instances = await start()
    await expect.poll(() => instances.find('a')?.status.state, soon).toBe('ready')
    return { ...cluster, instances }
  }
})

describe('a client certificate', () => {
  it('that ends soon is a warning, and its end is known', async () => {
    const { ends, user } = await issueCertificate()
    write('a', user)
    let clock = ends.getTime() - 15 * 86_400_000
    const instances = await start({ now: () => new Date(clock), probeIntervalMs: 100 })
    expect(instances.credentials()).toMatchObject([{ instance: 'a', expiresAt: ends }])
    expect(instances.find('a')!.warnings).toEqual([])
    clock += 10 * 86_400_000
    await expect
      .poll(() => instances.find('a')!.warnings, { timeout: 20_000 })
      .toEqual([expect.stringMatching(/^Its client certificate expires in 5 days, on /)])
  })
})

describe('a token that says when it ends', () => {
  const clock = Date.parse('2026-06-01T00:00:00Z')
  const endsAt = (iso: string) => jwt({ exp: Date.parse(iso) / 1000 })

  it.each([
    ['in an hour', '2026-06-01T01:00:00Z', /^Its token expires in 1 hour, on 2026-06-01\./],
    ['yesterday', '2026-05-31T00:00:00Z', /^Its token expired on 2026-05-31\. Replace/],
  ])('H13: %s is a warning, and its end is known', async (_, end, sentence) => {
    write('a', { token: endsAt(end) })
    const instances = await start({ now: () => new Date(clock) })
    expect(instances.find('a')!.warnings).toEqual([expect.stringMatching(sentence)])
    expect(instances.credentials()).toMatchObject([{ expiresAt: new Date(end) }])
  })

  it('H13: of a file or a program that renews it, only its past end is a warning', async () => {
    replace('a.token', endsAt('2026-06-01T01:00:00Z'))
    replace('b.token', endsAt('2026-05-31T00:00:00Z'))
    write('a', { tokenFile: 'a.token' })
    write('b', { tokenFile: 'b.token' })
    const instances = await start({ now: () => new Date(clock) })
    expect(instances.find('a')!.warnings).toEqual([])
    expect(instances.find('b')!.warnings).toEqual([expect.stringMatching(/^Its token expired/)])
  })

  it.each([
    'opaque',
    'a.b',
    'a.b.c.d',
    'x.!!!.x',
    jwt({}),
    jwt({ exp: 'tomorrow' }),
    jwt({ exp: 1e300 }),
    jwt([1]),
    jwt(null),
  ])('H13: one that says nothing of it (%s) is taken without a word', async (token) => {
    write('a', { token })
    const instances = await start()
    expect(instances.find('a')!.warnings).toEqual([])
    expect(instances.credentials()).toMatchObject([{ rejection: null, expiresAt: null }])
  })
})

describe('describeExpiry', () => {
  const now = new Date('2026-06-01T00:00:00Z')
  const sentenceOf = (lifetime: Partial<Lifetime>, isRenewed = false) =>
    describeExpiry([{ of: 'token', from: null, to: null, ...lifetime }], { isRenewed, now }).join()

  it.each([
    ['2026-06-20T00:00:00Z', /^$/],
    ['2026-06-15T00:00:00Z', /^$/],
    ['2026-06-14T23:59:59Z', /expires in 13 days, on 2026-06-14\./],
    ['2026-06-02T00:00:01Z', /expires in 1 day, /],
    ['2026-06-01T23:00:00Z', /expires in 23 hours, /],
    ['2026-06-01T00:00:01Z', /expires in less than an hour, /],
    ['2026-06-01T00:00:00Z', /expired on 2026-06-01\./],
    ['2025-01-01T00:00:00Z', /expired on 2025-01-01\./],
  ])('of what ends at %s', (at, sentence) => {
    expect(sentenceOf({ of: 'client certificate', to: new Date(at) })).toMatch(sentence)
  })

  it('H13: names what ends, and of a token that is kept fresh its end alone', () => {
    const nearly = new Date('2026-06-01T00:59:00Z')
    const past = new Date('2026-05-31T00:00:00Z')
    expect(sentenceOf({ to: nearly })).toMatch(
      /^Its token expires in less than an hour, on 2026-06-01\./,
    )
    expect(sentenceOf({ to: nearly }, true)).toBe('')
    expect(sentenceOf({ to: past }, true)).toMatch(/^Its token expired on 2026-05-31\./)
    expect(sentenceOf({ of: 'certificate authority', to: past })).toMatch(/authority expired on/)
    expect(sentenceOf({ from: nearly })).toMatch(/is only valid from 2026-06-01T00:59:00\.000Z\./)
    expect(sentenceOf({})).toBe('')
  })
})

async function issueCertificate() {
  const authority = await createCertificateAuthority('test')
  const { certificate, privateKey } = await issueClientCertificate(authority, { user: 'hub' })
  return {
    ends: new X509Certificate(certificate).validToDate,
    user: {
      'client-certificate-data': Buffer.from(certificate).toString('base64'),
      'client-key-data': Buffer.from(privateKey).toString('base64'),
    },
  }
}

/** A cluster that keeps the tokens it was shown; `accepted` empty refuses all but what is added, else takes all. */
async function startCluster() {
  const tokens = new Set<string>()
  const accepted = new Set(['*'])
  /** `POST /path` as `token` of what it took, and what it refused. */
  const taken: string[] = []
  const refused: string[] = []
  const answer = answerAsCluster({ group: 'airunway.ai' })
  const server = await startTestServer((request, response) => {
    const token = request.headers.authorization ?? ''
    tokens.add(token)
    const isAccepted = accepted.has('*') || accepted.has(token)
    if (request.url?.startsWith('/api/v1/things')) {
      ;(isAccepted ? taken : refused).push(`${request.method} as ${token}`)
    }
    if (!isAccepted) {
      response.writeHead(401, { 'content-type': 'application/json' }).end('{}')
    } else if (request.url?.includes('watch=true')) {
      response.writeHead(200).end('{"type":"ADDED","object":{"metadata":{"name":"seen"}}}\n')
    } else if (request.url?.startsWith('/api/v1/things')) {
      response.writeHead(200, { 'content-type': 'application/json' }).end('{}')
    } else answer(request, response)
  })
  defer(server.stop)
  return { accepted, refused, server, taken, tokens }
}

function exec(command: string) {
  return { exec: { apiVersion: 'client.authentication.k8s.io/v1', command } }
}

/** A token as a ServiceAccount's, with a signature that nothing here checks. */
function jwt(claims: unknown): string {
  const encode = (part: unknown) => Buffer.from(JSON.stringify(part)).toString('base64url')
  return `${encode({ alg: 'RS256' })}.${encode(claims)}.c2lnbmF0dXJl`
}

let programs = 0

/** Programs that may be given nothing. */
function allow(...paths: string[]) {
  return new Map(paths.map((program) => [program, { args: [], env: [] }]))
}

/** A program whose `script` sets `token`, good for an hour from the start of 2026. */
function install(script: string): string {
  const path = join(directory.parent, `program-${(programs += 1)}`)
  const status = '{"token":"%s","expirationTimestamp":"2026-01-01T01:00:00Z"}'
  writeFileSync(
    path,
    `#!/bin/sh
RUNS=${join(directory.parent, 'runs')}
${script}
printf '{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":${status}}' "$token"
`,
  )
  chmodSync(path, 0o755)
  return path
}

/** At the start of 2026. */
function start(options: Partial<InstancesOptions> = {}): Promise<Instances> {
  return directory.start({
    execEnvironment: { PATH: '/usr/bin:/bin' },
    now: () => new Date('2026-01-01T00:00:00Z'),
    ...options,
  })
}

function write(
  id: string,
  user: Record<string, unknown> = { token: 't' },
  server = nowhere().server,
  ca: string | null = null,
): void {
  const config = parse(renderKubeconfig({ ...nowhere(), server, ca })) as {
    users: { user: unknown }[]
  }
  config.users[0]!.user = user
  directory.write(`${id}.kubeconfig`, stringify(config))
}
