import { spawnSync } from 'node:child_process'
import { createPrivateKey } from 'node:crypto'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type AddressInfo, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createCertificateAuthority, issueClientCertificate, type KeyPair } from '@hub/demo'
import { stringify } from 'yaml'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { KubeconfigPolicy } from './kubeconfig-policy.ts'
import { parseKubeconfig } from './parse-kubeconfig.ts'

const strict: KubeconfigPolicy = { allowLoopback: false, allowInsecureTls: false }
const fixtures = new URL('../../test/fixtures/kubeconfigs/', import.meta.url)

const refusals: Record<string, RegExp> = {
  'exec.yaml': /runs a program \("exec"\)/,
  'exec-next-to-token.yaml': /runs a program \("exec"\)/,
  'exec.json': /runs a program \("exec"\)/,
  'exec-relative.yaml': /runs a program \("exec"\)/,
  'exec-no-command.yaml': /"exec" names no command/,
  'exec-empty.yaml': /"exec" names no command/,
  'exec-beside-auth-provider.yaml': /"auth-provider"/,
  'auth-provider.yaml': /"auth-provider"/,
  'password.yaml': /user name and password/,
  'ca-file.yaml': /"certificate-authority" names a file/,
  'client-certificate-file.yaml': /"client-certificate" names a file/,
  'client-key-file.yaml': /"client-key" names a file/,
  'token-file.yaml': /"tokenFile" names a file/,
  'token-file-relative.yaml': /"tokenFile" names a file/,
  'token-file-dashed.yaml': /"token-file" names a file/,
  'token-file-list.yaml': /"tokenFile" is not text/,
  'token-file-proc.yaml': /"tokenFile" names a file/,
  'token-file-url.yaml': /"tokenFile" names a file/,
  'client-key-device.yaml': /"client-key" names a file/,
  'http.yaml': /is not an https address/,
  'file-server.yaml': /is not an https address/,
  'no-server.yaml': /has no "server"/,
  'server-is-no-url.yaml': /is not (a URL|an https address)/,
  'userinfo.yaml': /holds a user name or password/,
  'query.yaml': /has a query or fragment/,
  'proxy-url.yaml': /"proxy-url"/,
  'insecure.yaml': /"insecure-skip-tls-verify", so anybody/,
  'insecure-text.yaml': /neither true nor false/,
  'no-current-context.yaml': /no current-context/,
  'dangling-context.yaml': /names the context "elsewhere", which the file does not hold/,
  'dangling-cluster.yaml': /names the cluster "elsewhere", which the file does not hold/,
  'dangling-user.yaml': /names the user "elsewhere", which the file does not hold/,
  'context-without-user.yaml': /context "x" names no user/,
  'two-users-one-name.yaml': /more than one user named "u"/,
  'no-credential.yaml': /neither a token nor a client certificate/,
  'token-with-header.yaml': /"token" holds spaces or other characters/,
  'token-number.yaml': /"token" is not text/,
  'server-name-injection.yaml': /"tls-server-name" is not a host name/,
  'ca-not-base64.yaml': /"certificate-authority-data" is not base64/,
  'ca-not-pem.yaml': /"certificate-authority-data" holds no PEM certificate/,
  'ca-broken-pem.yaml': /"certificate-authority-data" holds no PEM certificate/,
  'certificate-without-key.yaml': /"client-key-data" is missing/,
  'key-without-certificate.yaml': /"client-certificate-data" is missing/,
  'key-of-another.yaml': /does not belong to its "client-certificate-data"/,
  'key-not-pem.yaml': /"client-key-data" holds no PEM key/,
  'key-encrypted.yaml': /encrypted with a passphrase/,
  'not-yaml.yaml': /is not YAML \(line \d+/,
  'half-written.yaml': /names the cluster "c", which the file does not hold/,
  'not-kubeconfig.yaml': /is not a kubeconfig: it is not "kind: Config"/,
  'just-text.yaml': /is not a kubeconfig: it holds no mapping/,
  'a-list.yaml': /is not a kubeconfig: it holds no mapping/,
  'another-mapping.yaml': /is not a kubeconfig: it has no clusters/,
  'empty.yaml': /is empty/,
  'blank.yaml': /is empty/,
  'two-documents.yaml': /more than one YAML document/,
  'duplicate-keys.yaml': /the same key twice/,
  'prototype.yaml': /a key "__proto__"/,
  'constructor.yaml': /a key "constructor"/,
  'merge-key.yaml': /YAML aliases/,
  'billion-laughs.yaml': /YAML aliases/,
  'tag.yaml': /YAML tags/,
  'unknown-tag.yaml': /YAML tags/,
}

let directory: string
let listener: Server
let connections = 0
let authority: KeyPair
let client: KeyPair
let replacements: Record<string, string>

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'hub-kubeconfigs-'))
  writeFileSync(join(directory, 'run.sh'), `#!/bin/sh\ntouch "${directory}/ran"\n`, { mode: 0o755 })
  spawnSync('mkfifo', [join(directory, 'pipe')])
  listener = createServer((socket) => {
    connections += 1
    socket.destroy()
  })
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve))
  authority = await createCertificateAuthority('test')
  client = await issueClientCertificate(authority, { user: 'someone' })
  const other = await issueClientCertificate(authority, { user: 'other' })
  const encrypted = createPrivateKey(client.privateKey).export({
    type: 'pkcs8',
    format: 'pem',
    cipher: 'aes-256-cbc',
    passphrase: 'x',
  })
  replacements = {
    __DIR__: directory,
    __PORT__: String((listener.address() as AddressInfo).port),
    __CERTIFICATE__: base64(client.certificate),
    __KEY__: base64(client.privateKey),
    __OTHER_KEY__: base64(other.privateKey),
    __ENCRYPTED_KEY__: base64(encrypted),
  }
})

