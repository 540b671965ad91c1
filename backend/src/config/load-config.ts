import { readFileSync } from 'node:fs'
import type { Config } from './config.ts'
import { readConfigFile } from './file/read-config-file.ts'
import type { BesideFile } from './file/read-providers.ts'
import { hidePasswordsOf } from './hide-password.ts'
import { requireExchangeClients } from './read-exchange-clients.ts'
import { readHttpIssuers } from './http-issuers.ts'
import { readDatabase } from './read-database.ts'
import { readDoors } from './read-doors.ts'
import { readJwtIssuers, type JwtIssuerConfig } from './read-jwt-issuers.ts'
import { checkLocalMode, readLocalMode } from './read-local-mode.ts'
import { noProviders, readProviders } from './read-providers.ts'
import { readVariables, type Environment, type Source } from './read-variables.ts'
import { accessVariables } from './variables/access.ts'
import { clusterVariables } from './variables/clusters.ts'
import { databaseVariables } from './variables/database.ts'
import { modeVariables } from './variables/mode.ts'
import { serverVariables } from './variables/server.ts'
import { sessionVariables } from './variables/sessions.ts'
import { issuerVariables } from './variables/sign-in.ts'

/** Every mistake at once, each a sentence that names the variable and the fix. */
export class ConfigError extends Error {
  readonly mistakes: readonly string[]

  constructor(mistakes: readonly string[]) {
    super(mistakes.join('\n'))
    this.name = 'ConfigError'
    this.mistakes = mistakes
  }
}

/**
 * Reads the whole configuration from the environment. Pure but for the files that `NAME_FILE` and HUB_CONFIG_FILE name.
 * Throws ConfigError.
 */
export function loadConfig(
  env: Environment,
  readFile: (path: string) => string = (path) => readFileSync(path, 'utf8'),
): Config {
  const { publicUrl, source } = readMode(env, readFile)
  const { mistakes, mode, warnings } = source
  const server = readVariables(serverVariables, source)
  const sessions = readVariables(sessionVariables, source)
  const access = readVariables(accessVariables, source)
  const settings: Omit<Config, 'file'> = {
    local: mode.isLocal ? readLocalMode(source) : null,
    production: mode.production,
    listen: { host: server.HOST, port: server.PORT },
    drainSeconds: server.HUB_DRAIN_SECONDS,
    logLevel: server.LOG_LEVEL,
    ...readStorage(source),
    ...readClusters(source),
    session: {
      secrets: sessions.SESSION_SECRET,
      idleSeconds: sessions.SESSION_IDLE_TIMEOUT,
      absoluteSeconds: sessions.SESSION_ABSOLUTE_TIMEOUT,
      renewSeconds: sessions.SESSION_RENEW_INTERVAL,
    },
    encryptionSecrets: joinSecrets(sessions.HUB_ENCRYPTION_KEY, sessions.SESSION_SECRET),
    trustedProxies: server.TRUSTED_PROXIES,
    corsOrigins: server.CORS_ORIGINS,
    metricsToken: server.METRICS_TOKEN,
    requestsPerMinute: {
      general: server.HUB_REQUESTS_PER_MINUTE,
      login: server.HUB_LOGINS_PER_MINUTE,
    },
    publicOrigin: joinPublicOrigin(publicUrl, server.ALLOWED_HOSTS, server.PORT, source),
    ...readIssuers(source, publicUrl),
    grants: [...access.HUB_ADMINS, ...access.HUB_GRANTS],
    groupStaleSeconds: access.GROUP_STALE_MAX,
    groupSyncSeconds: access.GROUP_SYNC_INTERVAL,
    warnings,
  }
  const providers = settings.gateway.providers.map(({ id }) => id)
  const file = readFileOf(access.HUB_CONFIG_FILE, { source, providers })
  if (mistakes.length > 0) throw new ConfigError(mistakes)
  return { ...settings, file }
}

function readFileOf(path: string | null, beside: BesideFile): Config['file'] {
  if (path === null) return null
  const read = () => readConfigFile(path, beside)
  const file = read()
  if (file.ok) {
    const { content, keyFiles, modifiedAt } = file
    return { path, content, keyFiles, modifiedAt, read }
  }
  beside.source.mistakes.push(...file.mistakes)
  return null
}

/** What everything else goes by. */
function readMode(
  env: Environment,
  readFile: Source['readFile'],
): { publicUrl: string | null; source: Source } {
  const source = { env, readFile, mistakes: [] as string[], warnings: [] }
  const { AUTH_CALLBACK_URL, HUB_MODE, NODE_ENV } = readVariables(modeVariables, {
    ...source,
    mode: { isLocal: false, production: false },
  })
  const isLocal = !HUB_MODE
  if (isLocal) checkLocalMode(env, source.mistakes)
  const production = NODE_ENV === 'production' || AUTH_CALLBACK_URL?.startsWith('https:') === true
  return { publicUrl: AUTH_CALLBACK_URL, source: { ...source, mode: { isLocal, production } } }
}

