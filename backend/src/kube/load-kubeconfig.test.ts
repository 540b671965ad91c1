import { execFileSync } from 'node:child_process'
import {
  mkdirSync,
  mkdtempSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createCertificateAuthority, issueClientCertificate, type KeyPair } from '@hub/demo'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { stringify } from 'yaml'
import { createKubeconfigReader } from './kubeconfig-reader.ts'
import { loadKubeconfig } from './load-kubeconfig.ts'
import type { KubeconfigPolicy } from './kubeconfig-policy.ts'

const policy: KubeconfigPolicy = { allowLoopback: false, allowInsecureTls: false }
const reader = createKubeconfigReader()
let authority: KeyPair
let client: KeyPair
let parent: string
let directory: string

beforeAll(async () => {
  authority = await createCertificateAuthority('test')
  client = await issueClientCertificate(authority, { user: 'someone' })
})
beforeEach(() => {
  parent = realpathSync(mkdtempSync(join(tmpdir(), 'hub-load-')))
  directory = join(parent, 'credentials')
  mkdirSync(directory)
  writeFileSync(join(parent, 'outside'), 's3cret-outside')
  cleanups.push(parent)
})
const cleanups: string[] = []
afterAll(() => {
  for (const path of cleanups) rmSync(path, { recursive: true, force: true })
})