afterAll(() => {
  listener.close()
  rmSync(directory, { recursive: true, force: true })
})

describe('parseKubeconfig', () => {
  it('has a reason on record for every hostile file', () => {
    const files = readdirSync(fixtures).filter((name) => name !== 'README.md')
    expect(Object.keys(refusals).toSorted()).toEqual(files.toSorted())
  })

  it.each(Object.entries(refusals))('refuses %s and says why', (name, reason) => {
    const text = readFixture(name)
    const parsed = parseKubeconfig(text, strict)
    if (parsed.ok) throw new Error(`${name} was taken`)
    expect(parsed.reason).toMatch(reason)
    expect(parsed.reason).toMatch(/\.$/)
    expect(parsed.fix).toMatch(/\.$/)
    expect(parsed.reason + parsed.fix).not.toContain('s3cret')
    for (const secret of [replacements.__KEY__!, replacements.__CERTIFICATE__!]) {
      expect(parsed.reason + parsed.fix).not.toContain(secret.slice(0, 40))
    }
  })

  it('runs, opens and dials nothing that a file names', async () => {
    for (const name of Object.keys(refusals)) parseKubeconfig(readFixture(name), strict)
    for (const name of Object.keys(refusals)) {
      parseKubeconfig(readFixture(name), { allowLoopback: true, allowInsecureTls: true })
    }
    await new Promise((resolve) => setTimeout(resolve, 100))
    expect(existsSync(join(directory, 'ran'))).toBe(false)
    expect(connections).toBe(0)
    // Opening the pipe would have blocked this process for ever.
  })

  it.each([
    ['https://127.0.0.1:6443', 'a loopback address'],
    ['https://127.8.9.10:6443', 'a loopback address'],
    ['https://2130706433', 'a loopback address'],
    ['https://0x7f.1', 'a loopback address'],
    ['https://0177.0.0.1', 'a loopback address'],
    ['https://0.0.0.0', 'a loopback address'],
    ['https://[::1]:6443', 'a loopback address'],
    ['https://[::]', 'a loopback address'],
    ['https://[::ffff:127.0.0.1]', 'a loopback address'],
    ['https://[::127.0.0.1]', 'a loopback address'],
    ['https://[64:ff9b::127.0.0.1]', 'a loopback address'],
    ['https://[2002:7f00:1::]', 'a loopback address'],
    ['https://localhost:6443', 'a loopback address'],
    ['https://LOCALHOST.', 'a loopback address'],
    ['https://db.localhost', 'a loopback address'],
  ])('refuses the loopback server %s unless loopback is allowed', (server, what) => {
    expect(parseKubeconfig(kubeconfig({ server }), strict)).toMatchObject({
      ok: false,
      reason: expect.stringContaining(what),
      fix: expect.stringContaining('HUB_ALLOW_LOOPBACK_CLUSTERS'),
    })
    expect(parseKubeconfig(kubeconfig({ server }), { ...strict, allowLoopback: true }).ok).toBe(
      true,
    )
  })

  it.each([
    ['https://169.254.169.254', 'a link-local address'],
    ['https://[::ffff:169.254.169.254]', 'a link-local address'],
    ['https://[64:ff9b::a9fe:a9fe]', 'a link-local address'],
    ['https://[fe80::1]', 'a link-local address'],
    ['https://[febf::1]', 'a link-local address'],
    ['https://[fd00:ec2::254]', 'cloud metadata'],
    ['https://[fd00:0ec2:0:0:0:0:0:0254]', 'cloud metadata'],
    ['https://metadata.google.internal', 'cloud metadata'],
    ['https://168.63.129.16', 'cloud metadata'],
    ['https://224.0.0.1', 'a multicast address'],
  ])('refuses the server %s always', (server, what) => {
    const parsed = parseKubeconfig(kubeconfig({ server }), {
      allowLoopback: true,
      allowInsecureTls: true,
    })
    expect(parsed).toMatchObject({ ok: false, reason: expect.stringContaining(what) })
  })

  it.each(['https://10.0.0.1:6443', 'https://[fd12::1]', 'https://[2001:db8::1]:6443'])(
    'takes the server %s',
    (server) => {
      expect(parseKubeconfig(kubeconfig({ server }), strict).ok).toBe(true)
    },
  )

  it('refuses a file of more than 1 MiB', () => {
    const text = `${kubeconfig({})}# ${'x'.repeat(1024 * 1024)}`
    expect(parseKubeconfig(text, strict)).toMatchObject({
      ok: false,
      reason: expect.stringContaining('1 MiB'),
    })
  })

  it.each(['[', '{a: ', '- '])('refuses what nests without end (%j) in little time', (piece) => {
    const startedAt = performance.now()
    expect(parseKubeconfig(piece.repeat(200_000), strict).ok).toBe(false)
    expect(performance.now() - startedAt).toBeLessThan(10_000)
  })

  it('reads the token, CA, server name and path of the current context', () => {
    const text = kubeconfig({
      server: 'https://rancher.example/k8s/clusters/c-1/',
      'certificate-authority-data': base64(authority.certificate),
      'tls-server-name': 'kubernetes.default',
    })
    expect(parseKubeconfig(text, strict)).toEqual({
      ok: true,
      credential: {
        server: 'https://rancher.example/k8s/clusters/c-1',
        ca: authority.certificate.trim(),
        tlsServerName: 'kubernetes.default',
        proxyUrl: null,
        verifyTls: true,
        token: 's3cret',
        clientCertificate: null,
      },
      exec: null,
      isTokenRenewed: false,
      namespace: null,
      warnings: [],
    })
  })

  it('reads the namespace of the context', () => {
    const withNamespace = (namespace: unknown) =>
      stringify({
        ...config({}),
        contexts: [{ name: 'x', context: { cluster: 'c', user: 'u', namespace } }],
      })
    expect(parseKubeconfig(withNamespace('ml-team'), strict)).toMatchObject({
      ok: true,
      namespace: 'ml-team',
    })
    expect(parseKubeconfig(withNamespace(''), strict)).toMatchObject({ ok: true, namespace: null })
    for (const namespace of ['../secrets', 'ML', 'a'.repeat(64), 7, ['a']]) {
      expect(parseKubeconfig(withNamespace(namespace), strict)).toMatchObject({
        ok: false,
        reason: expect.stringContaining('"namespace"'),
      })
    }
  })

  it('reads a client certificate', () => {
    const parsed = parseKubeconfig(
      kubeconfig(
        {},
        {
          'client-certificate-data': base64(client.certificate),
          'client-key-data': base64(client.privateKey),
        },
      ),
      strict,
    )
    expect(parsed).toMatchObject({
      ok: true,
      credential: {
        token: null,
        clientCertificate: { certificate: client.certificate.trim(), key: client.privateKey },
      },
    })
  })

  const proxies = {
    ...strict,
    clusterProxies: new Set([
      'http://egress.corp:3128',
      'https://egress.corp',
      'http://127.0.0.1:3128',
      'http://169.254.169.254',
    ]),
  }

  it.each([
    ['http://egress.corp:3128', 'http://egress.corp:3128/'],
    ['HTTP://Egress.corp:3128/', 'http://egress.corp:3128/'],
    ['https://user:p%40ss@egress.corp:443', 'https://user:p%40ss@egress.corp/'],
  ])('takes the listed proxy %s', (url, proxyUrl) => {
    expect(parseKubeconfig(kubeconfig({ 'proxy-url': url }), proxies)).toMatchObject({
      ok: true,
      credential: { proxyUrl },
    })
  })

  it.each([
    ['http://egress.corp', 'names http://egress.corp, which the hub may not use'],
    ['http://egress.corp:3129', 'which the hub may not use'],
    ['https://egress.corp:3128', 'which the hub may not use'],
    ['http://egress.corp.evil.example:3128', 'which the hub may not use'],
    ['http://egress.corp:3128@evil.example', 'names http://evil.example, which'],
    ['http://a:s3cret@evil.example', 'names http://evil.example, which'],
    ['http://127.0.0.1:3128', 'is a loopback address'],
    ['http://169.254.169.254', 'is a link-local address'],
    ['socks5://a:s3cret@egress.corp:1080', 'is a SOCKS proxy'],
    ['socks5h://egress.corp', 'is a SOCKS proxy'],
    ['unix:///run/proxy', 'is neither an http nor an https address'],
    ['egress.corp', 'is not a URL'],
    ['http://egress.corp:3128/s3cret', 'has a path'],
    ['http://egress.corp:3128?s3cret', 'has a path, query'],
    ['http://a:s3cret%@egress.corp:3128', 'holds a "%" that stands for itself'],
    [3128, '"proxy-url" is not text'],
  ])('refuses the proxy %s', (url, reason) => {
    const parsed = parseKubeconfig(kubeconfig({ 'proxy-url': url }), proxies)
    expect(parsed).toMatchObject({ ok: false, reason: expect.stringContaining(reason) })
    expect(JSON.stringify(parsed)).not.toContain('s3cret')
  })

  it('hides no fault of whoever reads the files that it names', () => {
    const text = kubeconfig({}, { tokenFile: 'token' })
    const fault = new Error('disk')
    expect(() =>
      parseKubeconfig(text, strict, () => {
        throw fault
      }),
    ).toThrow(fault)
    expect(parseKubeconfig(text, strict, () => 't')).toMatchObject({
      ok: true,
      credential: { token: 't' },
      isTokenRenewed: true,
    })
  })

  it('reads JSON as well', () => {
    expect(parseKubeconfig(JSON.stringify(config({})), strict).ok).toBe(true)
  })

  it('warns of other contexts, of impersonation and of an unchecked certificate', () => {
    const base = config(
      { 'insecure-skip-tls-verify': true },
      { token: 't', as: 'root', 'as-groups': ['a'] },
    )
    const text = stringify({
      ...base,
      contexts: [...base.contexts, { name: 'other', context: { cluster: 'c', user: 'gone' } }],
      users: [...base.users, { name: 'gone', user: { exec: { command: 'x' } } }],
    })
    const parsed = parseKubeconfig(text, { ...strict, allowInsecureTls: true })
    expect(parsed).toMatchObject({ ok: true, credential: { verifyTls: false, token: 't' } })
    expect(parsed.ok && parsed.warnings).toEqual([
      'Only the current context "x" is used; ignored: other.',
      'The server\'s certificate is not checked ("insecure-skip-tls-verify").',
      'Impersonation in the kubeconfig is ignored: as, as-groups.',
    ])
  })
})

