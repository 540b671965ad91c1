import type { BlockList } from 'node:net'
import type { LogLevel } from '#log'
import type { AccessModes } from './read-access-modes.ts'
import type { ClientCredential } from './read-credential.ts'
import type { ExchangeClients } from './read-exchange-clients.ts'
import type { ReadConfigFile } from './file/follow-config-file.ts'
import type { DatabaseConfig } from './read-database.ts'
import type { ExecPluginRules } from './read-exec-plugins.ts'
import type { ConfigGrant } from './read-grants.ts'
import type { OutsideProviderConfig } from './outside-providers.ts'
import type { JwtIssuerConfig } from './read-jwt-issuers.ts'
import type { LocalMode } from './read-local-mode.ts'
import type { PrometheusConfigs } from './read-prometheus.ts'
import type { ProvidersConfig } from './read-providers.ts'

/** The OpenAI-compatible door. */
export type GatewayConfig = {
  /** In local mode alone: whoever comes is the person of this machine. */
  isOpen: boolean
  access: 'grants' | 'authenticated'
  /** Whose tokens are the gateway's own. */
  issuer: string | null
  /** With what its issuer is asked about tokens that are no JWTs; null where nothing proves who asks. */
  introspection: IntrospectionConfig | null
  allowedModels: readonly string[]
  disallowedModels: readonly string[]
  providers: readonly OutsideProviderConfig[]
}

export type IntrospectionConfig = {
  issuer: string
  clientId: string
  credential: ClientCredential
}

/** The agents' door. */
export type McpConfig = {
  /** In local mode alone: whoever comes is the person of this machine. */
  isOpen: boolean
  /** Of whose tokens are made for it; null where there is none. */
  issuer: string | null
  /** Whose tokens it takes: those alone where there are such, else what the whole hub takes. */
  issuers: readonly Pick<JwtIssuerConfig, 'issuer' | 'audiences'>[]
}

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
  /** Open to one cluster at a time. */
  modelCallsMax: number
  exchangeClients: ExchangeClients
  prometheus: PrometheusConfigs
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
  /** Of whoever reads `/metrics`; null where there is none. */
  metricsToken: string | null
  /** Where browsers reach the hub: one origin, or whichever of the hosts the request names. */
  publicOrigin: { origin: string } | { hosts: ReadonlySet<string> }
  /** Whose access tokens the API takes. */
  jwt: { issuers: readonly JwtIssuerConfig[]; leewaySeconds: number }
  gateway: GatewayConfig
  mcp: McpConfig
  /** What seals the providers' tokens at rest: the first seals, all open. */
  encryptionSecrets: readonly [string, ...string[]]
  /** Whether the metrics of every model are read, looked at or not. */
  fleetMetrics: boolean
  /** How long rows of the audit log are kept; null for ever. */
  audit: { retentionSeconds: number | null }
  grants: readonly ConfigGrant[]
  /** HUB_CONFIG_FILE as it was at the start; null without one. */
  file: ReadConfigFile | null
  /** How long groups count that could not be looked up again. */
  groupStaleSeconds: number
  /** How often groups are looked up again without a sign-in; null for never. */
  groupSyncSeconds: number | null
  /** Sentences for the operator's log. */
  warnings: readonly string[]
}
