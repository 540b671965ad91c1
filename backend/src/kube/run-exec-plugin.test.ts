import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createCertificateAuthority, issueClientCertificate } from '@hub/demo'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ClusterCredential } from './cluster-credential.ts'
import type { ExecPlugin } from './judge-exec-plugin.ts'
import { runExecPlugin } from './run-exec-plugin.ts'

const v1 = 'client.authentication.k8s.io/v1'
const environment = { PATH: '/usr/bin:/bin', HOME: '/tmp' }
const credential: ClusterCredential = {
  server: 'https://cluster.example',
  ca: null,
  tlsServerName: 'kubernetes',
  proxyUrl: null,
  verifyTls: true,
  token: null,
  clientCertificate: null,
}
let folder: string
let programs = 0

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'hub-exec-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('runExecPlugin', () => {
  it.each([v1, 'client.authentication.k8s.io/v1beta1'] as const)(
    'gives the token and its end, by %s',
    async (apiVersion) => {
      const result = await run(
        print({
          apiVersion,
          kind: 'ExecCredential',
          status: { token: 't0ken', expirationTimestamp: '2030-01-02T03:04:05Z' },
        }),
        { apiVersion },
      )
      expect(result).toEqual({
        ok: true,
        credential: { ...credential, token: 't0ken' },
        expiresAt: new Date('2030-01-02T03:04:05Z'),
      })
    },
  )

  it('gives a client certificate', async () => {
    const authority = await createCertificateAuthority('test')
    const client = await issueClientCertificate(authority, { user: 'someone' })
    const status = {
      clientCertificateData: client.certificate,
      clientKeyData: client.privateKey,
    }
    const result = await run(print({ apiVersion: v1, kind: 'ExecCredential', status }))
    expect(result).toMatchObject({
      ok: true,
      credential: {
        token: null,
        clientCertificate: { certificate: client.certificate.trim(), key: client.privateKey },
      },
      expiresAt: null,
    })
  })

  it('runs without a shell, with arguments as they are and almost no environment', async () => {
    const trace = join(folder, 'trace')
    const body = `env | sort > ${trace}\nprintf '%s\\n' "$@" >> ${trace}\necho '${ok}'`
    process.env['HUB_TEST_SECRET'] = 's3cret'
    await run(body, {
      args: ['$HOME', '; touch x', 'a b'],
      env: { OWN: 'value' },
      provideClusterInfo: true,
    })
    delete process.env['HUB_TEST_SECRET']
    const lines = readFileSync(trace, 'utf8').trim().split('\n')
    expect(lines.slice(-3)).toEqual(['$HOME', '; touch x', 'a b'])
    const names = lines.slice(0, -3).map((line) => line.split('=')[0])
    // The last three are the shell's own, of the program that this test runs.
    expect(names.filter((name) => !['PWD', 'SHLVL', '_', 'OLDPWD'].includes(name!))).toEqual([
      'HOME',
      'KUBERNETES_EXEC_INFO',
      'OWN',
      'PATH',
    ])
    const info = lines.find((line) => line.startsWith('KUBERNETES_EXEC_INFO='))!
    expect(JSON.parse(info.slice(info.indexOf('=') + 1))).toEqual({
      apiVersion: v1,
      kind: 'ExecCredential',
      spec: {
        interactive: false,
        cluster: { server: 'https://cluster.example', 'tls-server-name': 'kubernetes' },
      },
    })
  })

  it.each([
    ['exit 3', /ended with exit code 3\.$/],
    ['kill -9 $$', /ended with SIGKILL\.$/],
    ['echo s3cret', /printed something that is not JSON\.$/],
    [`echo '{"kind":"Status"}'`, /printed something that is not an ExecCredential\.$/],
    [
      `echo '{"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1beta1"}'`,
      /another version/,
    ],
    [
      `echo '{"kind":"ExecCredential","apiVersion":"${v1}","status":{}}'`,
      /neither a token nor a client certificate/,
    ],
    [
      `echo '{"kind":"ExecCredential","apiVersion":"${v1}","status":{"token":"s3cret X: y"}}'`,
      /spaces or other characters/,
    ],
    [
      `echo '{"kind":"ExecCredential","apiVersion":"${v1}","status":{"clientKeyData":"s3cret"}}'`,
      /half a client certificate/,
    ],
    [
      `echo '{"kind":"ExecCredential","apiVersion":"${v1}","status":{"token":"a","expirationTimestamp":"soon"}}'`,
      /an expiry that is not a time/,
    ],
    ['head -c 2000000 /dev/zero', /printed more than 1 MiB/],
  ])('says what is wrong with "%s", and no secret', async (body, reason) => {
    const result = await run(`echo s3cret >&2\n${body}`)
    if (result.ok) throw new Error('It was taken.')
    expect(result.reason).toMatch(reason)
    expect(result.reason + result.fix).not.toContain('s3cret')
  })

  it('says so when the program is not there', async () => {
    const plugin = { ...pluginFor('exit 0'), command: join(folder, 'gone') }
    const result = await runExecPlugin(plugin, credential, { environment })
    expect(result).toMatchObject({
      ok: false,
      reason: expect.stringContaining('could not be started (ENOENT)') as string,
    })
  })

  it('ends a program that takes too long, with all that it started', async () => {
    const trace = join(folder, 'late')
    const startedAt = performance.now()
    const result = await runExecPlugin(
      pluginFor(`(sleep 1; touch ${trace}) &\nsleep 30`),
      credential,
      { environment, timeoutMs: 200 },
    )
    expect(result).toMatchObject({ ok: false, reason: expect.stringContaining('did not end') })
    expect(performance.now() - startedAt).toBeLessThan(10_000)
    await new Promise((resolve) => setTimeout(resolve, 1_300))
    expect(existsSync(trace)).toBe(false)
  })
})

const ok = JSON.stringify({ apiVersion: v1, kind: 'ExecCredential', status: { token: 't' } })

function print(value: unknown): string {
  return `cat <<'END'\n${JSON.stringify(value)}\nEND`
}

function pluginFor(body: string, plugin: Partial<ExecPlugin> = {}): ExecPlugin {
  const command = join(folder, `program-${(programs += 1)}`)
  writeFileSync(command, `#!/bin/sh\n${body}\n`)
  chmodSync(command, 0o755)
  return { command, args: [], env: {}, apiVersion: v1, provideClusterInfo: false, ...plugin }
}

function run(body: string, plugin: Partial<ExecPlugin> = {}) {
  return runExecPlugin(pluginFor(body, plugin), credential, { environment })
}
