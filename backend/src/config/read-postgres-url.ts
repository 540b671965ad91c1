import { userInfo } from 'node:os'
import { readChoice } from './read-choice.ts'
import { readSslParameters, type PostgresTls } from './read-ssl-parameters.ts'

export type PostgresHost = {
  /** What a certificate has to name, and people read; of a Unix socket its folder. */
  name: string
  /** Where to dial: a name, an IP address, or the folder of the socket. */
  address: string
  port: number
}

/** Everything the driver is told about a server: it reads no address by itself. */
export type PostgresServer = {
  /** Tried one after the other. */
  hosts: readonly [PostgresHost, ...PostgresHost[]]
  database: string
  user: string
  password: string
  tls: PostgresTls
  applicationName: string
  /** For each host. */
  connectTimeoutSeconds: number
  /** After how long without traffic the system asks whether the other side is there; null for never. */
  keepAliveSeconds: number | null
  /** A server that takes no writes is passed over. */
  mustTakeWrites: boolean
  isBalanced: boolean
  /** Settings of the session, from `options`. */
  settings: Readonly<Record<string, string>>
}

export type PostgresUrlReading =
  | { server: PostgresServer; mistakes: readonly [] }
  | { server: null; mistakes: readonly string[] }

const connectTimeoutSecondsMax = 10
const encodeHint =
  'percent-encode special characters in the user and the password (@ is %40, / is %2F, ? is %3F, # is %23)'

/**
 * Reads a connection URI as libpq does (PostgreSQL 18 §32.1.1.2): each parameter is honoured, or refused by name with the
 * way out. No mistake repeats the address, which may hold a password.
 */
