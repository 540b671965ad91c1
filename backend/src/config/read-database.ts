import { resolve } from 'node:path'
import { readPostgresUrl } from './read-postgres-url.ts'

export type DatabaseConfig =
  | { driver: 'sqlite'; path: string }
  /** `directUrl` leads past a pooler, for notices alone. */
  | { driver: 'postgres'; url: string; directUrl?: string }

type ReadFile = (path: string) => string

/** What serves where nothing is configured. */
export const defaultDatabasePath = './data/kubefoundry.db'

export function isPostgresUrl(value: string): boolean {
  return /^postgres(ql)?:\/\//i.test(value)
}

/**
 * What `DATABASE_URL` and `DATABASE_DIRECT_URL` say. What is neither an address of PostgreSQL nor the path of a file is
 * refused, and no mistake repeats it: it may hold a password.
 */
export function readDatabase(
  { directUrl, url }: { url: string; directUrl: string | undefined },
  readFile: ReadFile,
  mistakes: string[],
): DatabaseConfig {
  const database = readDatabaseUrl('DATABASE_URL', url, readFile, mistakes)
  if (directUrl === undefined) return database
  if (database.driver === 'sqlite') {
    mistakes.push('DATABASE_DIRECT_URL is for PostgreSQL behind a pooler; unset it.')
    return database
  }
  if (!isPostgresUrl(directUrl)) {
    mistakes.push('DATABASE_DIRECT_URL is not a PostgreSQL address: one begins with postgres://.')
    return database
  }
  mistakes.push(...readPostgresUrl('DATABASE_DIRECT_URL', directUrl, readFile).mistakes)
  return { ...database, directUrl }
}

export function readDatabaseUrl(
  variable: string,
  value: string,
  readFile: ReadFile,
  mistakes: string[],
): DatabaseConfig {
  if (/^['"`]|['"`]$/.test(value)) {
    mistakes.push(
      `${variable} is in quotes, which are part of the value here (as in --env-file, and in YAML within quotes); write it without them.`,
    )
  } else if (isPostgresUrl(value)) {
    mistakes.push(...readPostgresUrl(variable, value, readFile).mistakes)
    return { driver: 'postgres', url: value }
  } else {
    const fault = findPathFault(value)
    if (fault !== null) mistakes.push(`${variable} ${fault}`)
  }
  return { driver: 'sqlite', path: value.replace(/^(file|sqlite):(\/\/)?/i, '') }
}

const ways = 'write postgres://user:password@host:5432/database, or the path of an SQLite file.'

/** What a value that is no address looks like when it is no path either; null for a path. */
function findPathFault(value: string): string | null {
  if (/[\p{Cc}\p{Cs}]/u.test(value))
    return `holds control characters, such as a line break; ${ways}`
  if (/^jdbc:/i.test(value)) {
    return 'is a JDBC address; write postgres://user:password@host:5432/database.'
  }
  const scheme = /^([a-z][a-z0-9+.-]+):/i.exec(value)?.[1]?.toLowerCase()
  const isFile = scheme === 'file' || scheme === 'sqlite'
  const rest = isFile ? value.slice(scheme.length + 1) : value
  if (scheme?.startsWith('postgres')) {
    return "looks almost like a PostgreSQL address; write postgres:// (two slashes, and no driver's name)."
  }
  if (rest.includes('://')) {
    return !isFile && value.toLowerCase().startsWith(`${scheme}://`)
      ? `names a ${scheme} database; use postgres://… or the path of an SQLite file.`
      : `has something around the address, such as a command; ${ways}`
  }
  if (/^\s*[\w .]+=/.test(rest)) {
    return `is a list of keys and values (host=… user=…), as libpq and ADO.NET take it; ${ways}`
  }
  if (/:memory:/i.test(rest)) {
    return 'asks for a database in memory, which the hub would forget; write the path of an SQLite file.'
  }
  if (/^[a-z]:[\\/]|\\/i.test(rest)) {
    return 'looks like a Windows path; write it with forward slashes, from the folder of the hub or from /.'
  }
  if (/^\/\/[^/]*@|^[^/]*@|^[\w.-]+:\d+(\/|$)/.test(rest)) {
    return `looks like an address without its beginning; ${ways}`
  }
  if (scheme !== undefined && !isFile) return `is neither an address nor a path; ${ways}`
  if (rest.includes('?')) {
    return 'has parameters after a ?, which an SQLite file does not accept; write the path alone.'
  }
  if (/^(\/\/)?~/.test(rest))
    return 'begins with ~, which no shell has expanded; write the whole path.'
  if (/\$[\w({]|%\w+%|\{\{|[<>]/.test(rest)) {
    return 'holds a placeholder that nothing has replaced; write the value itself.'
  }
  if (rest === '' || /[/]$|(^|\/)\.{1,2}$/.test(rest)) {
    return 'names a folder; write the path of a file in it, such as ./data/hub.db.'
  }
  if (!isFile && !rest.includes('/') && !/\.\w+$/.test(rest)) {
    return 'is a bare word; write postgres://user:password@host:5432/database, or the path of an SQLite file, such as ./data/hub.db.'
  }
  return null
}

/** Which database serves, for the log: without the password. */
export function describeDatabase(config: DatabaseConfig): Record<string, string | number> {
  if (config.driver === 'sqlite') return { driver: 'SQLite', path: resolve(config.path) }
  const { server } = readPostgresUrl('DATABASE_URL', config.url, () => '')
  if (server === null) return { driver: 'PostgreSQL' }
  return {
    driver: 'PostgreSQL',
    host: server.hosts
      .map(
        ({ name, port }) =>
          `${name.includes(':') && !name.startsWith('/') ? `[${name}]` : name}:${port}`,
      )
      .join(', '),
    database: server.database,
    user: server.user,
    tls:
      server.tls.use === 'never'
        ? 'never'
        : server.tls.use === 'prefer'
          ? 'where offered'
          : `required, of the certificate ${server.tls.verify} checked`,
  }
}
