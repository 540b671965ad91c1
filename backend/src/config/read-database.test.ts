import { describe, expect, test } from 'vitest'
import { describeDatabase, readDatabase } from './read-database.ts'
import { readPostgresUrl } from './read-postgres-url.ts'

const secret = 's3cr3t-pass'
const read = (url: string, directUrl?: string) => {
  const mistakes: string[] = []
  const database = readDatabase({ url, directUrl }, readFile, mistakes)
  return { database, mistakes }
}
const readFile = (path: string) => {
  if (path === '/pem') return 'PEM'
  throw Object.assign(new Error('no'), { code: 'ENOENT' })
}

describe('DATABASE_URL', () => {
  test.each([
    [`"postgres://hub:${secret}@db/hub"`, 'quotes'],
    [`'./data/hub.db'`, 'quotes'],
    [`postgres://hub:${secret}@db/hub"`, 'quotes'],
    [`host=db user=hub password=${secret}`, 'keys and values'],
    [`dbname = hub password=${secret}`, 'keys and values'],
    [`Server=db;User Id=hub;Password=${secret}`, 'keys and values'],
    [`DATABASE_URL=postgres://hub:${secret}@db/hub`, 'around the address'],
    [`psql 'postgres://hub:${secret}@db/hub`, 'around the address'],
    [`jdbc:postgresql://db/hub?user=hub&password=${secret}`, 'JDBC'],
    [`postgresql+psycopg2://hub:${secret}@db/hub`, 'two slashes'],
    [`postgres:hub:${secret}@db/hub`, 'two slashes'],
    [`mysql://hub:${secret}@db/hub`, 'names a mysql database'],
    [`mysql:${secret}`, 'neither an address nor a path'],
    [`hub:${secret}@db/hub`, 'without its beginning'],
    [`//hub:${secret}@db/hub`, 'without its beginning'],
    ['db.example.com:5432/hub', 'without its beginning'],
    [':memory:', 'in memory'],
    ['file::memory:?cache=shared', 'in memory'],
    ['./data/hub.db?mode=ro', 'parameters'],
    ['~/hub.db', '~'],
    ['$HOME/hub.db', 'placeholder'],
    ['${DATA}/hub.db', 'placeholder'],
    ['/data/{{ name }}.db', 'placeholder'],
    ['C:\\data\\hub.db', 'Windows'],
    ['data\\hub.db', 'Windows'],
    ['./data/', 'folder'],
    ['..', 'folder'],
    ['postgres', 'bare word'],
    ['./a\u0000b.db', 'control characters'],
    [`line\npassword=${secret}`, 'control characters'],
    [`url=jdbc:postgresql://db/hub?password=${secret}`, 'around the address'],
    [`hub:postgres://hub:${secret}@db/hub`, 'around the address'],
    [`file:///data/mysql://${secret}`, 'around the address'],
    ['C:/data/hub.db', 'Windows'],
    ['db.example.com:5432', 'without its beginning'],
    ['%DATA%/hub.db', 'placeholder'],
    ['file:', 'folder'],
    ['db.my-host', 'bare word'],
    [`postgres://hub:${secret}@db/hub?nope=1`, 'nope is not a parameter'],
  ])('H31: %j is refused for what it looks like, and never repeated', (url, words) => {
    const { mistakes } = read(url)
    expect(mistakes).toHaveLength(1)
    expect(mistakes[0]).toMatch(/^DATABASE_URL/)
    expect(mistakes[0]).toContain(words)
    expect(mistakes[0]).not.toContain(secret)
  })

  test.each([
    ['./data/kubefoundry.db', './data/kubefoundry.db'],
    ['/data/my hub/the file.db', '/data/my hub/the file.db'],
    ['hub.sqlite3', 'hub.sqlite3'],
    ['data/hub', 'data/hub'],
    ['file:./hub.db', './hub.db'],
    ['file:///data/hub.db', '/data/hub.db'],
    ['sqlite:hub', 'hub'],
    ['sqlite:///data/hub.db', '/data/hub.db'],
    ['/data/année=2026.db', '/data/année=2026.db'],
    ['data/sqlite:hub.db', 'data/sqlite:hub.db'],
    ['data/c:/hub.db', 'data/c:/hub.db'],
    ['/data//team@home/hub.db', '/data//team@home/hub.db'],
    ['/data/jdbc:1/hub.db', '/data/jdbc:1/hub.db'],
    ['./backup~.db', './backup~.db'],
  ])('H31: %j is the path %j', (url, path) => {
    expect(read(url)).toEqual({ database: { driver: 'sqlite', path }, mistakes: [] })
  })

  test('H31: what serves is told without the password', () => {
    const described = describeDatabase({
      driver: 'postgres',
      url: `postgres://hub:${secret}@[::1]:6432,db2/app?sslmode=verify-full&sslrootcert=/pem`,
    })
    expect(described).toEqual({
      driver: 'PostgreSQL',
      host: '[::1]:6432, db2:5432',
      database: 'app',
      user: 'hub',
      tls: 'required, of the certificate authority and name checked',
    })
    expect(describeDatabase({ driver: 'sqlite', path: '/data/hub.db' })).toEqual({
      driver: 'SQLite',
      path: '/data/hub.db',
    })
    const told = (url: string) => describeDatabase({ driver: 'postgres', url })
    expect(told('postgres://u@/d?host=/cloudsql/a:b:c&sslmode=disable')).toMatchObject({
      host: '/cloudsql/a:b:c:5432',
      tls: 'never',
    })
    expect(told('postgres://u@h/d')).toMatchObject({ host: 'h:5432', tls: 'where offered' })
    expect(told(`postgres://u:${secret}#@h/d`)).toEqual({ driver: 'PostgreSQL' })
  })

  test('H33: DATABASE_DIRECT_URL is for PostgreSQL alone, and read as strictly', () => {
    expect(read('./hub.db', 'postgres://h/d').mistakes).toEqual([
      'DATABASE_DIRECT_URL is for PostgreSQL behind a pooler; unset it.',
    ])
    expect(read('postgres://h/d', './hub.db').mistakes[0]).toContain('begins with postgres://')
    expect(read('postgres://h/d', 'postgres://h/d?nope=1').mistakes[0]).toMatch(
      /^DATABASE_DIRECT_URL: nope/,
    )
    expect(read('postgres://u@h/d', 'postgres://u@g/d')).toEqual({
      database: { driver: 'postgres', url: 'postgres://u@h/d', directUrl: 'postgres://u@g/d' },
      mistakes: [],
    })
  })
})