describe('loadKubeconfig', () => {
  it('reads the CA, client certificate and key from files of the directory', async () => {
    put('prod.ca.crt', authority.certificate)
    put('prod.client.crt', client.certificate)
    put('prod.client.key', client.privateKey)
    const { namesFiles, parsed } = await load(
      {
        'client-certificate': 'prod.client.crt',
        'client-key': join(directory, 'prod.client.key'),
      },
      { 'certificate-authority': './prod.ca.crt' },
    )
    expect(parsed).toMatchObject({
      ok: true,
      credential: {
        ca: authority.certificate.trim(),
        clientCertificate: { certificate: client.certificate.trim(), key: client.privateKey },
      },
    })
    expect(namesFiles).toBe(true)
  })

  it('takes the token of a file before the one beside it, as kubectl does', async () => {
    put('prod.token', 'from-file\n')
    const { parsed } = await load({ token: 'inline', tokenFile: 'prod.token' })
    expect(parsed).toMatchObject({ ok: true, credential: { token: 'from-file' } })
  })

  it('takes inline data before a file, and does not open that', async () => {
    const { namesFiles, parsed } = await load(
      { token: 't' },
      {
        'certificate-authority': '/etc/shadow',
        'certificate-authority-data': Buffer.from(authority.certificate).toString('base64'),
      },
    )
    expect(parsed.ok).toBe(true)
    expect(namesFiles).toBe(false)
  })

  it('follows the links of a mounted secret, and its swap changes the digest', async () => {
    for (const version of ['..1', '..2']) {
      mkdirSync(join(directory, version))
      put(`${version}/prod.token`, `token-of-${version}`)
    }
    symlinkSync('..1', join(directory, '..data'))
    symlinkSync('..data/prod.token', join(directory, 'prod.token'))
    const before = await load({ tokenFile: 'prod.token' })
    expect(before.parsed).toMatchObject({ ok: true, credential: { token: 'token-of-..1' } })
    symlinkSync('..2', join(directory, '..data_tmp'))
    renameSync(join(directory, '..data_tmp'), join(directory, '..data'))
    const after = await load({ tokenFile: 'prod.token' })
    expect(after.parsed).toMatchObject({ ok: true, credential: { token: 'token-of-..2' } })
    expect(after.digest).not.toBe(before.digest)
  })

  it.each([
    ['/etc/passwd', /outside the credentials directory/],
    ['/etc/shadow', /outside the credentials directory/],
    ['/proc/self/environ', /outside the credentials directory/],
    ['/dev/zero', /outside the credentials directory/],
    ['../outside', /outside the credentials directory/],
    ['../../../../../../../../etc/hostname', /outside the credentials directory/],
    ['prod.link-out', /outside the credentials directory/],
    ['..data/token', /outside the credentials directory/],
    ['prod.chain', /outside the credentials directory/],
    ['../credentials-of-another/token', /outside the credentials directory/],
    ['/nowhere/at/all', /outside the credentials directory/],
    ['prod.missing', /cannot be read/],
    ['prod.loop', /cannot be read/],
    ['prod.folder', /cannot be read/],
    ['.', /outside the credentials directory/],
    ['prod.pipe', /cannot be read/],
    ['prod.large', /cannot be read/],
    ['prod.nul\0byte', /cannot be read/],
    ['prod.empty', /is empty/],
    ['prod.kubeconfig', /does not belong to this instance/],
  ])('refuses the tokenFile %j, without waiting for it or telling of it', async (path, reason) => {
    mkdirSync(join(parent, 'credentials-of-another'))
    writeFileSync(join(parent, 'credentials-of-another', 'token'), 's3cret-outside')
    mkdirSync(join(parent, 'version'))
    writeFileSync(join(parent, 'version', 'token'), 's3cret-outside')
    symlinkSync('../outside', join(directory, 'prod.link-out'))
    symlinkSync('../version', join(directory, '..data'))
    symlinkSync('..data/token', join(directory, 'prod.chain'))
    symlinkSync('prod.loop', join(directory, 'prod.loop'))
    mkdirSync(join(directory, 'prod.folder'))
    execFileSync('mkfifo', [join(directory, 'prod.pipe')])
    put('prod.large', 'x'.repeat(1024 * 1024 + 1))
    put('prod.empty', '\n')
    put('prod.kubeconfig', stringify({ users: [{ name: 'u', user: { token: 's3cret' } }] }))
    const { parsed } = await load({ tokenFile: path })
    if (parsed.ok) throw new Error(`${path} was taken`)
    expect(parsed.reason).toMatch(reason)
    expect(parsed.reason + parsed.fix).not.toMatch(/s3cret|\/etc\/|hostname/)
  })

  it('takes what lies in a folder of the instance, mounted or not', async () => {
    mkdirSync(join(directory, '..1', 'prod'), { recursive: true })
    put('..1/prod/token', 'mounted')
    symlinkSync('..1', join(directory, '..data'))
    symlinkSync('..data/prod', join(directory, 'prod'))
    const { parsed } = await load({ tokenFile: join(directory, 'prod/token') })
    expect(parsed).toMatchObject({ ok: true, credential: { token: 'mounted' } })
  })

  it.each([
    'other.token',
    'other.kubeconfig',
    './other.token',
    'prod/../other.token',
    'other/token',
    'token',
    'prod',
    'prod-2.token',
    'production.token',
    '..data/other.token',
    'prod.link',
    'prod/link',
    'prod.missing-link',
    'not-there.token',
  ])('H17: refuses %s, which belongs to no or another instance', async (path) => {
    put('other.token', 's3cret-of-another')
    put('other.kubeconfig', 's3cret-of-another')
    mkdirSync(join(directory, 'other'))
    mkdirSync(join(directory, 'prod'))
    put('other/token', 's3cret-of-another')
    mkdirSync(join(directory, '..1'))
    put('..1/other.token', 's3cret-of-another')
    symlinkSync('..1', join(directory, '..data'))
    symlinkSync('other.token', join(directory, 'prod.link'))
    symlinkSync('../other.token', join(directory, 'prod', 'link'))
    symlinkSync('not-there.token', join(directory, 'prod.missing-link'))
    for (const name of ['token', 'prod-2.token', 'production.token']) put(name, 's3cret')
    const { parsed } = await load({ tokenFile: path })
    if (parsed.ok) throw new Error(`${path} was taken`)
    // A link that leads nowhere cannot be told apart from a file that is not there.
    expect(parsed.reason).toMatch(
      path === 'prod.missing-link' ? /cannot be read/ : /does not belong to this instance/,
    )
    expect(parsed.reason + parsed.fix).not.toContain('s3cret')
  })

  it.each(['certificate-authority', 'client-certificate', 'client-key', 'tokenFile'])(
    'H17: opens no %s where a kubeconfig comes by itself, nor tells of it',
    async (field) => {
      put('prod.client.crt', client.certificate)
      const isCluster = field === 'certificate-authority'
      const text = kubeconfig(
        isCluster
          ? { token: 't' }
          : {
              'client-certificate-data': Buffer.from(client.certificate).toString('base64'),
              'client-key-data': Buffer.from(client.privateKey).toString('base64'),
              ...(field !== 'tokenFile' && { [`${field}-data`]: undefined }),
              [field]: 'prod.client.crt',
            },
        isCluster ? { [field]: 'prod.client.crt' } : {},
      )
      const { parsed } = await loadKubeconfig(text, { reader, policy, files: 'none' })
      expect(parsed).toMatchObject({
        ok: false,
        reason: `"${field}" names a file, which the hub does not open here.`,
      })
    },
  )

  it.each(['certificate-authority', 'client-certificate', 'client-key'])(
    'refuses a %s outside',
    async (field) => {
      const isCluster = field === 'certificate-authority'
      put('prod.client.crt', client.certificate)
      const user = isCluster
        ? { token: 't' }
        : { 'client-certificate': 'prod.client.crt', 'client-key': 'x', [field]: '../outside' }
      const { parsed } = await load(user, isCluster ? { [field]: '../outside' } : {})
      expect(parsed).toMatchObject({
        ok: false,
        reason: expect.stringContaining(`"${field}" names a file outside`) as string,
      })
    },
  )
})

function load(user: Record<string, unknown>, cluster: Record<string, unknown> = {}) {
  return loadKubeconfig(kubeconfig(user, cluster), {
    reader,
    policy,
    files: { directory, instance: 'prod' },
  })
}

function kubeconfig(user: Record<string, unknown>, cluster: Record<string, unknown> = {}): string {
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'x',
    contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
    clusters: [{ name: 'c', cluster: { server: 'https://cluster.example:6443', ...cluster } }],
    users: [{ name: 'u', user }],
  })
}

function put(name: string, content: string): void {
  writeFileSync(join(directory, name), content)
}
