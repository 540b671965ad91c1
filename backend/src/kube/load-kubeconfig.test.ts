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
import { loadKubeconfig } from './load-kubeconfig.ts'
import type { KubeconfigPolicy } from './parse-kubeconfig.ts'

const policy: KubeconfigPolicy = { allowLoopback: false, allowInsecureTls: false }
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
    put('ca.crt', authority.certificate)
    put('client.crt', client.certificate)
    put('client.key', client.privateKey)
    const { namesFiles, parsed } = await load(
      {
        'client-certificate': 'client.crt',
        'client-key': join(directory, 'client.key'),
      },
      { 'certificate-authority': './ca.crt' },
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
    put('token', 'from-file\n')
    const { parsed } = await load({ token: 'inline', tokenFile: 'token' })
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
      put(`${version}/token`, `token-of-${version}`)
    }
    symlinkSync('..1', join(directory, '..data'))
    symlinkSync('..data/token', join(directory, 'token'))
    const before = await load({ tokenFile: 'token' })
    expect(before.parsed).toMatchObject({ ok: true, credential: { token: 'token-of-..1' } })
    symlinkSync('..2', join(directory, '..data_tmp'))
    renameSync(join(directory, '..data_tmp'), join(directory, '..data'))
    const after = await load({ tokenFile: 'token' })
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
    ['link-out', /outside the credentials directory/],
    ['..data/token', /outside the credentials directory/],
    ['chain', /outside the credentials directory/],
    ['../credentials-of-another/token', /outside the credentials directory/],
    ['/nowhere/at/all', /outside the credentials directory/],
    ['missing', /cannot be read/],
    ['loop', /cannot be read/],
    ['folder', /cannot be read/],
    ['.', /outside the credentials directory/],
    ['pipe', /cannot be read/],
    ['large', /cannot be read/],
    ['nul\0byte', /cannot be read/],
    ['empty', /is empty/],
    ['other.kubeconfig', /holds spaces or other characters/],
  ])('refuses the tokenFile %j, without waiting for it or telling of it', async (path, reason) => {
    mkdirSync(join(parent, 'credentials-of-another'))
    writeFileSync(join(parent, 'credentials-of-another', 'token'), 's3cret-outside')
    mkdirSync(join(parent, 'version'))
    writeFileSync(join(parent, 'version', 'token'), 's3cret-outside')
    symlinkSync('../outside', join(directory, 'link-out'))
    symlinkSync('../version', join(directory, '..data'))
    symlinkSync('..data/token', join(directory, 'chain'))
    symlinkSync('loop', join(directory, 'loop'))
    mkdirSync(join(directory, 'folder'))
    execFileSync('mkfifo', [join(directory, 'pipe')])
    put('large', 'x'.repeat(1024 * 1024 + 1))
    put('empty', '\n')
    put('other.kubeconfig', stringify({ users: [{ name: 'u', user: { token: 's3cret' } }] }))
    const { parsed } = await load({ tokenFile: path })
    if (parsed.ok) throw new Error(`${path} was taken`)
    expect(parsed.reason).toMatch(reason)
    expect(parsed.reason + parsed.fix).not.toMatch(/s3cret|\/etc\/|hostname/)
  })

  it.each(['certificate-authority', 'client-certificate', 'client-key'])(
    'refuses a %s outside',
    async (field) => {
      const isCluster = field === 'certificate-authority'
      put('client.crt', client.certificate)
      const user = isCluster
        ? { token: 't' }
        : { 'client-certificate': 'client.crt', 'client-key': 'x', [field]: '../outside' }
      const { parsed } = await load(user, isCluster ? { [field]: '../outside' } : {})
      expect(parsed).toMatchObject({
        ok: false,
        reason: expect.stringContaining(`"${field}" names a file outside`) as string,
      })
    },
  )
})

function load(user: Record<string, unknown>, cluster: Record<string, unknown> = {}) {
  const text = stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'x',
    contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
    clusters: [{ name: 'c', cluster: { server: 'https://cluster.example:6443', ...cluster } }],
    users: [{ name: 'u', user }],
  })
  return loadKubeconfig(text, policy, directory)
}

function put(name: string, content: string): void {
  writeFileSync(join(directory, name), content)
}