function readFixture(name: string): string {
  return readFileSync(new URL(name, fixtures), 'utf8').replaceAll(
    /__[A-Z_]+__/g,
    (word) => replacements[word] ?? word,
  )
}

function config(
  cluster: Record<string, unknown>,
  user: Record<string, unknown> = { token: 's3cret' },
) {
  return {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'x',
    contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
    clusters: [{ name: 'c', cluster: { server: 'https://cluster.example:6443', ...cluster } }],
    users: [{ name: 'u', user }],
  }
}

function kubeconfig(cluster: Record<string, unknown>, user?: Record<string, unknown>): string {
  return stringify(config(cluster, user))
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64')
}

describe('H42: masked kubeconfigs and bare programs', () => {
  const textOf = (user: Record<string, unknown>, cluster: Record<string, unknown> = {}) =>
    JSON.stringify({
      'current-context': 'x',
      clusters: [{ name: 'c', cluster: { server: 'https://cluster.example', ...cluster } }],
      users: [{ name: 'u', user }],
      contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
    })

  it.each(['REDACTED', 'DATA+OMITTED', 'data+omitted', '<redacted>', '***', '[MASKED]'])(
    'H42: %s in place of a secret is refused, with how to write it whole',
    (mask) => {
      const pair = { 'client-certificate-data': mask, 'client-key-data': mask }
      for (const text of [
        textOf({ token: mask }),
        textOf(pair),
        textOf({ token: 't' }, { 'certificate-authority-data': mask }),
      ]) {
        expect(parseKubeconfig(text, strict)).toMatchObject({
          ok: false,
          reason: expect.stringContaining('is masked'),
          fix: expect.stringContaining('add "--raw"'),
        })
      }
    },
  )

  it('H42: a token that only holds such a word is one', () => {
    expect(parseKubeconfig(textOf({ token: 'omitted-7' }), strict)).toMatchObject({ ok: true })
  })

  const aks = (command: string) =>
    textOf({
      exec: {
        apiVersion: 'client.authentication.k8s.io/v1beta1',
        command,
        args: ['get-token', '--server-id', '6dae42f8', '--login', 'spn'],
        env: null,
      },
    })
  const rules = { args: [], env: [] }
  it.each<[string, string[], string[], string | null]>([
    [
      'kubelogin',
      ['/usr/local/bin/kubelogin'],
      ['/usr/bin', '/usr/local/bin'],
      '/usr/local/bin/kubelogin',
    ],
    ['kubelogin', ['/opt/az/kubelogin'], ['/usr/bin'], '/opt/az/kubelogin'],
    ['kubelogin', ['/opt/az/kubelogin', '/usr/bin/kubelogin'], ['/usr/bin/'], '/usr/bin/kubelogin'],
    ['kubelogin', ['/usr/bin/other-kubelogin', '/usr/bin/kubelogin.sh'], ['/usr/bin'], null],
    ['kubelogin', [], ['/usr/bin'], null],
    ['/usr/bin/kubelogin', ['/usr/local/bin/kubelogin'], ['/usr/bin'], null],
    ['./kubelogin', ['/usr/bin/kubelogin'], ['/usr/bin'], null],
    ['../bin/kubelogin', ['/usr/bin/kubelogin'], ['/usr/bin'], null],
  ])('H42: %s, with %j allowed and the PATH %j, is %s', (command, listed, folders, runs) => {
    const parsed = parseKubeconfig(aks(command), {
      ...strict,
      execPlugins: new Map(listed.map((path) => [path, rules])),
      programFolders: folders,
    })
    expect(parsed.ok ? parsed.exec?.command : null).toBe(runs)
  })
})
