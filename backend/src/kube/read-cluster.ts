import { describeBlockedHost } from './addresses.ts'
import { readCertificates, type ReadCertificates } from './client-certificate.ts'
import type { KubeconfigPolicy, ReadReferencedFile } from './kubeconfig-policy.ts'
import { readPem, readText, shorten } from './read-field.ts'
import { Refusal } from './refusal.ts'

/** Where a cluster is, and how it is known to be it. Throws Refusal. */
export function readCluster(
  cluster: Record<string, unknown>,
  policy: KubeconfigPolicy,
  readFile: ReadReferencedFile,
  certificates: ReadCertificates = readCertificates,
) {
  const insecure = cluster['insecure-skip-tls-verify'] ?? false
  if (typeof insecure !== 'boolean') {
    throw new Refusal('"insecure-skip-tls-verify" is neither true nor false.', 'Remove it.')
  }
  if (insecure && !policy.allowInsecureTls) {
    throw new Refusal(
      'The cluster has "insecure-skip-tls-verify", so anybody in between could take the credential.',
      'Give the cluster\'s CA as "certificate-authority-data"; HUB_ALLOW_INSECURE_TLS=true allows it anyway.',
    )
  }
  const ca = readPem(cluster, 'certificate-authority', 'cluster', readFile)
  const tlsServerName = readText(cluster, 'tls-server-name', 'cluster')
  if (tlsServerName !== null && !/^[A-Za-z0-9_*.:-]{1,253}$/.test(tlsServerName)) {
    throw new Refusal('"tls-server-name" is not a host name.', 'Correct or remove it.')
  }
  return {
    credential: {
      server: readServer(cluster.server, policy),
      ca: ca === null ? null : certificates(ca.pem, ca.field).join('\n'),
      tlsServerName,
      proxyUrl: readProxy(cluster, policy),
      verifyTls: !insecure,
    },
    warnings: insecure
      ? ['The server\'s certificate is not checked ("insecure-skip-tls-verify").']
      : [],
  }
}

function readServer(value: unknown, policy: KubeconfigPolicy): string {
  const fix = "Give the API server's address as https://host:port."
  if (typeof value !== 'string' || value === '') {
    throw new Refusal('The cluster has no "server".', fix)
  }
  if (!URL.canParse(value)) throw new Refusal('The cluster\'s "server" is not a URL.', fix)
  const url = new URL(value)
  if (url.protocol !== 'https:') {
    throw new Refusal('The cluster\'s "server" is not an https address.', fix)
  }
  if (url.username !== '' || url.password !== '') {
    throw new Refusal(
      'The cluster\'s "server" holds a user name or password.',
      'Remove them from the address and use a token or client certificate.',
    )
  }
  if (url.search !== '' || url.hash !== '') {
    throw new Refusal('The cluster\'s "server" has a query or fragment.', fix)
  }
  if (/\/\/|%2f|%5c/i.test(url.pathname)) {
    throw new Refusal('The path of the cluster\'s "server" is not plain.', fix)
  }
  const blocked = describeBlockedHost(url, policy)
  if (blocked !== null) {
    throw new Refusal(
      `The cluster's "server" is ${blocked}, which the hub does not connect to.`,
      blocked === 'a loopback address'
        ? 'Give the address by which the hub reaches the API server; HUB_ALLOW_LOOPBACK_CLUSTERS=true allows loopback.'
        : 'Give the address by which the hub reaches the API server.',
    )
  }
  return `${url.origin}${url.pathname.replace(/\/+$/, '')}`
}

function readProxy(cluster: Record<string, unknown>, policy: KubeconfigPolicy): string | null {
  const value = readText(cluster, 'proxy-url', 'cluster')
  if (value === null) return null
  const named = 'The cluster\'s "proxy-url"'
  const fix = "Give an HTTP proxy's address as http://host:port, or remove it."
  if (!URL.canParse(value)) throw new Refusal(`${named} is not a URL.`, fix)
  const url = new URL(value)
  if (url.protocol.startsWith('socks')) {
    throw new Refusal(`${named} is a SOCKS proxy, which the hub does not use.`, fix)
  }
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw new Refusal(`${named} is neither an http nor an https address.`, fix)
  }
  if (url.pathname !== '/' || url.search !== '' || url.hash !== '') {
    throw new Refusal(`${named} has a path, query or fragment.`, fix)
  }
  const { clusterProxies } = policy
  if (clusterProxies !== 'any' && clusterProxies?.has(url.origin) !== true) {
    throw new Refusal(
      `${named} names ${shorten(url.origin)}, which the hub may not use.`,
      'Remove it where the hub has a direct way to the API server. An operator may allow the proxy by its origin in HUB_ALLOW_CLUSTER_PROXIES.',
    )
  }
  const blocked = describeBlockedHost(url, policy)
  if (blocked !== null) {
    throw new Refusal(
      `${named} is ${blocked}, which the hub does not connect to.`,
      blocked === 'a loopback address'
        ? 'Give the address by which the hub reaches the proxy; HUB_ALLOW_LOOPBACK_CLUSTERS=true allows loopback.'
        : 'Give the address by which the hub reaches the proxy.',
    )
  }
  if (!/^([^%]|%[0-9a-f]{2})*$/i.test(url.username + url.password)) {
    throw new Refusal(
      `The user name or password in the cluster's "proxy-url" holds a "%" that stands for itself.`,
      'Write it as "%25".',
    )
  }
  return url.href
}
