import { describeBlockedHost } from './addresses.ts'
import { checkClientCertificate, readCertificates, type NamedPem } from './client-certificate.ts'
import { isRecord } from './objects.ts'
import { readExec, type ExecPlugin, type ExecPlugins } from './read-exec.ts'
import { readYaml } from './read-yaml.ts'
import { describeUnopened, howToMake, Refusal, serviceAccountFix } from './refusal.ts'

export type KubeconfigPolicy = {
  allowLoopback: boolean
  allowInsecureTls: boolean
  /** Origins of the HTTP proxies that a cluster may be reached through; none by default. */
  clusterProxies?: ReadonlySet<string> | 'any'
  /** The programs that an `exec` entry may run; none by default. */
  execPlugins?: ExecPlugins | 'any'
  /** The folders of the PATH, where a program that is named without one is looked for. */
  programFolders?: readonly string[]
}

/** Gives the content of a file that the kubeconfig's `field` names, or throws Refusal. */
type ReadReferencedFile = (path: string, field: string) => string

/** All that is needed to speak to a cluster. Holds secrets: never log it, never send it anywhere but to `server`. */
export type ClusterCredential = {
  /** `https://host:port`, followed by the path where the API server is not at the root; no trailing slash. */
  server: string
  /** PEM; null = the certificate authorities that Node trusts. */
  ca: string | null
  tlsServerName: string | null
  /** The HTTP proxy that leads to `server`, with the user name and password for it; null for the direct way. */
  proxyUrl: string | null
  verifyTls: boolean
  token: string | null
  clientCertificate: { certificate: string; key: string } | null
}

/** With `exec`, the credential holds neither token nor client certificate until that program gave one. */
export type ParsedKubeconfig =
  | {
      ok: true
      credential: ClusterCredential
      exec: ExecPlugin | null
      /** The token is read from a file or given by a program, which keep it fresh. */
      isTokenRenewed: boolean
      /** The namespace that the context names. */
      namespace: string | null
      warnings: string[]
    }
  | { ok: false; reason: string; fix: string }

/**
 * Reads the current context of a kubeconfig. Whatever would make the hub run, open or dial something that the policy
 * does not allow is refused; `reason` and `fix` are sentences for an administrator and never repeat a secret. It opens
 * nothing itself: files that the kubeconfig names come from `readFile`, which refuses all by default.
 */
export function parseKubeconfig(
  text: string,
  policy: KubeconfigPolicy,
  readFile: ReadReferencedFile = refuseFile,
): ParsedKubeconfig {
  try {
    const config = readYaml(text)
    const context = readContext(config)
    const cluster = readCluster(context.cluster, policy, readFile)
    const user = readUser(context.user, policy, readFile)
    return {
      ok: true,
      credential: { ...cluster.credential, ...user.credential },
      exec: user.exec,
      isTokenRenewed: user.isTokenRenewed,
      namespace: context.namespace,
      warnings: [...context.warnings, ...cluster.warnings, ...user.warnings],
    }
  } catch (error) {
    if (error instanceof Refusal) return { ok: false, reason: error.message, fix: error.fix }
    throw error
  }
}

const namesMax = 20

function refuseFile(_: string, field: string): never {
  const { fix, reason } = describeUnopened(field)
  throw new Refusal(reason, fix)
}

function readContext(config: Record<string, unknown>) {
  const current = config['current-context']
  if (typeof current !== 'string' || current === '') {
    throw new Refusal(
      'The kubeconfig has no current-context.',
      'Choose one with "kubectl config use-context <name>" before copying the file.',
    )
  }
  const context = readNamed(config, 'contexts', 'context', current, 'current-context')
  const clusterName = requireName(context, 'cluster', current)
  const userName = requireName(context, 'user', current)
  const others = names(config, 'contexts').filter((name) => name !== current)
  const namespace = readText(context, 'namespace', 'context')
  if (namespace !== null && !/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(namespace)) {
    throw new Refusal(
      `The "namespace" of the context "${shorten(current)}" cannot be the name of one.`,
      'Correct or remove it.',
    )
  }
  return {
    namespace,
    cluster: readNamed(config, 'clusters', 'cluster', clusterName, `context "${shorten(current)}"`),
    user: readNamed(config, 'users', 'user', userName, `context "${shorten(current)}"`),
    warnings:
      others.length === 0
        ? []
        : [
            `Only the current context "${shorten(current)}" is used; ignored: ${listNames(others)}.`,
          ],
  }
}

