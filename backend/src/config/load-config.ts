import { readFileSync } from 'node:fs'
import { BlockList, isIP } from 'node:net'
import { AccessMode, InstanceId, NamespaceName, Role, type Grant } from '@hub/shared'
import * as z from 'zod'
import type { LogLevel } from '#log'
import { readHttpIssuers } from './http-issuers.ts'
import { readDatabase, type DatabaseConfig } from './read-database.ts'
import { readExecPlugins, type ExecPluginRules } from './read-exec-plugins.ts'
import { readJwtIssuers, type JwtIssuerConfig } from './read-jwt-issuers.ts'
import { checkLocalMode, readLocalMode, type LocalMode } from './read-local-mode.ts'
import { noProviders, readProviders, type ProvidersConfig } from './providers.ts'
import { readList, readQuotedList } from './read-list.ts'
import { variables, type VariableName } from './variables.ts'

/** How the hub acts on each instance; `fallback` for those without an entry. */
export type AccessModes = { instances: ReadonlyMap<string, AccessMode>; fallback: AccessMode }

export type ConfigGrant = { principal: string; grant: Grant }

export type Config = ProvidersConfig & {
  /** Without HUB_MODE: one person on this machine; null where people sign in. */
  local: LocalMode | null
  production: boolean
  listen: { host: string; port: number }
  /** For how long a hub that is to end still takes new connections. */
  drainSeconds: number
  logLevel: LogLevel
  database: DatabaseConfig
  credentials: {
    path: string
    allowLoopback: boolean
    allowInsecureTls: boolean
    execPlugins: ExecPluginRules
    /** Origins. */
    clusterProxies: ReadonlySet<string>
    /** What those programs see of the hub's own environment. */
    execEnvironment: Record<string, string | undefined>
  }
  accessModes: AccessModes
  session: {
    /** The first signs, all verify. */
    secrets: readonly [string, ...string[]]
    idleSeconds: number
    absoluteSeconds: number
    /** How often a session gets another secret. */
    renewSeconds: number
  }
  /** Whose word on where a request comes from counts. */
  trustedProxies: BlockList
  /** Origins of other web applications that may call the API with a token. */
  corsOrigins: ReadonlySet<string>
  requestsPerMinute: { general: number; login: number }
  /** Where browsers reach the hub: one origin, or whichever of the hosts the request names. */
  publicOrigin: { origin: string } | { hosts: ReadonlySet<string> }
  /** Whose access tokens the API takes. */
  jwt: { issuers: readonly JwtIssuerConfig[]; leewaySeconds: number }
  /** What seals the providers' tokens at rest: the first seals, all open. */
  encryptionSecrets: readonly [string, ...string[]]
  /** How long rows of the audit log are kept; null for ever. */
  audit: { retentionSeconds: number | null }
  grants: readonly ConfigGrant[]
  /** How long groups count that could not be looked up again. */
  groupStaleSeconds: number
  /** How often groups are looked up again without a sign-in; null for never. */
  groupSyncSeconds: number | null
  /** Sentences for the operator's log. */
  warnings: readonly string[]
}

/** Every mistake at once, each a sentence that names the variable and the fix. */
export class ConfigError extends Error {
  readonly mistakes: readonly string[]

  constructor(mistakes: readonly string[]) {
    super(mistakes.join('\n'))
    this.name = 'ConfigError'
    this.mistakes = mistakes
  }
}

export type Environment = Record<string, string | undefined>

const defaultSessionSecret = 'dev-secret-change-in-production'
const sessionSecretLengthMin = 32
/** What documentation and manifests write where a secret belongs. */
const placeholder =
  /change[-_ ]?(me|this|in)|replace[-_ ]?(me|this|with)|your[-_ ]|placeholder|example/i

/**
 * Reads the whole configuration from the environment. Pure but for the files that `NAME_FILE` names.
 * Throws ConfigError.
 */
