import { createPrivateKey, X509Certificate, type KeyObject } from 'node:crypto'
import { isAlias, isMap, isScalar, parseDocument, visit, type Document } from 'yaml'
import { describeBlockedHost } from './addresses.ts'
import { isRecord } from './objects.ts'

export type KubeconfigPolicy = {
  allowLoopback: boolean
  allowInsecureTls: boolean
  /** Origins of the HTTP proxies that a cluster may be reached through; none by default. */
  clusterProxies?: ReadonlySet<string> | 'any'
  /** Absolute paths of the programs that an `exec` entry may run; none by default. */
  execPlugins?: ReadonlySet<string> | 'any'
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

/** A program that prints the credential (client.authentication.k8s.io), as the kubeconfig asks to run it. */
export type ExecPlugin = {
  command: string
  args: string[]
  env: Record<string, string>
  apiVersion: ExecApiVersion
  provideClusterInfo: boolean
}

const execApiVersions = [
  'client.authentication.k8s.io/v1',
  'client.authentication.k8s.io/v1beta1',
] as const
type ExecApiVersion = (typeof execApiVersions)[number]

/** With `exec`, the credential holds neither token nor client certificate until that program gave one. */
export type ParsedKubeconfig =
  | {
      ok: true
      credential: ClusterCredential
      exec: ExecPlugin | null
      /** The namespace that the context names. */
      namespace: string | null
      warnings: string[]
    }
  | { ok: false; reason: string; fix: string }

export const kubeconfigBytesMax = 1024 * 1024

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
      namespace: context.namespace,
      warnings: [...context.warnings, ...cluster.warnings, ...user.warnings],
    }
  } catch (error) {
    if (error instanceof Refusal) return { ok: false, reason: error.message, fix: error.fix }
    throw error
  }
}

/** Why a kubeconfig is not taken, and what to do. */
export class Refusal extends Error {
  readonly fix: string

  constructor(reason: string, fix: string) {
    super(reason)
    this.fix = fix
  }
}

function refuseFile(_: string, field: string): never {
  throw new Refusal(`"${field}" names a file, which the hub does not open here.`, inlineFix)
}

const howToMake =
  'Copy a kubeconfig with inline credentials, such as one from "kubectl config view --minify --flatten --raw".'
const inlineFix =
  'Inline it: "kubectl config view --minify --flatten --raw" writes the file\'s content into the kubeconfig.'
const serviceAccountFix =
  'Use a kubeconfig with the token of a ServiceAccount or an inline client certificate instead.'

/** The kubeconfig as it stands in the file. Throws Refusal for what is none, or is a trap. */
export function readYaml(text: string): Record<string, unknown> {
  if (Buffer.byteLength(text) > kubeconfigBytesMax) {
    throw new Refusal('The file is larger than 1 MiB.', howToMake)
  }
  if (text.trim() === '') throw new Refusal('The file is empty.', howToMake)
  const value = parseYaml(text)
  const notKubeconfig = 'The file is not a kubeconfig'
  if (!isRecord(value)) throw new Refusal(`${notKubeconfig}: it holds no mapping.`, howToMake)
  if ((value.kind ?? 'Config') !== 'Config' || (value.apiVersion ?? 'v1') !== 'v1') {
    throw new Refusal(`${notKubeconfig}: it is not "kind: Config" of "apiVersion: v1".`, howToMake)
  }
  if (!('clusters' in value) && !('users' in value) && !('contexts' in value)) {
    throw new Refusal(`${notKubeconfig}: it has no clusters, users and contexts.`, howToMake)
  }
  return value
}