function readNamed(
  config: Record<string, unknown>,
  list: 'contexts' | 'clusters' | 'users',
  field: 'context' | 'cluster' | 'user',
  name: string,
  namedBy: string,
): Record<string, unknown> {
  const items = Array.isArray(config[list]) ? config[list].filter(isRecord) : []
  const found = items.filter((item) => item.name === name)
  if (found.length > 1) {
    throw new Refusal(
      `The kubeconfig has more than one ${field} named "${shorten(name)}".`,
      'Give each its own name.',
    )
  }
  const value = found[0]?.[field]
  if (!isRecord(value)) {
    throw new Refusal(
      `The kubeconfig's ${namedBy} names the ${field} "${shorten(name)}", which the file does not hold.`,
      howToMake,
    )
  }
  return value
}

function requireName(context: Record<string, unknown>, field: 'cluster' | 'user', current: string) {
  const name = context[field]
  if (typeof name === 'string' && name !== '') return name
  throw new Refusal(`The context "${shorten(current)}" names no ${field}.`, howToMake)
}

function names(config: Record<string, unknown>, list: string): string[] {
  const items: unknown[] = Array.isArray(config[list]) ? config[list] : []
  return items
    .filter(isRecord)
    .map((item) => item.name)
    .filter((name) => typeof name === 'string')
}