export function loadConfig(
  env: Environment,
  readFile: (path: string) => string = (path) => readFileSync(path, 'utf8'),
): Config {
  const mistakes: string[] = []
  const warnings: string[] = []
  const read = (name: VariableName) => readVariable(env, name, readFile, mistakes)

  const isLocal = !readBoolean('HUB_MODE', read('HUB_MODE'), false, mistakes)
  if (isLocal) checkLocalMode(read, mistakes)
  const callbackUrl = read('AUTH_CALLBACK_URL')
  const publicUrl =
    callbackUrl === undefined ? null : readOrigin('AUTH_CALLBACK_URL', callbackUrl, mistakes)
  const production = read('NODE_ENV') === 'production' || publicUrl?.startsWith('https:') === true
  const port = readPort(read('PORT'), mistakes)
  const host = read('HOST') ?? (production ? '0.0.0.0' : '127.0.0.1')
  const publicOrigin = readPublicOrigin(
    publicUrl,
    read('ALLOWED_HOSTS'),
    port,
    production,
    mistakes,
  )

  const sessionSecrets = readSessionSecrets(
    read('SESSION_SECRET'),
    production,
    mistakes,
    // In local mode nobody signs in.
    isLocal ? [] : warnings,
  )
  const httpIssuers = readHttpIssuers(read('HUB_ALLOW_HTTP_ISSUERS'), {
    production,
    mistakes,
    warnings,
  })
  const config: Config = {
    local: isLocal ? readLocalMode(env, read('HUB_LOCAL_SECRET'), mistakes) : null,
    production,
    listen: { host, port },
    drainSeconds: readSeconds(
      'HUB_DRAIN_SECONDS',
      read('HUB_DRAIN_SECONDS') ?? (production ? '5' : '0'),
      mistakes,
    ),
    logLevel: readLogLevel(read('LOG_LEVEL'), mistakes),
    database: readDatabase(
      {
        url: read('DATABASE_URL') ?? (isLocal ? './data/local.db' : undefined),
        directUrl: read('DATABASE_DIRECT_URL'),
      },
      readFile,
      mistakes,
    ),
    credentials: {
      path: read('CREDENTIALS_PATH') ?? './credentials',
      allowLoopback: readBoolean(
        'HUB_ALLOW_LOOPBACK_CLUSTERS',
        read('HUB_ALLOW_LOOPBACK_CLUSTERS'),
        !production,
        mistakes,
      ),
      allowInsecureTls: readBoolean(
        'HUB_ALLOW_INSECURE_TLS',
        read('HUB_ALLOW_INSECURE_TLS'),
        false,
        mistakes,
      ),
      execPlugins: readExecPlugins(read('HUB_ALLOW_EXEC_PLUGINS'), mistakes),
      clusterProxies: readClusterProxies(read('HUB_ALLOW_CLUSTER_PROXIES'), mistakes),
      execEnvironment: {
        ...(env['PATH'] && { PATH: env['PATH'] }),
        ...(env['HOME'] && { HOME: env['HOME'] }),
      },
    },
    accessModes: readAccessModes(read('HUB_ACCESS_MODES'), mistakes),
    session: {
      secrets: sessionSecrets,
      idleSeconds: readDuration(
        'SESSION_IDLE_TIMEOUT',
        read('SESSION_IDLE_TIMEOUT') ?? '30m',
        mistakes,
      ),
      absoluteSeconds: readDuration(
        'SESSION_ABSOLUTE_TIMEOUT',
        read('SESSION_ABSOLUTE_TIMEOUT') ?? '12h',
        mistakes,
      ),
      renewSeconds: readRenewInterval(read('SESSION_RENEW_INTERVAL') ?? '15m', mistakes),
    },
    trustedProxies: readTrustedProxies(read('TRUSTED_PROXIES'), mistakes),
    corsOrigins: readCorsOrigins(read('CORS_ORIGINS'), mistakes),
    requestsPerMinute: {
      general: readCount(
        'HUB_REQUESTS_PER_MINUTE',
        read('HUB_REQUESTS_PER_MINUTE'),
        6000,
        mistakes,
      ),
      login: readCount('HUB_LOGINS_PER_MINUTE', read('HUB_LOGINS_PER_MINUTE'), 20, mistakes),
    },
    publicOrigin,
    ...(isLocal
      ? noProviders
      : readProviders({ read, production, httpIssuers, mistakes, warnings })),
    jwt: {
      issuers: readJwtIssuers(read('JWT_ISSUERS'), httpIssuers, mistakes),
      leewaySeconds: readSeconds('JWT_LEEWAY_SECONDS', read('JWT_LEEWAY_SECONDS') ?? '5', mistakes),
    },
    encryptionSecrets: readEncryptionSecrets(read('HUB_ENCRYPTION_KEY'), sessionSecrets, {
      production,
      mistakes,
      warnings,
    }),
    audit: { retentionSeconds: readRetention(read('AUDIT_RETENTION'), mistakes) },
    grants: [
      ...readAdmins(read('HUB_ADMINS'), mistakes),
      ...readGrants(read('HUB_GRANTS'), mistakes),
    ],
    groupStaleSeconds: readDuration('GROUP_STALE_MAX', read('GROUP_STALE_MAX') ?? '24h', mistakes),
    groupSyncSeconds: readSyncInterval(read('GROUP_SYNC_INTERVAL') ?? '15m', mistakes),
    warnings,
  }
  httpIssuers.warnOfUnused()
  if (mistakes.length > 0) throw new ConfigError(mistakes)
  return config
}

