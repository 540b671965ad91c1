import { X509Certificate } from 'node:crypto'
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createCertificateAuthority, issueClientCertificate } from '@hub/demo'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { parse, stringify } from 'yaml'
import { startTestServer } from '../kube/test-server.ts'
import { createInstances, type Instances, type InstancesOptions } from './create-instances.ts'
import { describeExpiry } from './describe-expiry.ts'
import { nowhere, quietLog, renderKubeconfig } from './test-support.ts'

vi.setConfig({ testTimeout: 20_000, hookTimeout: 60_000 })

const within2s = { timeout: 2_000, interval: 20 }
const cleanups: (() => unknown)[] = []
let parent: string
let directory: string

beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'hub-renewal-'))
  directory = join(parent, 'credentials')
  mkdirSync(directory)
})
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup()
  rmSync(parent, { recursive: true, force: true })
})

describe('a token file', () => {
  it('is in use within 2 s after it changed, and a scan alone reconnects nothing', async () => {
    const { server, tokens } = await startCluster()
    replace('a.token', 'one')
    write('a', { tokenFile: 'a.token' }, server.credential.server, server.credential.ca)
    const instances = await start()
    await expect.poll(() => tokens.has('Bearer one'), within2s).toBe(true)
    const before = instances.find('a')!.transport
    await instances.rescan()
    replace('another.token', 'x')
    await instances.rescan()
    expect(instances.find('a')!.transport).toBe(before)
    replace('a.token', 'two')
    await expect.poll(() => tokens.has('Bearer two'), within2s).toBe(true)
  })

  it('that goes away or outside keeps the last good credential', async () => {
    replace('a.token', 'one')
    write('a', { tokenFile: 'a.token' })
    const instances = await start()
    const before = instances.find('a')!.transport
    rmSync(join(directory, 'a.token'))
    await expect
      .poll(() => instances.rejected()[0]?.reason, within2s)
      .toBe('"tokenFile" names a file that cannot be read.')
    expect(instances.find('a')!.transport).toBe(before)
    replace('a.token', 'one')
    await expect.poll(() => instances.rejected(), within2s).toEqual([])
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
      policy: { allowLoopback: true, allowInsecureTls: false, execPlugins: new Set([program]) },
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
    await expect.poll(() => tokens.has('Bearer run-1'), within2s).toBe(true)
    // The token lasts an hour of that clock.
    await expect.poll(() => timers.map(({ ms }) => ms), within2s).toEqual([0.8 * 3_600_000])
    clock += 0.8 * 3_600_000
    timers[0]!.run()
    await expect.poll(() => tokens.has('Bearer run-2'), within2s).toBe(true)
    expect(instances.rejected()).toEqual([])
  })

  it('runs once more when the cluster refuses its token, and not for ever', async () => {
    const { accepted, server, tokens } = await startCluster()
    accepted.clear()
    const program = install('printf x >> $RUNS; token=run-$(wc -c < $RUNS)')
    write('a', exec(program), server.credential.server, server.credential.ca)
    accepted.add('Bearer run-2')
    const instances = await start({
      policy: { allowLoopback: true, allowInsecureTls: false, execPlugins: new Set([program]) },
      probeIntervalMs: 50,
    })
    await expect.poll(() => instances.find('a')?.status.state, within2s).toBe('ready')
    accepted.clear()
    for (let probe = 0; probe < 5; probe += 1) {
      instances.probe('a')
      await new Promise((resolve) => setTimeout(resolve, 600))
    }
    expect(instances.find('a')?.status.state).toBe('unauthorized')
    expect([...tokens].toSorted()).toEqual(['Bearer run-1', 'Bearer run-2', 'Bearer run-3'])
    expect(readFileSync(join(parent, 'runs'), 'utf8')).toBe('xxx')
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
        execPlugins: new Set([slow, broken]),
      },
    })
    expect(performance.now() - startedAt).toBeLessThan(5_000)
    expect(instances.list().map(({ id }) => id)).toEqual(['b'])
    await expect
      .poll(() => instances.rejected().map(({ reason }) => reason), within2s)
      .toEqual([`The program ${broken} ended with exit code 7.`])
    expect(instances.credentials().find(({ instance }) => instance === 'slow')).toMatchObject({
      rejection: { reason: `The program ${slow} has not given a credential yet.` },
    })
  })
})