export function readPostgresUrl(
  variable: string,
  text: string,
  readFile: (path: string) => string,
): PostgresUrlReading {
  const mistakes: string[] = []
  const refuse = (sentence: string) => void mistakes.push(`${variable}: ${sentence}`)
  const parts = /^postgres(?:ql)?:\/\/([^/?#]*)(?:\/([^?#]*))?(?:\?([^#]*))?$/i.exec(text)
  const shape = `write postgres://user:password@host:5432/database, and ${encodeHint}.`
  if (!parts || /[\s\p{Cc}]/u.test(text)) {
    return { server: null, mistakes: [`${variable} is not a valid URL; ${shape}`] }
  }
  const [, authority = '', path = '', search = ''] = parts
  const at = authority.lastIndexOf('@')
  const [rawUser = '', ...rawPassword] = authority.slice(0, Math.max(at, 0)).split(':')
  const given = {
    user: decode(rawUser),
    password: decode(rawPassword.join(':')),
    dbname: decode(path),
  }
  const authorityHosts = readAuthorityHosts(authority.slice(at + 1))
  if (authorityHosts === null || Object.values(given).includes(null) || search.includes('@')) {
    return { server: null, mistakes: [`${variable} is not a valid URL; ${shape}`] }
  }
  const parameters = readParameters(search, refuse)
  const take = (name: string) => {
    const value = parameters.get(name)
    parameters.delete(name)
    return value
  }
  /** What the address itself may say too. */
  const takeOnce = (name: 'user' | 'password' | 'dbname') => {
    const value = take(name)
    if (value && given[name]) refuse(`names the ${name} twice; leave ${name}= out.`)
    return given[name] || value || ''
  }

  const user = takeOnce('user') || osUser()
  const password = takeOnce('password')
  const database = takeOnce('dbname') || user
  const hosts = readHosts(authorityHosts, take, refuse)
  const fallbackName = take('fallback_application_name')
  const server: PostgresServer = {
    hosts,
    user,
    password,
    database,
    tls: readSslParameters(take, refuse, readFile),
    applicationName: take('application_name') ?? fallbackName ?? 'kubeairunway-hub',
    connectTimeoutSeconds: readConnectTimeout(take('connect_timeout'), refuse),
    keepAliveSeconds: readKeepAlive(take, refuse),
    mustTakeWrites: readTarget(take('target_session_attrs'), refuse),
    isBalanced:
      readChoice(
        'load_balance_hosts',
        take('load_balance_hosts'),
        ['disable', 'random'],
        refuse,
      ) === 'random',
    settings: readSettings(take('options'), refuse),
  }
  readChoice(
    'client_encoding',
    take('client_encoding')?.toLowerCase(),
    ['utf8', 'utf-8', 'auto'],
    refuse,
  )
  for (const name of parameters.keys()) refuse(refusalOf(name))
  return mistakes.length > 0 ? { server: null, mistakes } : { server, mistakes: [] }
}

/** `host`, `host:port`, `[::1]:port`, several with commas between; null where one is none. */
function readAuthorityHosts(text: string): { host: string; port: string }[] | null {
  if (text === '') return []
  const hosts = text.split(',').map((item) => {
    const match = /^(?:\[([0-9a-f:.]+(?:%[\w.-]+)?)\]|([^:[\]]*))(?::(\d*))?$/i.exec(item)
    const host = decode(match?.[1] ?? match?.[2] ?? '')
    if (!match || host === null || !isHost(host)) return null
    return { host, port: match[3] ?? '' }
  })
  return hosts.includes(null) ? null : (hosts as { host: string; port: string }[])
}

function isHost(host: string): boolean {
  return host.startsWith('/') || /^[\p{L}\p{N}._:%-]*$/u.test(host)
}

function readHosts(
  authority: readonly { host: string; port: string }[],
  take: (name: string) => string | undefined,
  refuse: (sentence: string) => void,
): PostgresServer['hosts'] {
  const named = take('host')
  const addresses = take('hostaddr')?.split(',')
  const ports = take('port')?.split(',')
  const isAddressed = authority.some(({ host }) => host !== '')
  if (named !== undefined && isAddressed)
    refuse('names the host twice; leave host= out, or the host before it.')
  if (ports !== undefined && authority.some(({ port }) => port !== '')) {
    refuse('names the port twice; leave port= out, or the port before it.')
  }
  const names = named === undefined ? authority.map(({ host }) => host) : named.split(',')
  const count = Math.max(names.length, addresses?.length ?? 0, 1)
  if (names.length > 0 && addresses !== undefined && addresses.length !== names.length) {
    refuse('hostaddr= must list as many addresses as there are hosts.')
  }
  if (ports !== undefined && ports.length > 1 && ports.length !== count) {
    refuse('port= must be one port, or as many as there are hosts.')
  }
  if (!names.every(isHost))
    refuse('host= must list names, IP addresses, or folders of Unix sockets.')
  const hosts = Array.from({ length: count }, (_, index) => {
    const address = addresses?.[index] || names[index] || 'localhost'
    const port =
      (ports?.length === 1 ? ports[0] : ports?.[index]) || authority[index]?.port || '5432'
    if (!/^\d{1,5}$/.test(port) || Number(port) < 1 || Number(port) > 65_535) {
      refuse('a port must be a number from 1 to 65535.')
    }
    return { name: names[index] || address, address, port: Number(port) }
  })
  return hosts as [PostgresHost, ...PostgresHost[]]
}

function readParameters(search: string, refuse: (sentence: string) => void): Map<string, string> {
  const parameters = new Map<string, string>()
  for (const pair of search.split('&').filter((item) => item !== '')) {
    const [name = '', ...rest] = pair.split('=')
    const value = decode(rest.join('='))
    // Of a password whose ? was not encoded, no part is repeated.
    if (!/^[A-Za-z][\w.-]{0,60}$/.test(name) || rest.length === 0 || value === null) {
      refuse(`what follows the ? must be name=value pairs with & between; ${encodeHint}.`)
    } else if (parameters.has(name)) refuse(`${name} appears twice; leave one out.`)
    else parameters.set(name, value)
  }
  return parameters
}

function readConnectTimeout(value: string | undefined, refuse: (sentence: string) => void): number {
  if (value === undefined || value === '') return connectTimeoutSecondsMax
  if (!/^\d{1,9}$/.test(value)) refuse('connect_timeout must be a number of seconds.')
  // For libpq 0 is for ever; here nobody waits that long.
  return Math.min(Number(value) || connectTimeoutSecondsMax, connectTimeoutSecondsMax)
}

function readKeepAlive(
  take: (name: string) => string | undefined,
  refuse: (sentence: string) => void,
): number | null {
  const isOn = readChoice('keepalives', take('keepalives'), ['0', '1'], refuse) !== '0'
  const idle = take('keepalives_idle') ?? '0'
  if (!/^\d{1,6}$/.test(idle)) refuse('keepalives_idle must be a number of seconds.')
  return isOn ? Number(idle) || 60 : null
}

function readTarget(value: string | undefined, refuse: (sentence: string) => void): boolean {
  switch (value) {
    case undefined:
    case 'any':
      return false
    case 'read-write':
    case 'primary':
      return true
    default:
      refuse('target_session_attrs must be read-write, primary or any: the hub writes.')
      return false
  }
}

/** `-c name=value`, and `--name=value`, with `\` before a blank that belongs to it. */
function readSettings(
  value: string | undefined,
  refuse: (sentence: string) => void,
): Record<string, string> {
  const settings: Record<string, string> = {}
  let rest = (value ?? '').trim()
  while (rest !== '') {
    const match = /^(?:-c\s*|--)([A-Za-z_][\w.-]*)=((?:\\.|[^\s\\])*)(?:\s+|$)/s.exec(rest)
    if (!match) {
      refuse('options must be settings such as -c search_path=hub, percent-encoded.')
      break
    }
    settings[match[1]!.replaceAll('-', '_')] = match[2]!.replaceAll(/\\(.)/gs, '$1')
    rest = rest.slice(match[0].length)
  }
  return settings
}

const ownDeadline =
  'leave it out: within 10 seconds the hub notices itself that a server does not answer.'
const pooling = 'leave it out: the hub keeps its own connections and detects a pooler itself.'

/** What libpq knows and the hub cannot do, and what other programs write. */
const refusals = new Map(
  Object.entries({
    passfile:
      'write the password into the URL, and the URL into the file that DATABASE_URL_FILE names.',
    service: 'write what the service file says into the URL.',
    servicefile: 'write what the service file says into the URL.',
    require_auth: 'leave it out, and say in pg_hba.conf how users prove who they are.',
    requirepeer: 'leave it out; the permissions of the folder say who serves the socket.',
    krbsrvname: 'the hub speaks no Kerberos; use a password or a client certificate.',
    gsslib: 'the hub speaks no Kerberos; use a password or a client certificate.',
    gssdelegation: 'the hub speaks no Kerberos; use a password or a client certificate.',
    scram_client_key: 'write the password itself.',
    scram_server_key: 'write the password itself.',
    oauth_issuer: 'the hub signs in to a database with a password or a client certificate.',
    oauth_client_id: 'the hub signs in to a database with a password or a client certificate.',
    oauth_client_secret: 'the hub signs in to a database with a password or a client certificate.',
    oauth_scope: 'the hub signs in to a database with a password or a client certificate.',
    replication: 'leave it out: the hub is no replica.',
    min_protocol_version: 'leave it out: the hub speaks protocol 3.0.',
    max_protocol_version: 'leave it out: the hub speaks protocol 3.0.',
    keepalives_interval: ownDeadline,
    keepalives_count: ownDeadline,
    tcp_user_timeout: ownDeadline,
    statement_timeout: ownDeadline,
    lock_timeout: ownDeadline,
    socket_timeout: ownDeadline,
    pool_timeout: pooling,
    pgbouncer: pooling,
    connection_limit: pooling,
    statement_cache_size: pooling,
    prepareThreshold: pooling,
    schema: 'write options=-c%20search_path%3D… in its place.',
    currentSchema: 'write options=-c%20search_path%3D… in its place.',
    search_path: 'write options=-c%20search_path%3D… in its place.',
    sslfactory: 'write sslmode=verify-full and sslrootcert=… in its place.',
    sslaccept: 'write sslmode=verify-full, or sslmode=require, in its place.',
  }),
)

function refusalOf(name: string): string {
  const wayOut = refusals.get(name)
  return wayOut
    ? `${name} cannot be honoured; ${wayOut}`
    : `${name} is not a parameter that PostgreSQL's own clients know; leave it out, or write a setting of the server as options=-c%20name%3Dvalue.`
}

function decode(text: string): string | null {
  try {
    const decoded = decodeURIComponent(text)
    return /\p{Cc}/u.test(decoded) ? null : decoded
  } catch {
    return null
  }
}

function osUser(): string {
  try {
    return userInfo().username
  } catch {
    return 'postgres'
  }
}