function readVariable(
  env: Environment,
  name: VariableName,
  readFile: (path: string) => string,
  mistakes: string[],
): string | undefined {
  const value = env[name]?.trim() || undefined
  const path = variables[name].secret ? env[`${name}_FILE`]?.trim() || undefined : undefined
  if (path === undefined) return value
  if (value !== undefined) {
    mistakes.push(`${name} and ${name}_FILE are both set; unset one of them.`)
    return value
  }
  try {
    const content = readFile(path).trim()
    if (content === '') mistakes.push(`${name}_FILE names ${path}, which is empty.`)
    return content || undefined
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? ` (${String(error.code)})` : ''
    mistakes.push(
      `${name}_FILE names ${path}, which cannot be read${code}; correct the path or its permissions.`,
    )
    return undefined
  }
}

function readBoolean(
  name: VariableName,
  value: string | undefined,
  fallback: boolean,
  mistakes: string[],
): boolean {
  switch (value?.toLowerCase()) {
    case undefined:
      return fallback
    case 'true':
    case '1':
      return true
    case 'false':
    case '0':
      return false
    default:
      mistakes.push(`${name} must be true or false, not "${value}".`)
      return fallback
  }
}

function readPort(value: string | undefined, mistakes: string[]): number {
  const port = Number(value ?? '3001')
  if (Number.isInteger(port) && port >= 0 && port <= 65535) return port
  mistakes.push(`PORT must be a number from 0 to 65535, not "${value}".`)
  return 3001
}

const logLevels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const

function readLogLevel(value: string | undefined, mistakes: string[]): LogLevel {
  const level = logLevels.find((name) => name === (value ?? 'info').toLowerCase())
  if (level) return level
  mistakes.push(`LOG_LEVEL must be one of ${logLevels.join(', ')}, not "${value}".`)
  return 'info'
}

function readOrigin(name: VariableName, value: string, mistakes: string[]): string | null {
  const url = URL.canParse(value) ? new URL(value) : null
  if (!url || !/^https?:$/.test(url.protocol) || url.username !== '' || url.password !== '') {
    mistakes.push(
      `${name} must be the hub's address, such as https://hub.example.com, not "${value}".`,
    )
    return null
  }
  if (url.pathname !== '/' || url.search !== '' || url.hash !== '') {
    mistakes.push(`${name} must have no path or query: write ${url.origin}.`)
  }
  return url.origin
}

