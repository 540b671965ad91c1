import { ConfigError, loadConfig, type Environment } from '#config'

/** What keeps the hub from starting with these variables; none where nothing does. */
export function mistakesOf(
  env: Environment,
  readFile?: (path: string) => string,
): readonly string[] {
  try {
    loadConfig(env, readFile)
    return []
  } catch (error) {
    if (error instanceof ConfigError) return error.mistakes
    throw error
  }
}
