import { readFileSync } from 'node:fs'
import type { Config } from './config.ts'
import { ConfigError } from './load-config.ts'
import { parseText } from './parsers.ts'
import { isPostgresUrl, readDatabaseUrl, type DatabaseConfig } from './read-database.ts'
import { readVariables, type Environment, type Source } from './read-variables.ts'
import { clusterVariables } from './variables/clusters.ts'
import { databaseVariables } from './variables/database.ts'

/** What `bun run credential` goes by, which may run on a machine that has nothing else of the hub's. Throws ConfigError. */
export function loadCredentialConfig(
  env: Environment,
): Pick<Config['credentials'], 'path' | 'allowInsecureTls' | 'clusterProxies'> {
  const source = createSource(env)
  const { CREDENTIALS_PATH, HUB_ALLOW_CLUSTER_PROXIES, HUB_ALLOW_INSECURE_TLS } = clusterVariables
  const values = readVariables(
    { CREDENTIALS_PATH, HUB_ALLOW_CLUSTER_PROXIES, HUB_ALLOW_INSECURE_TLS },
    source,
  )
  if (source.mistakes.length > 0) throw new ConfigError(source.mistakes)
  return {
    path: values.CREDENTIALS_PATH,
    allowInsecureTls: values.HUB_ALLOW_INSECURE_TLS,
    clusterProxies: values.HUB_ALLOW_CLUSTER_PROXIES,
  }
}

type MoveConfig = {
  from: Extract<DatabaseConfig, { driver: 'sqlite' }>
  to: Extract<DatabaseConfig, { driver: 'postgres' }>
}

/** Between which databases `bun run move-to-postgres` copies. Throws ConfigError. */
export function loadMoveConfig(env: Environment): MoveConfig {
  const source = createSource(env)
  const { mistakes, readFile } = source
  const { DATABASE_URL } = databaseVariables
  const TARGET_DATABASE_URL = {
    default: null,
    secret: true,
    purpose: '',
    parse: parseText,
  } as const
  const urls = readVariables({ DATABASE_URL, TARGET_DATABASE_URL }, source)
  const from = readDatabaseUrl('DATABASE_URL', urls.DATABASE_URL, readFile, mistakes)
  if (from.driver === 'postgres') {
    mistakes.push('DATABASE_URL already names PostgreSQL: set it to the path of the SQLite file.')
  }
  const to = readTarget(urls.TARGET_DATABASE_URL, source)
  if (mistakes.length > 0 || from.driver === 'postgres' || to === null) {
    throw new ConfigError(mistakes)
  }
  return { from, to }
}

function readTarget(url: string | null, { mistakes, readFile }: Source): MoveConfig['to'] | null {
  if (url === null) {
    mistakes.push(
      'Say where to, with TARGET_DATABASE_URL: postgres://user:password@host:5432/database.',
    )
    return null
  }
  if (isPostgresUrl(url)) {
    const target = readDatabaseUrl('TARGET_DATABASE_URL', url, readFile, mistakes)
    if (target.driver === 'postgres') return target
  }
  mistakes.push('TARGET_DATABASE_URL is not a PostgreSQL address: one begins with postgres://')
  return null
}

function createSource(env: Environment): Source {
  return {
    env,
    readFile: (path) => readFileSync(path, 'utf8'),
    mode: { isLocal: false, production: false },
    mistakes: [],
    warnings: [],
  }
}
