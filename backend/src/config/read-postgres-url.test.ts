import { syncBuiltinESMExports } from 'node:module'
import os from 'node:os'
import { afterEach, describe, expect, test } from 'vitest'
import { readPostgresUrl } from './read-postgres-url.ts'

const readFile = (path: string) => {
  if (path === '/pem') return 'PEM'
  throw path === '/odd' ? new Error('no') : Object.assign(new Error('no'), { code: 'ENOENT' })
}
const parse = (url: string) => {
  const { mistakes, server } = readPostgresUrl('DATABASE_URL', url, readFile)
  expect(mistakes).toEqual([])
  return server!
}
const mistakesOf = (url: string) => readPostgresUrl('DATABASE_URL', url, readFile).mistakes
const withQuery = (query: string) => parse(`postgres://u:p@h/d?${query}`)
const tcp = (name: string, port = 5432, address = name) => ({ name, address, port })

describe('hosts of an address of PostgreSQL', () => {
  test.each([
    ['postgres://u@h:/d', [tcp('h')]],
    ['postgres://u@h:1,h:65535/d', [tcp('h', 1), tcp('h', 65_535)]],
    ['postgres://u@[fe80::1%25eth0]:5433/d', [tcp('fe80::1%eth0', 5433)]],
    ['postgres://u@:6432/d?host=h', [tcp('h', 6432)]],
    ['postgres://u@h1,h2/d?port=,7', [tcp('h1'), tcp('h2', 7)]],
    ['postgres://u@bücher.example/d', [tcp('bücher.example')]],
    ['postgres:///d?user=u&hostaddr=10.0.0.1,10.0.0.2', [tcp('10.0.0.1'), tcp('10.0.0.2')]],
    [
      'postgres://u@h1,h2/d?hostaddr=10.0.0.1,10.0.0.2',
      [tcp('h1', 5432, '10.0.0.1'), tcp('h2', 5432, '10.0.0.2')],
    ],
    ['postgres://?&user=u&&dbname=d&', [tcp('localhost')]],
  ])('%s leads to %j', (url, hosts) => {
    expect(parse(url)).toMatchObject({ hosts, user: 'u', database: 'd' })
  })

  test.each([
    ['postgres://u@h:1/d?port=2', 'names the port twice'],
    ['postgres://u@h1:1,h2/d?port=2', 'names the port twice'],
    ['postgres://u@h1,h2/d?hostaddr=10.0.0.1', 'as many addresses as there are hosts'],
    ['postgres://u@h/d?hostaddr=10.0.0.1,10.0.0.2', 'as many addresses as there are hosts'],
    ['postgres://u@h1,h2,h3/d?port=1,2', 'as many as there are hosts'],
    ['postgres://u@/d?host=a(b', 'names, IP addresses, or folders'],
    ['postgres://u@/d?host=h,a(b', 'names, IP addresses, or folders'],
    ['postgres://u@h:65536/d', 'from 1 to 65535'],
    ['postgres://u@h/d?port=5x', 'from 1 to 65535'],
    ['postgres://u@h/d?port=x5', 'from 1 to 65535'],
    ['postgres://u@h/d?port=000001', 'from 1 to 65535'],
  ])('%s is refused: %s', (url, words) => {
    expect(mistakesOf(url)).toEqual([expect.stringContaining(words)])
  })

  test.each([
    'psql:postgres://u@h/d',
    'postgres://u@h/my\u00a0db',
    'postgres://u@h/d\u0007',
    'postgres://u@h/d#',
    'postgres://u@h/d#part',
    'postgres://u@a(b/d',
    'postgres://u@%zz/d',
    'postgres://u@::1/d',
    'postgres://u@x[::1]/d',
    'postgres://u@[::1]x/d',
    'postgres://u@[h]/d',
    'postgres://u:p?x@h/d',
    'postgres://%zz@h/d',
    'postgres://u@h/%zz',
  ])('%s is no address', (url) => {
    expect(mistakesOf(url)).toEqual([
      expect.stringMatching(/^DATABASE_URL is not a valid URL; .*percent-encode/),
    ])
  })
})

