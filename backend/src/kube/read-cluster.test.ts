import { createCertificateAuthority } from '@hub/demo'
import { describe, expect, test } from 'vitest'
import type { KubeconfigPolicy } from './kubeconfig-policy.ts'
import { readCluster } from './read-cluster.ts'
import { Refusal } from './refusal.ts'

const strict: KubeconfigPolicy = { allowLoopback: false, allowInsecureTls: false }
const server = 'https://cluster.example'

function refusalOf(cluster: Record<string, unknown>, policy = strict) {
  try {
    readCluster({ server, ...cluster }, policy, () => 'content')
    return null
  } catch (error) {
    if (error instanceof Refusal) return { reason: error.message, fix: error.fix }
    throw error
  }
}
const serverOf = (value: string) =>
  readCluster({ server: value }, strict, () => 'content').credential.server

describe("the cluster's certificate", () => {
  test.each([undefined, null, false])(
    'is checked with insecure-skip-tls-verify: %j',
    (insecure) => {
      const read = readCluster({ server, 'insecure-skip-tls-verify': insecure }, strict, () => '')
      expect(read).toMatchObject({ credential: { verifyTls: true, ca: null }, warnings: [] })
    },
  )

  test('is left unchecked only where that is allowed', () => {
    const cluster = { server, 'insecure-skip-tls-verify': true }
    expect(refusalOf(cluster)?.reason).toMatch(/so anybody in between could take the credential/)
    const read = readCluster(cluster, { ...strict, allowInsecureTls: true }, () => '')
    expect(read.credential.verifyTls).toBe(false)
    expect(read.warnings).toHaveLength(1)
  })

  test('is from the authority that a file holds', async () => {
    const { certificate } = await createCertificateAuthority('test')
    const read = readCluster({ server, 'certificate-authority': 'ca' }, strict, () => certificate)
    expect(read.credential.ca).toBe(certificate.trim())
  })

  test.each(['', 0, 'false', 'true', 1, []])('is not left unchecked by %j', (insecure) => {
    const policy = { ...strict, allowInsecureTls: true }
    expect(refusalOf({ 'insecure-skip-tls-verify': insecure }, policy)?.reason).toMatch(
      /neither true nor false/,
    )
  })

  test.each(['cluster.example', 'a'.repeat(253), '10.0.0.1', '*.example', 'A_b', '::1'])(
    'may be for the name %s',
    (name) => {
      const read = readCluster({ server, 'tls-server-name': name }, strict, () => '')
      expect(read.credential.tlsServerName).toBe(name)
    },
  )

  test.each([' cluster', 'cluster ', 'a b', 'a/b', 'a\r\nb', 'a'.repeat(254)])(
    'cannot be for the name %j',
    (name) => {
      expect(refusalOf({ 'tls-server-name': name })?.reason).toMatch(/is not a host name/)
    },
  )
})

describe('the server', () => {
  test.each([
    ['https://cluster.example', 'https://cluster.example'],
    ['https://cluster.example/', 'https://cluster.example'],
    ['https://cluster.example:6443/', 'https://cluster.example:6443'],
    ['https://cluster.example/k8s/c-1/', 'https://cluster.example/k8s/c-1'],
    ['https://cluster.example/k8s/c-1', 'https://cluster.example/k8s/c-1'],
  ])('%s is %s', (value, read) => expect(serverOf(value)).toBe(read))

  test.each<[unknown, RegExp]>([
    [undefined, /has no "server"/],
    ['', /has no "server"/],
    [7, /has no "server"/],
    ['cluster', /is not a URL/],
    ['http://cluster.example', /is not an https address/],
    ['https://user@cluster.example', /holds a user name or password/],
    ['https://:secret@cluster.example', /holds a user name or password/],
    ['https://cluster.example/?a', /has a query or fragment/],
    ['https://cluster.example/#a', /has a query or fragment/],
    ['https://cluster.example//', /path of the cluster's "server" is not plain/],
    ['https://cluster.example/a//b', /is not plain/],
    ['https://cluster.example/a%2fb', /is not plain/],
    ['https://cluster.example/a%2Fb', /is not plain/],
    ['https://cluster.example/a%5Cb', /is not plain/],
  ])('cannot be %j', (value, reason) => {
    expect(refusalOf({ server: value })?.reason).toMatch(reason)
  })

  test('on the machine itself takes a variable; elsewhere that would not help', () => {
    expect(refusalOf({ server: 'https://localhost' })?.fix).toMatch(/HUB_ALLOW_LOOPBACK_CLUSTERS/)
    expect(refusalOf({ server: 'https://169.254.1.1' })?.fix).not.toMatch(/HUB_ALLOW_LOOPBACK/)
  })
})

describe('the proxy', () => {
  const any: KubeconfigPolicy = { ...strict, clusterProxies: 'any' }
  const proxyOf = (value: string) =>
    readCluster({ server, 'proxy-url': value }, any, () => '').credential.proxyUrl

  test('is one that is listed', () => {
    const listed = { ...strict, clusterProxies: new Set(['http://proxy.example:3128']) }
    expect(refusalOf({ 'proxy-url': 'http://proxy.example:3128' }, listed)).toBeNull()
    expect(refusalOf({ 'proxy-url': 'http://proxy.example' }, listed)?.reason).toMatch(
      /which the hub may not use/,
    )
  })

  test('is any where any is allowed, and none where none is', () => {
    expect(proxyOf('http://proxy.example:3128')).toBe('http://proxy.example:3128/')
    expect(proxyOf('https://proxy.example')).toBe('https://proxy.example/')
    for (const clusterProxies of [undefined, new Set<string>()]) {
      const policy = { ...strict, ...(clusterProxies && { clusterProxies }) }
      expect(refusalOf({ 'proxy-url': 'http://proxy.example' }, policy)?.reason).toMatch(
        /which the hub may not use/,
      )
    }
  })

  test.each<[string, RegExp]>([
    ['http://proxy.example/a', /has a path, query or fragment/],
    ['http://proxy.example/?a', /has a path, query or fragment/],
    ['http://proxy.example/#a', /has a path, query or fragment/],
    ['ftp://proxy.example', /is neither an http nor an https address/],
    ['socks4://proxy.example', /is a SOCKS proxy/],
    ['proxy', /is not a URL/],
    ['http://a%:b@proxy.example', /holds a "%"/],
    ['http://a:b%4@proxy.example', /holds a "%"/],
    ['http://a:%zz@proxy.example', /holds a "%"/],
    ['http://%zza@proxy.example', /holds a "%"/],
  ])('cannot be %s', (value, reason) => {
    expect(refusalOf({ 'proxy-url': value }, any)?.reason).toMatch(reason)
  })

  test('may have a user name and password with escapes', () => {
    expect(proxyOf('http://a%40:%2Fb%2f@proxy.example')).toBe('http://a%40:%2Fb%2f@proxy.example/')
  })

  test('on the machine itself takes a variable; elsewhere that would not help', () => {
    expect(refusalOf({ 'proxy-url': 'http://localhost' }, any)?.fix).toMatch(
      /HUB_ALLOW_LOOPBACK_CLUSTERS/,
    )
    const linkLocal = refusalOf({ 'proxy-url': 'http://169.254.1.1' }, any)
    expect(linkLocal?.reason).toMatch(/is a link-local address/)
    expect(linkLocal?.fix).not.toMatch(/HUB_ALLOW_LOOPBACK/)
    const open = { ...any, allowLoopback: true }
    expect(refusalOf({ 'proxy-url': 'http://localhost' }, open)).toBeNull()
  })
})