function readPublicOrigin(
  publicUrl: string | null,
  allowedHosts: string | undefined,
  port: number,
  production: boolean,
  mistakes: string[],
): Config['publicOrigin'] {
  if (publicUrl !== null) return { origin: publicUrl }
  const hosts = readList(allowedHosts)
  for (const host of hosts) {
    if (!/^(\[[0-9a-f:.]+\]|[a-z0-9.-]+)(:[0-9]+)?$/i.test(host)) {
      mistakes.push(
        `ALLOWED_HOSTS lists "${host}"; write host or host:port, such as hub.example.com.`,
      )
    }
  }
  if (hosts.length > 0) return { hosts: new Set(hosts.map((host) => host.toLowerCase())) }
  if (production) {
    mistakes.push(
      'In production the hub must know its own address: set AUTH_CALLBACK_URL (https://hub.example.com) or ALLOWED_HOSTS.',
    )
  }
  return { hosts: new Set(['localhost', '127.0.0.1', '[::1]'].map((name) => `${name}:${port}`)) }
}

function readTrustedProxies(value: string | undefined, mistakes: string[]): BlockList {
  const trusted = new BlockList()
  for (const entry of readList(value)) {
    const [address = '', prefix, ...rest] = entry.split('/')
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4'
    const bitsMax = family === 'ipv6' ? 128 : 32
    const bits = prefix === undefined ? bitsMax : /^[0-9]{1,3}$/.test(prefix) ? Number(prefix) : -1
    // A prefix of 0 would let everybody say where they come from.
    if (isIP(address) === 0 || rest.length > 0 || bits < 1 || bits > bitsMax) {
      mistakes.push(
        `TRUSTED_PROXIES lists "${entry}"; write addresses or networks of your own proxies, such as 10.0.0.0/8 or 127.0.0.1.`,
      )
    } else trusted.addSubnet(address, bits, family)
  }
  return trusted
}

function readCorsOrigins(value: string | undefined, mistakes: string[]): Set<string> {
  const origins = new Set<string>()
  for (const entry of readList(value)) {
    const url = URL.canParse(entry) ? new URL(entry) : null
    if (url && /^https?:$/.test(url.protocol) && url.href === `${url.origin}/`) {
      origins.add(url.origin)
    } else {
      mistakes.push(
        `CORS_ORIGINS lists "${entry}"; write origins in full, such as https://console.example.com. There is no "*".`,
      )
    }
  }
  return origins
}

function readCount(
  name: VariableName,
  value: string | undefined,
  fallback: number,
  mistakes: string[],
): number {
  if (value === undefined) return fallback
  if (/^[1-9][0-9]{0,8}$/.test(value)) return Number(value)
  mistakes.push(`${name} must be a whole number from 1 on, not "${value}".`)
  return fallback
}

/** The origins of HTTP proxies; adds to `mistakes` what is none. */
export function readClusterProxies(value: string | undefined, mistakes: string[]): Set<string> {
  const example = 'such as http://egress.corp:3128'
  if (value?.includes('@')) {
    mistakes.push(
      `HUB_ALLOW_CLUSTER_PROXIES lists a proxy with a user name or password; write origins alone, ${example}, and the rest into the kubeconfig.`,
    )
    return new Set()
  }
  const origins = new Set<string>()
  for (const entry of readList(value)) {
    const url = URL.canParse(entry) ? new URL(entry) : null
    const isHttp = url?.protocol === 'http:' || url?.protocol === 'https:'
    if (url && isHttp && url.href === `${url.origin}/`) origins.add(url.origin)
    else {
      const fault = /^socks/i.test(entry) ? 'SOCKS proxies are not supported' : 'it is no origin'
      mistakes.push(
        `HUB_ALLOW_CLUSTER_PROXIES lists "${entry}", but ${fault}; write an HTTP proxy's, ${example}.`,
      )
    }
  }
  return origins
}

