export { deriveKeys } from './derive-keys.ts'
export {
  ConfigError,
  loadConfig,
  readClusterProxies,
  type AccessModes,
  type Config,
  type ConfigGrant,
  type Environment,
} from './load-config.ts'
export type {
  ClientAuthMethod,
  EntraConfig,
  GithubConfig,
  OidcConfig,
  ProvidersConfig,
} from './providers.ts'
export {
  defaultDatabasePath,
  describeDatabase,
  isPostgresUrl,
  readDatabaseUrl,
} from './read-database.ts'
export { readPostgresUrl, type PostgresHost, type PostgresServer } from './read-postgres-url.ts'
export { variables, type VariableName } from './variables.ts'
export type { AccessTokenSign, JwtIssuerConfig } from './read-jwt-issuers.ts'
export { isLoopbackHost } from './read-local-mode.ts'
