export {
  ConfigError,
  loadConfig,
  readClusterProxies,
  type AccessModes,
  type Config,
  type ConfigGrant,
  type Environment,
} from './load-config.ts'
export { variables, type VariableName } from './variables.ts'