function readAccessModes(value: string | undefined, mistakes: string[]): AccessModes {
  const instances = new Map<string, AccessMode>()
  let fallback: AccessMode = 'service'
  for (const entry of readList(value)) {
    const [name = '', mode, ...rest] = entry.split('=').map((part) => part.trim())
    const parsed = AccessMode.safeParse(mode)
    if (
      mode === undefined ||
      rest.length > 0 ||
      (name !== '*' && !InstanceId.safeParse(name).success)
    ) {
      mistakes.push(
        `HUB_ACCESS_MODES has the entry "${entry}"; write <instance>=<mode>, such as prod-east=impersonate or *=service.`,
      )
    } else if (!parsed.success) {
      mistakes.push(
        `HUB_ACCESS_MODES gives ${name} the mode "${mode}", which is unknown; use service or impersonate.`,
      )
    } else if (parsed.data === 'passthrough') {
      mistakes.push(
        `HUB_ACCESS_MODES gives ${name} the mode passthrough, which comes with a later version; use service or impersonate.`,
      )
    } else if (name === '*') fallback = parsed.data
    else instances.set(name, parsed.data)
  }
  return { instances, fallback }
}

function readSessionSecrets(
  value: string | undefined,
  production: boolean,
  mistakes: string[],
  warnings: string[],
): Config['session']['secrets'] {
  const [first = defaultSessionSecret, ...rest] = readList(value)
  refuseWeakSecret('SESSION_SECRET', [first, ...rest], { production, mistakes, warnings })
  return [first, ...rest]
}

/** What SESSION_SECRET sealed before HUB_ENCRYPTION_KEY was set still opens. */
function readEncryptionSecrets(
  value: string | undefined,
  sessionSecrets: Config['session']['secrets'],
  report: { production: boolean; mistakes: string[]; warnings: string[] },
): Config['encryptionSecrets'] {
  const [first, ...rest] = readList(value)
  if (first === undefined) return sessionSecrets
  refuseWeakSecret('HUB_ENCRYPTION_KEY', [first, ...rest], report)
  return [first, ...rest, ...sessionSecrets]
}

function refuseWeakSecret(
  name: VariableName,
  secrets: readonly string[],
  {
    mistakes,
    production,
    warnings,
  }: {
    production: boolean
    mistakes: string[]
    warnings: string[]
  },
): void {
  const weak = secrets.find(
    (secret) =>
      placeholder.test(secret) ||
      secret.length < sessionSecretLengthMin ||
      new Set(secret).size < 8,
  )
  if (weak !== undefined) {
    const isPublic = weak === defaultSessionSecret
    const isPlaceholder = placeholder.test(weak)
    const fault = isPublic
      ? 'is the public default'
      : isPlaceholder
        ? 'is a placeholder'
        : 'is too weak'
    const parts = secrets.length > 1 ? ' (a comma separates secrets, and each of them counts)' : ''
    const fix = `set it to at least ${sessionSecretLengthMin} random characters, for example from: openssl rand -hex 32${parts}`
    if (production) mistakes.push(`${name} ${fault}; ${fix}.`)
    else warnings.push(`${name} ${fault}, which is accepted in development only; ${fix}.`)
  }
}

const secondsPerUnit = { s: 1, m: 60, h: 3600, d: 86_400 } as const

function readDuration(name: VariableName, value: string, mistakes: string[]): number {
  const match = /^([1-9][0-9]{0,6})(s|m|h|d)$/.exec(value)
  if (match) return Number(match[1]) * secondsPerUnit[match[2] as keyof typeof secondsPerUnit]
  mistakes.push(`${name} must be a duration such as 30m or 12h, not "${value}".`)
  return 1
}

function readRetention(value: string | undefined, mistakes: string[]): number | null {
  if (value === undefined) return null
  const days = /^([1-9][0-9]{0,4})d$/.exec(value)?.[1]
  if (days !== undefined) return Number(days) * secondsPerUnit.d
  mistakes.push(
    `AUDIT_RETENTION must be a number of days such as 400d, not "${value}"; leave it out to keep every row.`,
  )
  return null
}

function readSyncInterval(value: string, mistakes: string[]): number | null {
  if (value === '0' || value === 'off') return null
  const before = mistakes.length
  const seconds = readDuration('GROUP_SYNC_INTERVAL', value, mistakes)
  if (mistakes.length === before && seconds < 60) {
    mistakes.push(
      `GROUP_SYNC_INTERVAL must be 1m at least, not "${value}": each round asks the identity provider about everybody. Set "off" to ask at sign-in only.`,
    )
  }
  return seconds
}