function readCluster(
  cluster: Record<string, unknown>,
  policy: KubeconfigPolicy,
  readFile: ReadReferencedFile,
) {
  const insecure = cluster['insecure-skip-tls-verify'] ?? false
  if (typeof insecure !== 'boolean') {
    throw new Refusal('"insecure-skip-tls-verify" is neither true nor false.', 'Remove it.')
  }
  if (insecure && !policy.allowInsecureTls) {
    throw new Refusal(
      'The cluster has "insecure-skip-tls-verify", so anyone on the way could take the credential.',
      'Give the cluster\'s CA as "certificate-authority-data"; HUB_ALLOW_INSECURE_TLS=true allows it nevertheless.',
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
      ca: ca === null ? null : readCertificates(ca.pem, ca.field).join('\n'),
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
  if (!isAllowed(policy.clusterProxies, url.origin)) {
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

/** Fields that Kubernetes no longer takes, or never took. */
const refusedUserFields: [field: string, reason: string, fix: string][] = [
  [
    'auth-provider',
    'The user has an "auth-provider", which Kubernetes removed.',
    serviceAccountFix,
  ],
  [
    'username',
    'The user has a user name and password, which Kubernetes no longer takes.',
    serviceAccountFix,
  ],
  [
    'password',
    'The user has a user name and password, which Kubernetes no longer takes.',
    serviceAccountFix,
  ],
  [
    'token-file',
    'The user\'s "token-file" names a file, but Kubernetes has no such field.',
    'Write "tokenFile", or inline it as "token".',
  ],
]

function readUser(
  user: Record<string, unknown>,
  policy: KubeconfigPolicy,
  readFile: ReadReferencedFile,
) {
  for (const [field, reason, fix] of refusedUserFields) {
    if (isSet(user, field)) throw new Refusal(reason, fix)
  }
  const exec = readExec(user.exec, policy.execPlugins, policy.programFolders)
  const token = readUserToken(user, readFile)
  const clientCertificate = readClientCertificate(user, readFile)
  if (exec && (token !== null || clientCertificate !== null)) {
    throw new Refusal(
      'The user runs a program ("exec") and has a token or client certificate as well.',
      'Keep one of them.',
    )
  }
  if (!exec && token === null && clientCertificate === null) {
    throw new Refusal('The user has neither a token nor a client certificate.', serviceAccountFix)
  }
  const impersonation = Object.keys(user).filter((field) => /^(as|as-.*)$/.test(field))
  return {
    credential: { token, clientCertificate },
    exec,
    isTokenRenewed: exec !== null || isSet(user, 'tokenFile'),
    warnings:
      impersonation.length === 0
        ? []
        : [`Impersonation in the kubeconfig is ignored: ${listNames(impersonation)}.`],
  }
}

/** As client-go does: the file's token wins over the one beside it. */
function readUserToken(user: Record<string, unknown>, readFile: ReadReferencedFile): string | null {
  const path = readText(user, 'tokenFile', 'user')
  if (path !== null) return checkToken(readFile(path, 'tokenFile'), 'tokenFile')
  const token = readText(user, 'token', 'user')
  if (token !== null) refuseMasked(token, 'token')
  return token === null ? null : checkToken(token, 'token')
}

/** What kubectl and others write in place of a secret: some of it is a token, and some base64. */
const masked =
  /^[<[({*]*\s*(data\+omitted|redacted|omitted|removed|masked|hidden|sensitive|[*x]{3,})\s*[>\])}*]*$/i

function refuseMasked(value: string, field: string): void {
  if (!masked.test(value.trim())) return
  throw new Refusal(
    `"${field}" is masked: the kubeconfig was written without its secrets.`,
    'Write it anew and add "--raw": "kubectl config view --minify --flatten --raw".',
  )
}

/** Throws Refusal for what can be no bearer token. */
export function checkToken(text: string, field: string): string {
  const token = text.trim()
  if (/^[\x21-\x7e]+$/.test(token)) return token
  throw new Refusal(
    token === ''
      ? `The user's "${field}" is empty.`
      : `The user's "${field}" holds spaces or other characters no token has.`,
    'Copy it again.',
  )
}

function isAllowed(
  allowed: ReadonlySet<string> | 'any' | undefined,
  value: string | null,
): boolean {
  return allowed === 'any' || (value !== null && allowed?.has(value) === true)
}

function readClientCertificate(user: Record<string, unknown>, readFile: ReadReferencedFile) {
  const certificate = readPem(user, 'client-certificate', 'user', readFile)
  const key = readPem(user, 'client-key', 'user', readFile)
  if (certificate === null && key === null) return null
  if (certificate === null || key === null) {
    const missing = certificate === null ? 'client-certificate-data' : 'client-key-data'
    throw new Refusal(
      `The user's client certificate is incomplete: "${missing}" is missing.`,
      howToMake,
    )
  }
  return checkClientCertificate(certificate, key)
}

/** As kubectl does: inline data wins over the file beside it, which is then not opened. */
function readPem(
  entry: Record<string, unknown>,
  name: string,
  owner: string,
  readFile: ReadReferencedFile,
): NamedPem | null {
  const field = `${name}-data`
  const value = readText(entry, field, owner)
  if (value === null) {
    const path = readText(entry, name, owner)
    return path === null ? null : { pem: readFile(path, name), field: name }
  }
  refuseMasked(value, field)
  const base64 = value.replaceAll(/\s/g, '')
  if (base64.length % 4 !== 0 || !/^[A-Za-z0-9+/]+={0,2}$/.test(base64)) {
    throw new Refusal(`"${field}" is not base64.`, howToMake)
  }
  return { pem: Buffer.from(base64, 'base64').toString('latin1'), field }
}

function readText(entry: Record<string, unknown>, field: string, owner: string): string | null {
  if (!isSet(entry, field)) return null
  const value = entry[field]
  if (typeof value === 'string') return value
  throw new Refusal(`The ${owner}'s "${field}" is not text.`, `Put its value in quotes.`)
}

/** As kubectl reads it: null and the empty string are the same as nothing. */
function isSet(entry: Record<string, unknown>, field: string): boolean {
  const value = entry[field]
  return value !== undefined && value !== null && value !== ''
}

function listNames(all: readonly string[]): string {
  const more = all.length > namesMax ? ' and more' : ''
  return all.slice(0, namesMax).map(shorten).join(', ') + more
}

/** Names come from the file and go to a person's screen. */
function shorten(name: string): string {
  const plain = name.replaceAll(/\p{C}/gu, '')
  return plain.length > 80 ? `${plain.slice(0, 80)}…` : plain
}