describe('who connects to PostgreSQL', () => {
  const { userInfo } = os
  const pretend = (to: typeof os.userInfo) => {
    os.userInfo = to
    syncBuiltinESMExports()
  }
  afterEach(() => pretend(userInfo))

  test('is whoever runs the hub, where no user is named', () => {
    expect(parse('postgres://h')).toMatchObject({
      user: userInfo().username,
      database: userInfo().username,
      password: '',
    })
  })

  test('is postgres in a container whose user has no name', () => {
    pretend(() => {
      throw new Error('no such user')
    })
    expect(parse('postgres://h/d')).toMatchObject({ user: 'postgres', database: 'd' })
  })

  test.each(['user', 'password', 'dbname'])('%s may stand in one place alone', (name) => {
    expect(mistakesOf(`postgres://u:p@h/d?${name}=x`)).toEqual([
      `DATABASE_URL: names the ${name} twice; leave ${name}= out.`,
    ])
  })
})

describe('parameters of an address of PostgreSQL', () => {
  test('have defaults', () => {
    expect(parse('postgres://u@h/d')).toEqual({
      hosts: [tcp('h')],
      user: 'u',
      password: '',
      database: 'd',
      tls: {
        use: 'prefer',
        verify: 'nothing',
        ca: null,
        crl: null,
        cert: null,
        key: null,
        passphrase: null,
        hasSni: true,
        isDirect: false,
        minVersion: 'TLSv1.2',
        maxVersion: 'TLSv1.3',
      },
      applicationName: 'kubeairunway-hub',
      connectTimeoutSeconds: 10,
      keepAliveSeconds: 60,
      mustTakeWrites: false,
      isBalanced: false,
      settings: {},
    })
  })

  test.each([
    ['application_name=mine&fallback_application_name=other', { applicationName: 'mine' }],
    ['fallback_application_name=other', { applicationName: 'other' }],
    ['connect_timeout=', { connectTimeoutSeconds: 10 }],
    ['connect_timeout=0', { connectTimeoutSeconds: 10 }],
    ['connect_timeout=123456789', { connectTimeoutSeconds: 10 }],
    ['keepalives=1&keepalives_idle=123456', { keepAliveSeconds: 123_456 }],
    ['keepalives=0&keepalives_idle=7', { keepAliveSeconds: null }],
    ['target_session_attrs=primary', { mustTakeWrites: true }],
    ['target_session_attrs=any', { mustTakeWrites: false }],
    ['load_balance_hosts=disable', { isBalanced: false }],
    ['load_balance_hosts=', { isBalanced: false }],
    ['client_encoding=auto', {}],
    ['client_encoding=UTF-8', {}],
    ['options=', { settings: {} }],
    [
      'options=%20-cwork_mem%3D8MB%20%20-c%20%20a_1.b%3D',
      { settings: { work_mem: '8MB', 'a_1.b': '' } },
    ],
    ['options=--search-path%3Dhub', { settings: { search_path: 'hub' } }],
    ['options=-c%20a%3Dx%5C%20y%5C%5Cz%3D%20-c%20b%3D1', { settings: { a: 'x y\\z=', b: '1' } }],
    ['options=-c%20a=b', { settings: { a: 'b' } }],
  ])('%s', (query, expected) => {
    expect(withQuery(query)).toMatchObject(expected)
    expect(Object.keys(withQuery(query).settings)).toEqual(
      Object.keys('settings' in expected ? expected.settings : {}),
    )
  })

  test.each([
    ['connect_timeout=3s', 'connect_timeout must be a number of seconds'],
    ['connect_timeout=s3', 'connect_timeout must be a number of seconds'],
    ['connect_timeout=1234567890', 'connect_timeout must be a number of seconds'],
    ['keepalives=2', 'keepalives must be 0 or 1'],
    ['keepalives_idle=7s', 'keepalives_idle must be a number of seconds'],
    ['keepalives_idle=s7', 'keepalives_idle must be a number of seconds'],
    ['keepalives_idle=1234567', 'keepalives_idle must be a number of seconds'],
    ['load_balance_hosts=nope', 'load_balance_hosts must be disable or random'],
    ['options=-c', 'options must be settings'],
    ['options=-c%201a%3Db', 'options must be settings'],
    ['options=-c%20a', 'options must be settings'],
    ['options=drop%20-c%20a%3Db', 'options must be settings'],
    ['options=-c%20a%3Db%20drop', 'options must be settings'],
    ['options=drop%20--a%3Db', 'options must be settings'],
    ['user', 'name=value pairs'],
    ['1x=1', 'name=value pairs'],
    ['a$=1', 'name=value pairs'],
    ['$a=1', 'name=value pairs'],
    [`${'x'.repeat(62)}=1`, 'name=value pairs'],
    ['application_name=%zz', 'name=value pairs'],
    ['application_name=%00', 'name=value pairs'],
    [`${'x'.repeat(61)}=1`, `${'x'.repeat(61)} is not a parameter`],
    ['a.b-c=1', 'a.b-c is not a parameter'],
    ['constructor=1', 'constructor is not a parameter'],
    ['service=x', 'service cannot be honoured'],
  ])('%s is refused: %s', (query, words) => {
    expect(mistakesOf(`postgres://u@h/d?${query}`)).toEqual([expect.stringContaining(words)])
  })

  test('are refused all at once', () => {
    expect(mistakesOf('postgres://u@h/d?service=x&nope=1&sslmode=allow')).toHaveLength(3)
  })
})