function readSeconds(name: VariableName, value: string, mistakes: string[]): number {
  const seconds = Number(value)
  if (/^[0-9]{1,3}$/.test(value) && seconds <= 300) return seconds
  mistakes.push(`${name} must be a number of seconds from 0 to 300, not "${value}".`)
  return 0
}

function readRenewInterval(value: string, mistakes: string[]): number {
  const before = mistakes.length
  const seconds = readDuration('SESSION_RENEW_INTERVAL', value, mistakes)
  // A cookie is good for a minute after it was replaced: two in that time would look like a stolen one.
  if (seconds < 60 && mistakes.length === before) {
    mistakes.push(`SESSION_RENEW_INTERVAL must be a minute or more, not "${value}".`)
  }
  return seconds
}

const Principal = z
  .string()
  .regex(
    /^(entra:[^:\s]+:[^:\s]+|github:[0-9]+|oidc:\P{Cc}{1,255}|service:\P{Cc}+@https?:\/\/\S+)$/u,
    'must be a principal such as oidc:<subject>, github:<numeric id>, entra:<tenant id>:<object id> or service:<client id>@<issuer>',
  )

function readAdmins(value: string | undefined, mistakes: string[]): ConfigGrant[] {
  const items = readQuotedList(value)
  if (items === null) {
    mistakes.push(
      'HUB_ADMINS has a double quote that does not end before a comma; write "…" around a whole principal, and a quote within it twice.',
    )
    return []
  }
  return items.flatMap(({ isQuoted, text: principal }) => {
    const parsed = Principal.safeParse(principal)
    const fault = parsed.error?.issues[0]!.message
    if (fault !== undefined || (!isQuoted && /\s/.test(principal))) {
      const reason = fault ?? 'has blanks in it'
      mistakes.push(
        `HUB_ADMINS lists "${principal}", which ${reason}. A principal with commas or blanks, such as a distinguished name, goes into double quotes: "oidc:CN=Ada Lovelace,OU=ML".`,
      )
      return []
    }
    return [configGrant(`config:admin:${principal}`, { principal, role: 'admin' })]
  })
}

const GrantInput = z.strictObject({
  principal: Principal,
  role: Role,
  instanceId: InstanceId.nullish(),
  namespaces: z
    .array(NamespaceName)
    .min(1, 'must not be empty; leave it out for all namespaces')
    .nullish(),
})

function readGrants(value: string | undefined, mistakes: string[]): ConfigGrant[] {
  if (value === undefined) return []
  let json: unknown
  try {
    json = JSON.parse(value)
  } catch {
    mistakes.push(
      'HUB_GRANTS is not valid JSON; write a list such as [{"principal":"oidc:1234","role":"viewer"}].',
    )
    return []
  }
  const parsed = z.array(GrantInput).safeParse(json)
  if (!parsed.success) {
    for (const issue of parsed.error.issues) {
      const unknown = issue.code === 'unrecognized_keys' ? ` (${issue.keys.join(', ')})` : ''
      mistakes.push(`HUB_GRANTS${formatPath(issue.path)}: ${issue.message}${unknown}.`)
    }
    return []
  }
  return parsed.data.flatMap((input, index) => {
    if (input.role === 'admin' && (input.instanceId || input.namespaces)) {
      mistakes.push(
        `HUB_GRANTS[${index}]: admin is hub-wide always; leave out instanceId and namespaces, or use deployer.`,
      )
      return []
    }
    return [configGrant(`config:${index}`, input)]
  })
}

function formatPath(path: readonly PropertyKey[]): string {
  return path.map((key) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`)).join('')
}

function configGrant(id: string, input: z.infer<typeof GrantInput>): ConfigGrant {
  return {
    principal: input.principal,
    grant: {
      id,
      role: input.role,
      instanceId: input.instanceId ?? null,
      namespaces: input.namespaces ?? null,
      source: 'config',
      endsAt: null,
    },
  }
}