function parseYaml(text: string): unknown {
  let document: Document.Parsed
  try {
    if (nestsTooDeep(text)) throw new RangeError('nested too deep')
    document = parseDocument(text, {
      // A pretty error would quote the line, and with it a secret.
      prettyErrors: false,
      schema: 'core',
      merge: false,
      uniqueKeys: true,
      stringKeys: true,
      resolveKnownTags: false,
      logLevel: 'error',
    })
  } catch {
    throw new Refusal('The file is not YAML.', howToMake)
  }
  const problem = document.errors[0]
  if (problem) {
    const line = text.slice(0, problem.pos[0]).split('\n').length
    const what =
      problem.code === 'DUPLICATE_KEY'
        ? `has the same key twice (line ${line})`
        : problem.code === 'MULTIPLE_DOCS'
          ? `holds more than one YAML document (line ${line})`
          : `is not YAML (line ${line}: ${problem.code.toLowerCase().replaceAll('_', ' ')})`
    throw new Refusal(`The file ${what}.`, 'Correct the line, or copy the kubeconfig again.')
  }
  if (document.warnings.length > 0) {
    throw new Refusal('The file uses YAML tags, which no kubeconfig needs.', 'Remove the tags.')
  }
  refuseTraps(document)
  return document.toJS({ maxAliasCount: 0 })
}

const depthMax = 64

/** Flow collections are the only YAML that nests without growing wider; checked before a recursive parser sees them. */
function nestsTooDeep(text: string): boolean {
  let depth = 0
  for (const char of text) {
    if (char === '[' || char === '{') depth += 1
    else if (char === ']' || char === '}') depth -= 1
    if (depth > depthMax) return true
  }
  return false
}

function refuseTraps(document: Document.Parsed): void {
  visit(document, (_, node) => {
    if (isAlias(node)) {
      throw new Refusal(
        'The file uses YAML aliases, which no kubeconfig needs.',
        'Write values out.',
      )
    }
    if (!isMap(node)) return
    for (const { key } of node.items) {
      const name = isScalar(key) ? key.value : key
      if (name === '__proto__' || name === 'constructor' || name === 'prototype') {
        throw new Refusal(`The file has a key "${name}".`, 'Remove that key.')
      }
    }
  })
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
            `Only the current context "${shorten(current)}" is used; ignored: ${others.slice(0, 20).map(shorten).join(', ')}${others.length > 20 ? ' and more' : ''}.`,
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
  const exec = readExec(user, policy)
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
    warnings:
      impersonation.length === 0
        ? []
        : [`Impersonation in the kubeconfig is ignored: ${impersonation.map(shorten).join(', ')}.`],
  }
}