describe('a client certificate', () => {
  it('that ends soon is a warning, and its end is known', async () => {
    const authority = await createCertificateAuthority('test')
    const client = await issueClientCertificate(authority, { user: 'hub' })
    const ends = new X509Certificate(client.certificate).validToDate
    write('a', {
      'client-certificate-data': Buffer.from(client.certificate).toString('base64'),
      'client-key-data': Buffer.from(client.privateKey).toString('base64'),
    })
    let clock = ends.getTime() - 15 * 86_400_000
    const instances = await start({ now: () => new Date(clock), probeIntervalMs: 100 })
    expect(instances.credentials()).toMatchObject([{ instance: 'a', expiresAt: ends }])
    expect(instances.find('a')!.warnings).toEqual([])
    clock += 10 * 86_400_000
    await expect
      .poll(() => instances.find('a')!.warnings, { timeout: 5_000 })
      .toEqual([expect.stringMatching(/^Its client certificate ends in 5 days, on /)])
  })
})

describe('describeExpiry', () => {
  const now = new Date('2026-06-01T00:00:00Z')
  it.each([
    ['2026-06-20T00:00:00Z', /^$/],
    ['2026-06-15T00:00:00Z', /^$/],
    ['2026-06-14T23:59:59Z', /ends in 13 days, on 2026-06-14\./],
    ['2026-06-02T00:00:01Z', /ends in 1 day, /],
    ['2026-06-01T00:00:01Z', /ends in less than a day, /],
    ['2026-06-01T00:00:00Z', /ended on 2026-06-01\./],
    ['2025-01-01T00:00:00Z', /ended on 2025-01-01\./],
  ])('of a certificate that ends at %s', (at, sentence) => {
    expect(describeExpiry(new Date(at), now) ?? '').toMatch(sentence)
  })

  it('has nothing to say of tokens', () => expect(describeExpiry(null, now)).toBeNull())
})

/** A cluster that keeps the tokens it was shown; `accepted` empty refuses all but what is added, else takes all. */
async function startCluster() {
  const tokens = new Set<string>()
  const accepted = new Set(['*'])
  const server = await startTestServer((request, response) => {
    const token = request.headers.authorization ?? ''
    tokens.add(token)
    const isAccepted = accepted.has('*') || accepted.has(token)
    const bodies: Record<string, unknown> = {
      '/version': { gitVersion: 'v1.36.3' },
      '/apis/airunway.ai/v1alpha1': { resources: [{ name: 'modeldeployments' }] },
      '/api/v1/namespaces/kube-system': { metadata: { uid: 'uid-1' } },
    }
    const status = isAccepted ? 200 : 401
    response
      .writeHead(status, { 'content-type': 'application/json' })
      .end(JSON.stringify(isAccepted ? (bodies[request.url!] ?? {}) : {}))
  })
  cleanups.push(server.stop)
  return { accepted, server, tokens }
}

function exec(command: string) {
  return { exec: { apiVersion: 'client.authentication.k8s.io/v1', command } }
}

let programs = 0

/** A program whose `script` sets `token`, good for an hour from the start of 2026. */
function install(script: string): string {
  const path = join(parent, `program-${(programs += 1)}`)
  const status = '{"token":"%s","expirationTimestamp":"2026-01-01T01:00:00Z"}'
  writeFileSync(
    path,
    `#!/bin/sh
RUNS=${join(parent, 'runs')}
${script}
printf '{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":${status}}' "$token"
`,
  )
  chmodSync(path, 0o755)
  return path
}

async function start(options: Partial<InstancesOptions> = {}): Promise<Instances> {
  const instances = createInstances({
    directory,
    policy: { allowLoopback: true, allowInsecureTls: false },
    execEnvironment: { PATH: '/usr/bin:/bin' },
    log: quietLog,
    now: () => new Date('2026-01-01T00:00:00Z'),
    ...options,
  })
  cleanups.push(() => instances.stop())
  await instances.start()
  return instances
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
  writeFileSync(join(directory, `${id}.kubeconfig`), stringify(config))
}

function replace(name: string, content: string): void {
  writeFileSync(join(parent, name), content)
  renameSync(join(parent, name), join(directory, name))
}
