export {
  ConfigError,
  loadConfig,
  type Config,
  type ConfigGrant,
  type Environment,
} from './load-config.ts'
export { variables, type VariableName } from './variables.ts'