describe('how a connection to PostgreSQL is secured', () => {
  test.each([
    ['ssl=false', { use: 'never', verify: 'nothing' }],
    ['ssl=true&sslmode=verify-full', { use: 'require', verify: 'authority and name' }],
    ['ssl=true&sslrootcert=system', { use: 'require', verify: 'authority and name', ca: 'system' }],
    ['sslmode=verify-ca', { use: 'require', verify: 'authority', ca: null }],
    ['sslmode=prefer', { use: 'prefer', verify: 'nothing' }],
    ['sslmode=prefer&sslrootcert=/pem', { use: 'prefer', verify: 'nothing', ca: 'PEM' }],
    ['sslmode=require&sslrootcert=', { use: 'require', verify: 'nothing', ca: null }],
    ['sslmode=verify-full&sslnegotiation=direct', { isDirect: true }],
    ['sslnegotiation=postgres', { isDirect: false }],
    ['sslsni=1', { hasSni: true }],
    ['sslpassword=', { passphrase: null }],
    ['sslcert=&sslkey=', { cert: null, key: null }],
    [
      'ssl_min_protocol_version=TLSv1&ssl_max_protocol_version=TLSv1.2',
      { minVersion: 'TLSv1', maxVersion: 'TLSv1.2' },
    ],
    ['channel_binding=disable&gssencmode=disable&sslcompression=0&sslcertmode=allow', {}],
    ['channel_binding=&gssencmode=&sslcrldir=&sslkeylogfile=', {}],
  ])('%s', (query, expected) => {
    expect(withQuery(query).tls).toMatchObject(expected)
  })

  test.each([
    ['ssl=yes', 'ssl must be true or false'],
    ['sslmode=prefer&sslrootcert=system', 'sslrootcert=system needs sslmode=verify-full'],
    ['sslmode=disable&sslnegotiation=direct', 'sslnegotiation=direct needs'],
    ['sslmode=prefer&sslnegotiation=direct', 'sslnegotiation=direct needs'],
    ['sslnegotiation=no', 'sslnegotiation must be postgres or direct'],
    ['sslkey=/pem', 'sslcert and sslkey belong together'],
    ['sslsni=2', 'sslsni must be 0 or 1'],
    [
      'ssl_min_protocol_version=TLSv2',
      'ssl_min_protocol_version must be TLSv1, TLSv1.1, TLSv1.2 or TLSv1.3',
    ],
    ['ssl_max_protocol_version=SSLv3', 'ssl_max_protocol_version must be'],
    ['sslcrl=/nowhere', 'sslcrl names a file that cannot be read (ENOENT); correct'],
    ['sslcrl=/odd', 'sslcrl names a file that cannot be read; correct'],
    ['sslcompression=1', 'sslcompression cannot be honoured'],
    ['sslcertmode=require', 'sslcertmode cannot be honoured'],
    ['sslcrldir=/crl', 'sslcrldir cannot be honoured'],
    ['sslkeylogfile=/keys', 'sslkeylogfile cannot be honoured'],
  ])('%s is refused: %s', (query, words) => {
    expect(mistakesOf(`postgres://u@h/d?${query}`)).toEqual([expect.stringContaining(words)])
  })
})