function readStorage(source: Source): Pick<Config, 'database' | 'audit'> {
  const values = readVariables(databaseVariables, source)
  return {
    database: readDatabase(
      { url: values.DATABASE_URL, directUrl: values.DATABASE_DIRECT_URL ?? undefined },
      source.readFile,
      source.mistakes,
    ),
    audit: { retentionSeconds: values.AUDIT_RETENTION },
  }
}

function readClusters(
  source: Source,
): Pick<
  Config,
  | 'credentials'
  | 'accessModes'
  | 'modelCallsMax'
  | 'exchangeClients'
  | 'fleetMetrics'
  | 'prometheus'
> {
  const values = readVariables(clusterVariables, source)
  const { env } = source
  requireExchangeClients(values.HUB_ACCESS_MODES, values.HUB_EXCHANGE_CLIENTS, source)
  return {
    fleetMetrics: values.HUB_FLEET_METRICS,
    credentials: {
      path: values.CREDENTIALS_PATH,
      allowLoopback: values.HUB_ALLOW_LOOPBACK_CLUSTERS,
      allowInsecureTls: values.HUB_ALLOW_INSECURE_TLS,
      execPlugins: values.HUB_ALLOW_EXEC_PLUGINS,
      clusterProxies: values.HUB_ALLOW_CLUSTER_PROXIES,
      execEnvironment: {
        ...(env['PATH'] && { PATH: env['PATH'] }),
        ...(env['HOME'] && { HOME: env['HOME'] }),
      },
    },
    accessModes: values.HUB_ACCESS_MODES,
    modelCallsMax: values.HUB_MODEL_CALLS_PER_INSTANCE,
    exchangeClients: values.HUB_EXCHANGE_CLIENTS,
    prometheus: values.HUB_PROMETHEUS,
  }
}

/** Identity providers and the issuers of access tokens share what may be reached by plain http. */
function readIssuers(
  source: Source,
  publicUrl: string | null,
): Pick<
  Config,
  | 'jwt'
  | 'gateway'
  | 'mcp'
  | 'enabledProviders'
  | 'entra'
  | 'github'
  | 'oidc'
  | 'allowedEmailDomains'
> {
  const values = readVariables(issuerVariables, source)
  const httpIssuers = readHttpIssuers(values.HUB_ALLOW_HTTP_ISSUERS, source)
  const providers = source.mode.isLocal ? noProviders : readProviders(source, httpIssuers)
  const issuers = readJwtIssuers(values.JWT_ISSUERS, httpIssuers, source.mistakes)
  const { gateway, issuers: added, mcp } = readDoors(source, httpIssuers, publicUrl, issuers)
  httpIssuers.warnOfUnused()
  return {
    ...providers,
    gateway,
    mcp,
    jwt: {
      issuers: added.reduce<readonly JwtIssuerConfig[]>(addIssuer, issuers),
      leewaySeconds: values.JWT_LEEWAY_SECONDS,
    },
  }
}

/** One that JWT_ISSUERS names as well keeps what that says of it. */
function addIssuer(
  issuers: readonly JwtIssuerConfig[],
  added: JwtIssuerConfig,
): readonly JwtIssuerConfig[] {
  const known = issuers.find(({ issuer }) => issuer === added.issuer)
  if (!known) return [...issuers, added]
  const audiences = [...new Set([...known.audiences, ...added.audiences])]
  return issuers.map((each) => (each === known ? { ...known, audiences } : each))
}

/** What SESSION_SECRET sealed before HUB_ENCRYPTION_KEY was set still opens. */
function joinSecrets(
  [first, ...rest]: readonly string[],
  sessionSecrets: Config['session']['secrets'],
): Config['encryptionSecrets'] {
  return first === undefined ? sessionSecrets : [first, ...rest, ...sessionSecrets]
}

function joinPublicOrigin(
  publicUrl: string | null,
  allowedHosts: readonly string[],
  port: number,
  { mistakes, mode }: Source,
): Config['publicOrigin'] {
  if (publicUrl !== null) return { origin: publicUrl }
  const show = hidePasswordsOf(allowedHosts.join())
  for (const host of allowedHosts) {
    if (!/^(\[[0-9a-f:.]+\]|[a-z0-9.-]+)(:[0-9]+)?$/i.test(host)) {
      mistakes.push(
        `ALLOWED_HOSTS lists "${show(host)}"; write host or host:port, such as hub.example.com.`,
      )
    }
  }
  if (allowedHosts.length > 0) {
    return { hosts: new Set(allowedHosts.map((host) => host.toLowerCase())) }
  }
  if (mode.production) {
    mistakes.push(
      'In production the hub must know its own address: set AUTH_CALLBACK_URL (https://hub.example.com) or ALLOWED_HOSTS.',
    )
  }
  return { hosts: new Set(['localhost', '127.0.0.1', '[::1]'].map((name) => `${name}:${port}`)) }
}