describe('an address of PostgreSQL', () => {
  const parse = (url: string) => {
    const { mistakes, server } = readPostgresUrl('DATABASE_URL', url, readFile)
    expect(mistakes).toEqual([])
    return server!
  }
  const tcp = (name: string, port = 5432, address = name) => ({ name, address, port })

  test.each([
    ['postgres://u:p@h/d', [tcp('h')]],
    ['postgresql://u:p@h:6432/d', [tcp('h', 6432)]],
    ['POSTGRES://u:p@h/d', [tcp('h')]],
    ['postgres://u:p@[2001:db8::1]:5433/d', [tcp('2001:db8::1', 5433)]],
    ['postgres://u:p@h1:5432,h2:5433/d', [tcp('h1'), tcp('h2', 5433)]],
    ['postgres://u:p@/d?host=h&port=6432', [tcp('h', 6432)]],
    ['postgres://u:p@/d?host=h1,h2&port=1,2', [tcp('h1', 1), tcp('h2', 2)]],
    ['postgres://u:p@/d?host=h1,h2&port=7', [tcp('h1', 7), tcp('h2', 7)]],
    ['postgres://u:p@h/d?port=6432', [tcp('h', 6432)]],
    ['postgres://u:p@db/d?hostaddr=10.0.0.1', [tcp('db', 5432, '10.0.0.1')]],
    ['postgres://u:p@/d?host=/var/run/postgresql', [tcp('/var/run/postgresql')]],
    ['postgres://u:p@%2Fvar%2Frun%2Fpostgresql/d', [tcp('/var/run/postgresql')]],
    ['postgres://u:p@/d?host=/cloudsql/a:b:c', [tcp('/cloudsql/a:b:c')]],
    ['postgres:///d?user=u&password=p', [tcp('localhost')]],
    ['postgres://?host=h&user=u&password=p&dbname=d', [tcp('h')]],
  ])('H32: %s leads to %j', (url, hosts) => {
    expect(parse(url)).toMatchObject({ hosts, user: 'u', password: 'p', database: 'd' })
  })

  test('H32: user and password are percent-decoded, and the database is the user where none is named', () => {
    expect(parse('postgres://a%40b:p%2F%3F%23%3A:x@h')).toMatchObject({
      user: 'a@b',
      password: 'p/?#::x',
      database: 'a@b',
    })
  })

  test.each([
    ['', 'prefer', 'nothing', null],
    ['sslmode=disable', 'never', 'nothing', null],
    ['sslmode=require', 'require', 'nothing', null],
    ['ssl=true', 'require', 'nothing', null],
    ['sslmode=require&sslrootcert=/pem', 'require', 'authority', 'PEM'],
    ['sslmode=verify-ca&sslrootcert=/pem', 'require', 'authority', 'PEM'],
    ['sslmode=verify-full', 'require', 'authority and name', null],
    ['sslrootcert=system', 'require', 'authority and name', 'system'],
    ['sslmode=require&channel_binding=prefer&gssencmode=prefer', 'require', 'nothing', null],
  ])('H32: ?%s uses TLS: %s, checks %s', (query, use, verify, ca) => {
    expect(parse(`postgres://u@h/d?${query}`).tls).toMatchObject({ use, verify, ca })
  })

  test('H32: the other parameters are honoured', () => {
    const query =
      'sslmode=require&sslnegotiation=direct&sslcert=/pem&sslkey=/pem&sslpassword=x&sslcrl=/pem&sslsni=0' +
      '&ssl_min_protocol_version=TLSv1.3&connect_timeout=3&application_name=mine&keepalives_idle=7' +
      '&target_session_attrs=read-write&load_balance_hosts=random&client_encoding=UTF8' +
      '&options=-c%20search_path%3Dhub,public%20--work_mem%3D8MB%20-c%20a.b%3Dx%5C%20y'
    expect(parse(`postgres://u@h/d?${query}`)).toMatchObject({
      tls: {
        isDirect: true,
        cert: 'PEM',
        key: 'PEM',
        passphrase: 'x',
        crl: 'PEM',
        hasSni: false,
        minVersion: 'TLSv1.3',
      },
      connectTimeoutSeconds: 3,
      applicationName: 'mine',
      keepAliveSeconds: 7,
      mustTakeWrites: true,
      isBalanced: true,
      settings: { search_path: 'hub,public', work_mem: '8MB', 'a.b': 'x y' },
    })
    expect(parse('postgres://u@h/d?keepalives=0').keepAliveSeconds).toBeNull()
    expect(parse('postgres://u@h/d?connect_timeout=60').connectTimeoutSeconds).toBe(10)
  })

  test.each([
    ['sslmode=require&channel_binding=require', 'channel_binding', 'sslmode=verify-full'],
    ['sslmode=allow', 'sslmode=allow', 'prefer'],
    ['sslmode=nope', 'sslmode', 'verify-full'],
    ['sslmode=require&sslrootcert=system', 'sslrootcert=system', 'verify-full'],
    ['sslmode=verify-full&sslrootcert=/nowhere', 'sslrootcert', 'ENOENT'],
    ['sslcert=/pem', 'sslkey', 'both'],
    ['gssencmode=require', 'gssencmode', 'leave'],
    ['sslnegotiation=direct', 'sslnegotiation', 'sslmode=require'],
    ['require_auth=scram-sha-256', 'require_auth', 'pg_hba.conf'],
    ['passfile=/root/.pgpass', 'passfile', 'DATABASE_URL_FILE'],
    ['service=hub', 'service', 'into the URL'],
    ['tcp_user_timeout=5', 'tcp_user_timeout', '10 seconds'],
    ['keepalives_count=3', 'keepalives_count', 'leave it out'],
    ['target_session_attrs=standby', 'target_session_attrs', 'read-write'],
    ['replication=database', 'replication', 'leave it out'],
    ['pgbouncer=true', 'pgbouncer', 'leave it out'],
    ['schema=hub', 'schema', 'search_path'],
    ['lock_timeout=5', 'lock_timeout', 'leave it out'],
    ['nope=1', 'nope', 'leave it out'],
    ['sslmode=require&sslmode=disable', 'sslmode', 'twice'],
    ['options=drop%20it', 'options', 'search_path'],
    ['host=other', 'host', 'twice'],
    ['user=other', 'user', 'twice'],
    ['port=0', 'port', '65535'],
    ['client_encoding=LATIN1', 'client_encoding', 'utf8'],
    ['connect_timeout=soon', 'connect_timeout', 'seconds'],
  ])('H32: ?%s is refused by name with the way out', (query, name, wayOut) => {
    const { mistakes } = readPostgresUrl(
      'DATABASE_URL',
      `postgres://u:${secret}@h/d?${query}`,
      readFile,
    )
    expect(mistakes).toHaveLength(1)
    expect(mistakes[0]).toContain(name)
    expect(mistakes[0]).toContain(wayOut)
    expect(mistakes[0]).not.toContain(secret)
  })

  test.each([
    `postgres://u:${secret}/x@h/d`,
    `postgres://u:${secret}?x@h/d`,
    `postgres://u:${secret}#x@h/d`,
    `postgres://u:${secret}%zz@h/d`,
    `postgres://u:${secret}@h:port/d`,
    `postgres://u:${secret}@h:99999/d`,
    `postgres://u:${secret}@a b/d`,
    `postgres://u:${secret}%00@h/d`,
    `postgres://u:x?${secret}=1&y`,
  ])('H31: %s is refused without a word of it', (url) => {
    const { mistakes } = readPostgresUrl('DATABASE_URL', url, readFile)
    expect(mistakes.length).toBeGreaterThan(0)
    expect(mistakes.join()).not.toContain(secret)
  })
})
