export { findAuthoritiesEnd, findAuthoritiesFault } from './check-authorities.ts'
export { deriveKeys, type KeyPurpose } from './derive-keys.ts'
export type { Config, IntrospectionConfig } from './config.ts'
export { normalizeGroupId, type ConfigMapping, type ConfigFileContent } from './file/content.ts'
export {
  followConfigFile,
  type FollowedFile,
  type ReadConfigFile,
} from './file/follow-config-file.ts'
export { loadCredentialConfig, loadMoveConfig } from './load-command-config.ts'
export { ConfigError, loadConfig } from './load-config.ts'
export { parseAssertion, parseClientKey, type ClientKey, type Parsed } from './client-key.ts'
export { isLoopbackHost } from './loopback.ts'
export { serviceAccess, type AccessModes } from './read-access-modes.ts'
export type { ClientCredential } from './read-credential.ts'
export type { ExchangeClient, ExchangeClients } from './read-exchange-clients.ts'
export type {
  ClientAuthMethod,
  EntraConfig,
  GithubConfig,
  OidcConfig,
  ProvidersConfig,
} from './read-providers.ts'
export { describeDatabase } from './read-database.ts'
export type { OutsideProviderConfig } from './outside-providers.ts'
export { readPostgresUrl, type PostgresHost, type PostgresServer } from './read-postgres-url.ts'
export type { ConfigGrant } from './read-grants.ts'
export type { AccessTokenSign, JwtIssuerConfig } from './read-jwt-issuers.ts'
export type { PrometheusConfig, PrometheusConfigs } from './read-prometheus.ts'
export { readVersion } from './read-version.ts'
export type { Environment } from './read-variables.ts'