/** As client-go does: the file's token wins over the one beside it. */
function readUserToken(user: Record<string, unknown>, readFile: ReadReferencedFile): string | null {
  const path = readText(user, 'tokenFile', 'user')
  if (path !== null) return checkToken(readFile(path, 'tokenFile'), 'tokenFile')
  const token = readText(user, 'token', 'user')
  return token === null ? null : checkToken(token, 'token')
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

/** What makes a dynamic linker or an interpreter run something else than the program that was allowed. */
const loaderVariables =
  /^(LD_.*|DYLD_.*|PATH|HOME|IFS|ENV|BASH_ENV|NODE_OPTIONS|NODE_PATH|PYTHON.*|PERL5.*|RUBY.*|JAVA_TOOL_OPTIONS|_JAVA_OPTIONS|KUBERNETES_EXEC_INFO)$/i

const argumentsMax = 100

function readExec(user: Record<string, unknown>, policy: KubeconfigPolicy): ExecPlugin | null {
  const exec = user.exec
  if (exec === undefined || exec === null || exec === '') return null
  if (!isRecord(exec) || typeof exec.command !== 'string' || exec.command === '') {
    throw new Refusal('The user\'s "exec" names no command.', serviceAccountFix)
  }
  const { command } = exec
  const { execPlugins } = policy
  if (!isAllowed(execPlugins, command.startsWith('/') ? command : null)) {
    throw new Refusal(
      `The user runs a program ("exec") to get a credential, which the hub ${execPlugins instanceof Set && execPlugins.size > 0 ? 'allows for other programs only' : 'does not'}.`,
      'Make a kubeconfig with a ServiceAccount\'s token: "bun run credential <context>". An operator may allow a program by its absolute path in HUB_ALLOW_EXEC_PLUGINS.',
    )
  }
  const apiVersion = execApiVersions.find((version) => version === exec.apiVersion)
  if (!apiVersion) {
    throw new Refusal(
      'The "apiVersion" of the user\'s "exec" is unknown.',
      `Use ${execApiVersions.join(' or ')}.`,
    )
  }
  if (exec.interactiveMode === 'Always') {
    throw new Refusal(
      'The user\'s "exec" asks for a terminal ("interactiveMode: Always"), which the hub has not.',
      serviceAccountFix,
    )
  }
  return {
    command,
    args: readArguments(exec.args),
    env: readVariables(exec.env, execPlugins === 'any'),
    apiVersion,
    provideClusterInfo: exec.provideClusterInfo === true,
  }
}

function isAllowed(
  allowed: ReadonlySet<string> | 'any' | undefined,
  value: string | null,
): boolean {
  return allowed === 'any' || (value !== null && allowed?.has(value) === true)
}

function readArguments(value: unknown): string[] {
  const list: unknown[] = Array.isArray(value)
    ? value
    : value === undefined || value === null
      ? []
      : [value]
  const args = list.filter((item) => typeof item === 'string' && !item.includes('\0'))
  if (args.length < list.length || args.length > argumentsMax) {
    throw new Refusal(
      'The "args" of the user\'s "exec" are no list of texts.',
      'Put each in quotes.',
    )
  }
  return args as string[]
}

function readVariables(value: unknown, anyProgram: boolean): Record<string, string> {
  const list: unknown[] = Array.isArray(value)
    ? value
    : value === undefined || value === null
      ? []
      : [value]
  const pairs = list.map((item): [string, string] => {
    if (
      !isRecord(item) ||
      typeof item.name !== 'string' ||
      typeof item.value !== 'string' ||
      !/^[A-Za-z_][A-Za-z0-9_]*$/.test(item.name) ||
      item.value.includes('\0')
    ) {
      throw new Refusal(
        'The "env" of the user\'s "exec" is no list of names and values.',
        'Write each as "name" and "value".',
      )
    }
    if (!anyProgram && loaderVariables.test(item.name)) {
      throw new Refusal(
        `The "env" of the user's "exec" sets ${item.name}, which decides what the program runs.`,
        'Remove it.',
      )
    }
    return [item.name, item.value]
  })
  return Object.fromEntries(pairs.slice(0, argumentsMax))
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

type NamedPem = { pem: string; field: string }

/** Throws Refusal unless both can be read and belong together. */
export function checkClientCertificate(certificate: NamedPem, key: NamedPem) {
  const certificates = readCertificates(certificate.pem, certificate.field)
  if (!new X509Certificate(certificates[0]!).checkPrivateKey(readKey(key.pem, key.field))) {
    throw new Refusal(
      `The user's "${key.field}" does not belong to its "${certificate.field}".`,
      howToMake,
    )
  }
  return { certificate: certificates.join('\n'), key: key.pem }
}

function readCertificates(pem: string, field: string): string[] {
  const blocks =
    pem.match(/-----BEGIN CERTIFICATE-----[\sA-Za-z0-9+/=]+-----END CERTIFICATE-----/g) ?? []
  try {
    if (blocks.length > 0)
      return blocks.map((block) => new X509Certificate(block).toString().trim())
  } catch {
    // The reason is the same as for no block at all.
  }
  throw new Refusal(`"${field}" holds no PEM certificate that can be read.`, howToMake)
}

function readKey(pem: string, field: string): KeyObject {
  if (/ENCRYPTED/.test(pem)) {
    throw new Refusal(`"${field}" is encrypted with a passphrase.`, 'Give the key unencrypted.')
  }
  try {
    return createPrivateKey(pem)
  } catch {
    throw new Refusal(`"${field}" holds no PEM key that can be read.`, howToMake)
  }
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

/** Names come from the file and go to a person's screen. */
function shorten(name: string): string {
  const plain = name.replaceAll(/\p{C}/gu, '')
  return plain.length > 80 ? `${plain.slice(0, 80)}…` : plain
}
