import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { mistakesOf } from '../../test/config-mistakes.ts'
import { loadConfig } from './load-config.ts'
import type { Environment } from './read-variables.ts'

const hub: Environment = {
  HUB_MODE: 'true',
  SESSION_SECRET: 'b1946ac92492d2347c6235b4d2611184f3a8c6c1',
}
const oidc: Environment = {
  ...hub,
  ENABLED_AUTH_PROVIDERS: 'oidc',
  OIDC_PROVIDER_ISSUER: 'https://id.example.com',
  OIDC_PROVIDER_CLIENT_ID: 'hub',
}

describe('loadConfig', () => {
  test('has the defaults of the documentation', () => {
    expect(loadConfig(hub)).toMatchObject({
      production: false,
      listen: { host: '127.0.0.1', port: 3001 },
      database: { driver: 'sqlite', path: './data/kubefoundry.db' },
      credentials: { path: './credentials', allowLoopback: true, allowInsecureTls: false },
      session: { idleSeconds: 1800, absoluteSeconds: 43_200 },
      publicOrigin: { hosts: new Set(['localhost:3001', '127.0.0.1:3001', '[::1]:3001']) },
      oidc: null,
      grants: [],
      file: null,
    })
  })

  test('an empty string is unset', () => {
    expect(loadConfig({ ...hub, PORT: '', DATABASE_URL: '  ' }).listen.port).toBe(3001)
  })

  test('reports every mistake at once, each naming its variable', () => {
    const mistakes = mistakesOf({
      ...hub,
      PORT: 'eighty',
      LOG_LEVEL: 'loud',
      DATABASE_URL: 'mysql://db/hub',
      SESSION_IDLE_TIMEOUT: 'soon',
      AUTH_CALLBACK_URL: 'hub.example.com',
      ENABLED_AUTH_PROVIDERS: 'oidc,okta,entra,github,oidc',
      AZURE_TENANT_ID: 'my tenant',
      GITHUB_URL: 'http://github.corp',
      HUB_ADMINS: 'ada@example.com',
      HUB_GRANTS: '[{"principal":"oidc:bob","role":"owner"}]',
      HUB_ALLOW_INSECURE_TLS: 'maybe',
    })
    for (const name of [
      'PORT',
      'LOG_LEVEL',
      'DATABASE_URL',
      'SESSION_IDLE_TIMEOUT',
      'AUTH_CALLBACK_URL',
      'ENABLED_AUTH_PROVIDERS lists "okta"',
      'ENABLED_AUTH_PROVIDERS lists oidc more than once',
      'AZURE_TENANT_ID is "my tenant"',
      'AZURE_CLIENT_ID',
      'AZURE_CLIENT_SECRET',
      'GITHUB_CLIENT_ID',
      'GITHUB_CLIENT_SECRET',
      'GITHUB_URL must use https',
      'OIDC_PROVIDER_ISSUER',
      'OIDC_PROVIDER_CLIENT_ID',
      'HUB_ADMINS',
      'HUB_GRANTS[0].role',
      'HUB_ALLOW_INSECURE_TLS',
    ]) {
      expect(mistakes.filter((mistake) => mistake.startsWith(name))).not.toEqual([])
    }
  })

  test.each([
    'dev-secret-change-in-production',
    'short',
    'a'.repeat(64),
    'change-me-to-at-least-32-characters-please',
    'your-session-secret-goes-here-0123456789',
  ])('#21 refuses the session secret %s in production, without repeating it', (secret) => {
    const env = { ...hub, SESSION_SECRET: secret, AUTH_CALLBACK_URL: 'https://hub.example.com' }
    const mistakes = mistakesOf(env)
    expect(mistakes).toHaveLength(1)
    expect(mistakes[0]).toMatch(/^SESSION_SECRET .*openssl rand -hex 32/)
    expect(mistakes[0]).not.toContain(`"${secret}"`)
    expect(loadConfig({ ...hub, SESSION_SECRET: secret }).warnings.join()).toContain(
      'SESSION_SECRET',
    )
  })

  test('takes the secret of the quick start', () => {
    const secret = 'dev-secret-0f1e2d3c4b5a69788796a5b4c3d2e1f0'
    const config = loadConfig({
      ...hub,
      SESSION_SECRET: secret,
      AUTH_CALLBACK_URL: 'https://hub.example.com',
    })
    expect(config.session.secrets).toEqual([secret])
  })

  test('every weak secret of a rotation counts', () => {
    const env = { ...hub, SESSION_SECRET: `${hub['SESSION_SECRET']},short`, NODE_ENV: 'production' }
    expect(mistakesOf({ ...env, ALLOWED_HOSTS: 'hub.example.com' })).toEqual([
      expect.stringMatching(/^SESSION_SECRET/),
    ])
  })

  test('production has to know its own address', () => {
    expect(mistakesOf({ ...hub, NODE_ENV: 'production' }).join()).toContain('AUTH_CALLBACK_URL')
    expect(
      mistakesOf({ ...hub, NODE_ENV: 'production', ALLOWED_HOSTS: 'hub.example.com' }),
    ).toEqual([])
  })

  test('a secret comes from its file, and both at once is a mistake', () => {
    const readFile = (path: string) => {
      if (path === '/run/secret') return `${hub['SESSION_SECRET']}\n`
      throw Object.assign(new Error('no'), { code: 'ENOENT' })
    }
    const fromFile = { HUB_MODE: '1', SESSION_SECRET_FILE: '/run/secret' }
    expect(loadConfig(fromFile, readFile).session.secrets[0]).toBe(hub['SESSION_SECRET'])
    expect(mistakesOf({ ...fromFile, ...hub }, readFile).join()).toContain('both set')
    const missing = mistakesOf({ HUB_MODE: '1', SESSION_SECRET_FILE: '/none' }, readFile)
    expect(missing.join()).toContain(
      'SESSION_SECRET_FILE names /none, which cannot be read (ENOENT)',
    )
  })

  test.each([
    ['http://id.example.com', false],
    ['https://id.example.com/?tenant=1', false],
    ['id.example.com', false],
    ['http://127.0.0.1:4000', true],
    ['https://example.auth0.com/', true],
  ])('the issuer %s is accepted: %s', (issuer, accepted) => {
    const mistakes = mistakesOf({ ...oidc, OIDC_PROVIDER_ISSUER: issuer })
    expect(mistakes.length === 0).toBe(accepted)
  })

  test('http issuers are refused in production, on this machine too', () => {
    const env = {
      ...oidc,
      OIDC_PROVIDER_ISSUER: 'http://127.0.0.1:4000',
      AUTH_CALLBACK_URL: 'https://hub.example.com',
    }
    expect(mistakesOf(env).join()).toContain('OIDC_PROVIDER_ISSUER')
  })

  test('reads the configuration file, and tells its mistakes beside those of the variables', () => {
    const folder = mkdtempSync(join(tmpdir(), 'config-file-'))
    try {
      const path = join(folder, 'access.yaml')
      writeFileSync(path, 'grants:\n  - { principal: ada, role: owner }\n')
      expect(mistakesOf({ ...hub, HUB_CONFIG_FILE: path, PORT: 'x' })).toEqual([
        'PORT must be a number from 0 to 65535, not "x".',
        `HUB_CONFIG_FILE ${path}, line 2, column 18: grants[0].principal must be a principal such as oidc:<subject>, github:<numeric id>, entra:<tenant id>:<object id> or service:<client id>@<issuer>.`,
        `HUB_CONFIG_FILE ${path}, line 2, column 29: grants[0].role must be one of viewer, deployer, admin, not "owner".`,
      ])
      writeFileSync(path, 'grants:\n  - { principal: "oidc:ada", role: viewer }\n')
      writeFileSync(join(folder, 'secret'), `${hub['SESSION_SECRET']}\n`)
      const { file, session } = loadConfig({
        HUB_MODE: 'true',
        HUB_CONFIG_FILE: path,
        SESSION_SECRET_FILE: join(folder, 'secret'),
      })
      expect(file).toMatchObject({ path, content: { grants: [{ principal: 'oidc:ada' }] } })
      expect(file?.modifiedAt).toEqual(statSync(path).mtime)
      expect(session.secrets).toEqual([hub['SESSION_SECRET']])
      const gone = join(folder, 'gone.yaml')
      expect(mistakesOf({ ...hub, HUB_CONFIG_FILE: gone })).toEqual([
        `HUB_CONFIG_FILE ${gone}: It does not exist; create it, or correct HUB_CONFIG_FILE.`,
      ])
      expect(mistakesOf({ ...hub, HUB_CONFIG_FILE: folder })).toEqual([
        `HUB_CONFIG_FILE ${folder}: It is not a regular file; name the file itself, not a folder.`,
      ])
    } finally {
      rmSync(folder, { recursive: true })
    }
  })

  test('reads administrators and grants', () => {
    const { grants } = loadConfig({
      ...hub,
      HUB_ADMINS: 'oidc:ada, github:583231',
      HUB_GRANTS: JSON.stringify([
        {
          principal: 'oidc:bob',
          role: 'deployer',
          instanceId: 'prod-east',
          namespaces: ['ml-team'],
        },
      ]),
    })
    expect(grants.map(({ principal, grant }) => [principal, grant.role, grant.instanceId])).toEqual(
      [
        ['oidc:ada', 'admin', null],
        ['github:583231', 'admin', null],
        ['oidc:bob', 'deployer', 'prod-east'],
      ],
    )
  })

  test.each([
    ['not json', 'not valid JSON'],
    ['[{"principal":"oidc:a","role":"viewer","namespaces":[]}]', 'must not be empty'],
    ['[{"principal":"oidc:a","role":"admin","instanceId":"prod"}]', 'hub-wide'],
    ['[{"principal":"oidc:a","role":"viewer","namespace":"x"}]', '(namespace)'],
    ['[{"principal":"a","role":"viewer"}]', 'HUB_GRANTS[0].principal'],
  ])('HUB_GRANTS %s is refused: %s', (value, reason) => {
    expect(mistakesOf({ ...hub, HUB_GRANTS: value }).join()).toContain(reason)
  })
})

describe('identity providers', () => {
  const tenant = '72f988bf-86f1-41af-91ab-2d7cd011db47'
  const entra: Environment = {
    ...hub,
    ENABLED_AUTH_PROVIDERS: 'entra',
    AZURE_TENANT_ID: tenant,
    AZURE_CLIENT_ID: '11111111-2222-3333-4444-555555555555',
    AZURE_CLIENT_SECRET: 'v~Q8Q~secret',
  }
  const github: Environment = {
    ...hub,
    ENABLED_AUTH_PROVIDERS: 'github',
    GITHUB_CLIENT_ID: 'Ov23li',
    GITHUB_CLIENT_SECRET: 'c0ffee',
  }

  test('any number at once, in the order of the list', () => {
    const config = loadConfig({
      ...oidc,
      ...entra,
      ...github,
      ENABLED_AUTH_PROVIDERS: 'github, oidc,entra',
    })
    expect(config.enabledProviders).toEqual(['github', 'oidc', 'entra'])
    expect(config.entra).toEqual({
      tenant,
      allowedTenants: new Set(),
      clientId: entra['AZURE_CLIENT_ID'],
      credential: { type: 'secret', secret: 'v~Q8Q~secret' },
      authorityUrl: 'https://login.microsoftonline.com',
      graphUrl: 'https://graph.microsoft.com',
    })
    expect(config.github).toMatchObject({
      url: 'https://github.com',
      apiUrl: 'https://api.github.com',
      allowedOrgs: [],
    })
    expect(config.oidc).toMatchObject({ groupsClaim: 'groups', extraScopes: [] })
  })

  test('the variables of one that is not enabled do not matter', () => {
    expect(mistakesOf({ ...oidc, AZURE_TENANT_ID: 'common', GITHUB_URL: 'nonsense' })).toEqual([])
  })

  test.each([
    ['common', undefined, 'every organization of the world'],
    ['organizations', undefined, 'AZURE_ALLOWED_TENANTS'],
    ['consumers', undefined, 'personal Microsoft accounts'],
    ['organizations', 'contoso.com', 'AZURE_ALLOWED_TENANTS lists "contoso.com"'],
    [tenant, '11111111-2222-3333-4444-555555555555', 'does not list AZURE_TENANT_ID'],
  ])('the tenant %s with the allowed %s is refused: %s', (id, allowed, reason) => {
    const env = { ...entra, AZURE_TENANT_ID: id, AZURE_ALLOWED_TENANTS: allowed }
    expect(mistakesOf(env).join()).toContain(reason)
  })

  test.each([
    [tenant.toUpperCase(), undefined],
    ['contoso.onmicrosoft.com', undefined],
    ['organizations', tenant],
    ['common', `${tenant}, 11111111-2222-3333-4444-555555555555`],
    [tenant, tenant],
  ])('the tenant %s with the allowed %s is accepted', (id, allowed) => {
    const env = { ...entra, AZURE_TENANT_ID: id, AZURE_ALLOWED_TENANTS: allowed }
    expect(mistakesOf(env)).toEqual([])
  })

  test('a GitHub Enterprise Server has its API below its own address', () => {
    const config = loadConfig({ ...github, GITHUB_URL: 'https://github.corp.example/' })
    expect(config.github).toMatchObject({
      url: 'https://github.corp.example',
      apiUrl: 'https://github.corp.example/api/v3',
    })
  })

  test.each(['ENTRA_AUTHORITY_URL', 'GRAPH_URL', 'GITHUB_URL', 'GITHUB_API_URL'])(
    '%s is https in production, and http towards this machine alone outside it',
    (name) => {
      const env = { ...entra, ...github, ENABLED_AUTH_PROVIDERS: 'entra,github' }
      const local = { ...env, [name]: 'http://127.0.0.1:9' }
      expect(mistakesOf(local)).toEqual([])
      const production = { ...local, AUTH_CALLBACK_URL: 'https://hub.example.com' }
      expect(mistakesOf(production)).toEqual([expect.stringMatching(`^${name} must use https`)])
      expect(mistakesOf({ ...env, [name]: 'http://idp.example' })).toHaveLength(1)
      expect(mistakesOf({ ...env, [name]: 'https://u:p@idp.example' })).toHaveLength(1)
    },
  )

  test.each(['your-client-secret', '<client secret>', 'changeme', 'YOUR_SECRET'])(
    'the placeholder %s is refused in production and noted outside it',
    (placeholder) => {
      for (const [env, name] of [
        [entra, 'AZURE_CLIENT_SECRET'],
        [github, 'GITHUB_CLIENT_SECRET'],
        [oidc, 'OIDC_PROVIDER_CLIENT_SECRET'],
      ] as const) {
        const copied = { ...env, [name]: placeholder }
        expect(loadConfig(copied).warnings.join()).toContain(`${name} still has its placeholder`)
        const production = { ...copied, AUTH_CALLBACK_URL: 'https://hub.example.com' }
        expect(mistakesOf(production)).toEqual([
          expect.stringContaining(`${name} still has its placeholder`),
        ])
      }
    },
  )

  test.each([
    ['GITHUB_ALLOWED_ORGS', 'acme/platform', 'acme/platform'],
    ['HUB_ALLOWED_EMAIL_DOMAINS', 'ada@example.com', 'ada@example.com'],
    ['OIDC_PROVIDER_SCOPES', 'a"b', 'not a scope'],
  ])('%s=%s is refused', (name, value, reason) => {
    const env = { ...oidc, ...github, ENABLED_AUTH_PROVIDERS: 'oidc,github', [name]: value }
    expect(mistakesOf(env).join()).toContain(reason)
  })

  test('HUB_ENCRYPTION_KEY seals first, and what SESSION_SECRET sealed still opens', () => {
    const key = 'f0e1d2c3b4a5968778695a4b3c2d1e0f'
    const session = hub['SESSION_SECRET']!
    expect(loadConfig(hub).encryptionSecrets).toEqual([session])
    expect(loadConfig({ ...hub, HUB_ENCRYPTION_KEY: key }).encryptionSecrets).toEqual([
      key,
      session,
    ])
    const weak = { ...hub, HUB_ENCRYPTION_KEY: 'short', NODE_ENV: 'production' }
    expect(mistakesOf({ ...weak, ALLOWED_HOSTS: 'hub.example.com' })).toEqual([
      expect.stringMatching(/^HUB_ENCRYPTION_KEY is too weak/),
    ])
  })
})

test('programs that kubeconfigs may run are listed by their absolute paths', () => {
  const { credentials } = loadConfig({
    ...hub,
    HUB_ALLOW_EXEC_PLUGINS:
      '/usr/local/bin/kubelogin, /opt/aws; arg:--flag=;env:MY_REGION , /opt/aws;arg:word',
    PATH: '/bin',
    HOME: '/home/hub',
    OTHER: 'x',
  })
  expect([...credentials.execPlugins]).toEqual([
    ['/usr/local/bin/kubelogin', { args: [], env: [] }],
    ['/opt/aws', { args: ['--flag=', 'word'], env: ['MY_REGION'] }],
  ])
  expect(credentials.execEnvironment).toEqual({ PATH: '/bin', HOME: '/home/hub' })
  for (const path of ['kubelogin', './kubelogin', '/opt/../bin/sh', '/opt//x']) {
    expect(mistakesOf({ ...hub, HUB_ALLOW_EXEC_PLUGINS: path }).join()).toContain(path)
  }
  for (const rule of ['--flag', 'arg:', 'env:A=B', 'PATH']) {
    expect(mistakesOf({ ...hub, HUB_ALLOW_EXEC_PLUGINS: `/opt/x;${rule}` }).join()).toContain(
      `"${rule}" behind /opt/x`,
    )
  }
})

describe('TRUSTED_PROXIES', () => {
  test('lists addresses and networks', () => {
    const { trustedProxies } = loadConfig({ ...hub, TRUSTED_PROXIES: '10.0.0.0/8, ::1,127.0.0.1' })
    expect(trustedProxies.check('10.9.8.7')).toBe(true)
    expect(trustedProxies.check('127.0.0.1')).toBe(true)
    expect(trustedProxies.check('::1', 'ipv6')).toBe(true)
    expect(trustedProxies.check('11.0.0.1')).toBe(false)
    expect(loadConfig(hub).trustedProxies.check('127.0.0.1')).toBe(false)
  })

  test.each(['0.0.0.0/0', '::/0', 'proxy.corp', '10.0.0.0/33', '10.0.0.0/', '10.0.0.0/8/8', '*'])(
    '%s is refused',
    (value) => {
      expect(mistakesOf({ ...hub, TRUSTED_PROXIES: value }).join()).toContain(
        `TRUSTED_PROXIES lists "${value}"`,
      )
    },
  )
})

test.each(['*', 'console.example.com', 'https://console.example.com/app', 'null'])(
  'CORS_ORIGINS %s is refused',
  (value) => {
    expect(mistakesOf({ ...hub, CORS_ORIGINS: value }).join()).toContain(
      `CORS_ORIGINS lists "${value}"`,
    )
  },
)

test.each(['0', '-1', 'many', '1.5'])('HUB_LOGINS_PER_MINUTE %s is refused', (value) => {
  expect(mistakesOf({ ...hub, HUB_LOGINS_PER_MINUTE: value }).join()).toContain(
    'HUB_LOGINS_PER_MINUTE must be a whole number',
  )
})

test('SESSION_RENEW_INTERVAL is at least the minute for which the cookie before it is good', () => {
  expect(mistakesOf({ ...hub, SESSION_RENEW_INTERVAL: '59s' }).join()).toContain(
    'SESSION_RENEW_INTERVAL must be a minute or more',
  )
  expect(loadConfig({ ...hub, SESSION_RENEW_INTERVAL: '1m' }).session.renewSeconds).toBe(60)
})

test('GROUP_SYNC_INTERVAL is a duration of a minute or more, or off', () => {
  expect(loadConfig(hub).groupSyncSeconds).toBe(900)
  expect(loadConfig({ ...hub, GROUP_SYNC_INTERVAL: '1m' }).groupSyncSeconds).toBe(60)
  expect(loadConfig({ ...hub, GROUP_SYNC_INTERVAL: '60s' }).groupSyncSeconds).toBe(60)
  for (const off of ['0', 'off']) {
    expect(loadConfig({ ...hub, GROUP_SYNC_INTERVAL: off }).groupSyncSeconds).toBeNull()
  }
  expect(mistakesOf({ ...hub, GROUP_SYNC_INTERVAL: '59s' }).join()).toContain(
    'GROUP_SYNC_INTERVAL must be 1m at least, not "59s"',
  )
  for (const value of ['15', 'never', '-1m', '1w']) {
    expect(mistakesOf({ ...hub, GROUP_SYNC_INTERVAL: value })).toEqual([
      `GROUP_SYNC_INTERVAL must be a duration such as 30m or 12h, not "${value}".`,
    ])
  }
})

test('AUDIT_RETENTION is a number of days, and for ever when it is not set', () => {
  expect(loadConfig(hub).audit.retentionSeconds).toBeNull()
  expect(loadConfig({ ...hub, AUDIT_RETENTION: '400d' }).audit.retentionSeconds).toBe(34_560_000)
  for (const value of ['400', '12h', '0d', '-1d', 'for ever']) {
    expect(mistakesOf({ ...hub, AUDIT_RETENTION: value }).join()).toContain(
      'AUDIT_RETENTION must be a number of days such as 400d',
    )
  }
})

describe('HUB_ALLOW_CLUSTER_PROXIES', () => {
  test('lists the origins of proxies', () => {
    const { credentials } = loadConfig({
      ...hub,
      HUB_ALLOW_CLUSTER_PROXIES:
        'http://Egress.corp:3128, https://proxy.corp:443/,http://[fd00::1]:80',
    })
    expect([...credentials.clusterProxies]).toEqual([
      'http://egress.corp:3128',
      'https://proxy.corp',
      'http://[fd00::1]',
    ])
    expect(loadConfig(hub).credentials.clusterProxies.size).toBe(0)
  })

  test.each([
    ['egress.corp:3128', 'it is not an origin'],
    ['socks5://egress.corp:1080', 'SOCKS proxies are not supported'],
    ['http://egress.corp:3128/path', 'it is not an origin'],
    ['http://egress.corp:3128?a', 'it is not an origin'],
    ['file:///etc/passwd', 'it is not an origin'],
    ['*', 'it is not an origin'],
  ])('%s is refused: %s', (value, reason) => {
    const mistakes = mistakesOf({ ...hub, HUB_ALLOW_CLUSTER_PROXIES: value }).join()
    expect(mistakes).toContain(`lists "${value}", but ${reason}; write`)
  })

  test('a password in it is refused and not repeated', () => {
    const value = 'http://user:pass,word@egress.corp:3128'
    const mistakes = mistakesOf({ ...hub, HUB_ALLOW_CLUSTER_PROXIES: value }).join()
    expect(mistakes).toContain('with a user name or password')
    expect(mistakes).not.toMatch(/pass,|word@/)
  })
})

describe('a password in an address', () => {
  const value = 'https://user:pass/w@rd@id.example.com'
  const parted = 'https://user:pass,pass;w@rd@id.example.com'

  test.each([
    ['AUTH_CALLBACK_URL', value],
    ['CORS_ORIGINS', value],
    ['GITHUB_URL', value],
    ['OIDC_PROVIDER_ISSUER', value],
    ['HUB_ALLOW_HTTP_ISSUERS', value],
    ['JWT_ISSUERS', value],
    ['JWT_ISSUERS', `${value};hub`],
    ['ALLOWED_HOSTS', value],
    ['TRUSTED_PROXIES', value],
    ['CORS_ORIGINS', parted],
    ['HUB_ALLOW_HTTP_ISSUERS', parted],
    ['JWT_ISSUERS', `${parted};hub`],
    ['ALLOWED_HOSTS', parted],
    ['TRUSTED_PROXIES', parted],
    ['OIDC_ISSUER_URL', value],
  ])('of %s is refused and not repeated', (name, text) => {
    const env = { ...hub, ENABLED_AUTH_PROVIDERS: 'oidc,github', OIDC_CLIENT_ID: 'hub' }
    const mistakes = mistakesOf({ ...env, [name]: text })
    expect(mistakes).toContainEqual(expect.stringContaining('…@id.example.com'))
    expect(mistakes.join()).not.toMatch(/user|pass|w@|rd@/)
  })
})

describe('HUB_ACCESS_MODES', () => {
  test('names instances, and the others by *', () => {
    const { accessModes } = loadConfig({
      ...hub,
      HUB_ACCESS_MODES: 'prod-east=impersonate, *=service',
    })
    expect([...accessModes.instances]).toEqual([
      ['prod-east', { mode: 'impersonate', rights: 'both' }],
    ])
    const byDefault = { mode: 'service', rights: 'both' }
    expect(accessModes.fallback).toEqual(byDefault)
    const everywhere = loadConfig({ ...hub, HUB_ACCESS_MODES: '*=impersonate' })
    expect(everywhere.accessModes.fallback.mode).toBe('impersonate')
    expect(loadConfig(hub).accessModes).toEqual({ instances: new Map(), fallback: byDefault })
  })

  test('says where the cluster decides alone', () => {
    const { accessModes, exchangeClients } = loadConfig({
      ...hub,
      HUB_ACCESS_MODES: 'a=passthrough;rights:cluster, b=exchange; rights:both, c=exchange',
      HUB_EXCHANGE_CLIENTS: 'b=hub;se;cr=et, "*=other;a,b"',
    })
    expect([...accessModes.instances]).toEqual([
      ['a', { mode: 'passthrough', rights: 'cluster' }],
      ['b', { mode: 'exchange', rights: 'both' }],
      ['c', { mode: 'exchange', rights: 'both' }],
    ])
    expect([...exchangeClients]).toEqual([
      ['b', { clientId: 'hub', credential: { type: 'secret', secret: 'se;cr=et' } }],
      ['*', { clientId: 'other', credential: { type: 'secret', secret: 'a,b' } }],
    ])
  })

  test('wants a client for every instance that exchanges tokens, and repeats no secret', () => {
    const missing = mistakesOf({ ...hub, HUB_ACCESS_MODES: 'a=exchange,*=exchange' }).join()
    expect(missing).toContain('gives a the mode exchange, and HUB_EXCHANGE_CLIENTS has no client')
    expect(missing).toContain('gives * the mode exchange')
    for (const value of ['prod-east;s3cret', 'Prod=a;s3cret', 'a=;s3cret', '"a=b;s3cret']) {
      const wrong = mistakesOf({ ...hub, HUB_EXCHANGE_CLIENTS: value }).join()
      expect(wrong).toContain('HUB_EXCHANGE_CLIENTS')
      expect(wrong).not.toContain('s3cret')
    }
  })

  test.each([
    ['prod-east', '<instance>=<mode>'],
    ['Prod=service', '<instance>=<mode>'],
    ['a=service=b', '<instance>=<mode>'],
    ['a=', 'mode "", which is unknown'],
    ['a=admin', 'mode "admin", which is unknown'],
    ['a=passthrough;rights:hub', 'rights:both or rights:cluster'],
    ['a=passthrough;cluster', 'rights:both or rights:cluster'],
    ['a=service;rights:cluster', 'use passthrough or exchange'],
    ['*=impersonate;rights:cluster', 'use passthrough or exchange'],
  ])('%s is refused: %s', (value, reason) => {
    expect(mistakesOf({ ...hub, HUB_ACCESS_MODES: value }).join()).toContain(reason)
  })
})

describe('H27: HUB_ADMINS', () => {
  const principalsOf = (value: string) =>
    loadConfig({ ...hub, HUB_ADMINS: value }).grants.map(({ principal }) => principal)

  test.each<[string, string[]]>([
    ['oidc:a, oidc:b', ['oidc:a', 'oidc:b']],
    ['"oidc:CN=Ada,OU=ML", oidc:b,', ['oidc:CN=Ada,OU=ML', 'oidc:b']],
    ['oidc:a,"oidc:CN=Ada Lovelace"', ['oidc:a', 'oidc:CN=Ada Lovelace']],
    ['"oidc:say ""hi"", Ada"', ['oidc:say "hi", Ada']],
    [String.raw`"oidc:CN=Lovelace\, Ada"`, [String.raw`oidc:CN=Lovelace\, Ada`]],
    ['oidc:a"b', ['oidc:a"b']],
  ])('%s', (value, principals) => {
    expect(principalsOf(value)).toEqual(principals)
  })

  test.each([
    ['oidc:CN=Ada,OU=ML', 'HUB_ADMINS lists "OU=ML"'],
    ['oidc:CN=Ada,OU=ML', 'goes into double quotes'],
    ['oidc:a oidc:b', 'contains spaces'],
    ['"oidc:a', 'does not end'],
    ['"oidc:a"b', 'does not end'],
    [`oidc:${'x'.repeat(256)}`, 'must be a principal'],
  ])('%s is refused: %s', (value, reason) => {
    expect(mistakesOf({ ...hub, HUB_ADMINS: value }).join()).toContain(reason)
  })

  test('HUB_GRANTS takes such a principal as JSON writes it', () => {
    const principal = 'oidc:CN=Ada Lovelace,OU=ML'
    const { grants } = loadConfig({
      ...hub,
      HUB_GRANTS: JSON.stringify([{ principal, role: 'viewer' }]),
    })
    expect(grants.map((each) => each.principal)).toEqual([principal])
  })

  test('a secret with a comma is said to be several', () => {
    const env = { ...hub, NODE_ENV: 'production', AUTH_CALLBACK_URL: 'https://hub.example.com' }
    const mistakes = mistakesOf({
      ...env,
      SESSION_SECRET: 'b1946ac92492d2347c,6235b4d2611184f3a8c6c1',
    })
    expect(mistakes.join()).toContain('a comma separates secrets')
  })
})

describe('H26: HUB_ALLOW_HTTP_ISSUERS', () => {
  const issuer = 'http://keycloak:8080/realms/inference-gateway-realm'
  const base = {
    ...hub,
    ENABLED_AUTH_PROVIDERS: 'oidc',
    OIDC_PROVIDER_ISSUER: issuer,
    OIDC_PROVIDER_CLIENT_ID: 'hub',
  }
  const production = {
    NODE_ENV: 'production',
    AUTH_CALLBACK_URL: 'https://hub.example.com',
    SESSION_SECRET: 'b1946ac92492d2347c6235b4d2611184f3a8c6c1',
  }

  test.each([{}, production])('allows an issuer by name, with a warning: %j', (env) => {
    const {
      jwt,
      oidc: provider,
      warnings,
    } = loadConfig({
      ...base,
      ...env,
      JWT_ISSUERS: `${issuer};hub-api,http://keycloak:8080/realms/other;hub`,
      HUB_ALLOW_HTTP_ISSUERS: `${issuer}, http://keycloak:8080/realms/other`,
    })
    expect(provider!.issuer).toBe(issuer)
    expect(jwt.issuers).toHaveLength(2)
    const named = warnings.filter((warning) => warning.includes('is reached over plain http'))
    expect(named.map((warning) => warning.split(' ', 1)[0])).toEqual([
      'OIDC_PROVIDER_ISSUER',
      'JWT_ISSUERS',
      'JWT_ISSUERS',
    ])
  })

  test.each([{}, production])('every other one is refused, and the way out is named: %j', (env) => {
    for (const allowed of [undefined, `${issuer}/`, 'http://keycloak:8080']) {
      const mistakes = mistakesOf({
        ...base,
        ...env,
        JWT_ISSUERS: `${issuer};hub`,
        HUB_ALLOW_HTTP_ISSUERS: allowed,
      })
      expect(mistakes).toHaveLength(2)
      for (const mistake of mistakes) {
        expect(mistake).toContain(`HUB_ALLOW_HTTP_ISSUERS=${issuer}`)
      }
    }
  })

  test.each(['http://localhost:8080/r', 'http://127.0.0.1:1', 'http://[::1]:1'])(
    '%s needs no leave outside production, and one in it',
    (local) => {
      const env = { ...base, OIDC_PROVIDER_ISSUER: local, JWT_ISSUERS: `${local};hub` }
      expect(mistakesOf(env)).toEqual([])
      expect(loadConfig(env).warnings.join()).not.toContain('plain http')
      expect(mistakesOf({ ...env, ...production })).toHaveLength(2)
      expect(mistakesOf({ ...env, ...production, HUB_ALLOW_HTTP_ISSUERS: local })).toEqual([])
    },
  )

  test.each([
    ['https://id.example.com', 'needs no permission'],
    ['keycloak:8080', 'as their own settings spell them'],
    ['*', 'as their own settings spell them'],
  ])('%s is no entry: %s', (entry, reason) => {
    const env = { ...base, HUB_ALLOW_HTTP_ISSUERS: `${issuer},${entry}` }
    expect(mistakesOf(env).join()).toContain(reason)
  })

  test('one that nothing names is said', () => {
    const env = { ...base, HUB_ALLOW_HTTP_ISSUERS: `${issuer},http://keycloak:8080/realms/x` }
    expect(loadConfig(env).warnings.join()).toContain('realms/x, which no setting names')
  })
})

describe('H23: OIDC_PROVIDER_CLIENT_AUTH', () => {
  const base = {
    ...hub,
    ENABLED_AUTH_PROVIDERS: 'oidc',
    OIDC_PROVIDER_ISSUER: 'https://id.example.com',
    OIDC_PROVIDER_CLIENT_ID: 'hub',
    OIDC_PROVIDER_CLIENT_SECRET: 's',
  }

  test.each([
    [undefined, 'auto'],
    ['auto', 'auto'],
    ['client_secret_basic', 'client_secret_basic'],
    ['client_secret_post', 'client_secret_post'],
  ])('%s is %s', (value, expected) => {
    const { oidc: read } = loadConfig({ ...base, OIDC_PROVIDER_CLIENT_AUTH: value })
    expect(read!.clientAuth).toBe(expected)
  })

  test.each([
    [{ OIDC_PROVIDER_CLIENT_AUTH: 'private_key_jwt' }, 'there is no key'],
    [{ OIDC_PROVIDER_CLIENT_AUTH: 'client_secret_jwt' }, 'must be auto, client_secret_basic'],
    [
      { OIDC_PROVIDER_CLIENT_AUTH: 'client_secret_post', OIDC_PROVIDER_CLIENT_SECRET: undefined },
      'there is no secret',
    ],
  ])('%j is refused: %s', (env, reason) => {
    expect(mistakesOf({ ...base, ...env }).join()).toContain(reason)
  })
})

describe('JWT_ISSUERS', () => {
  test('lists issuers with their audiences, one issuer for several', () => {
    const value =
      'https://id.example.com/realms/ai;hub, https://id.example.com/realms/ai;hub-cli,https://as.example.com/;https://hub;at+jwt'
    expect(loadConfig({ ...hub, JWT_ISSUERS: value }).jwt).toEqual({
      leewaySeconds: 5,
      issuers: [
        {
          issuer: 'https://id.example.com/realms/ai',
          audiences: ['hub', 'hub-cli'],
          accessTokenSign: 'required',
        },
        {
          issuer: 'https://as.example.com/',
          audiences: ['https://hub'],
          accessTokenSign: 'at+jwt',
        },
      ],
    })
  })

  test.each([
    ['https://id.example.com', 'write <issuer>;<audience>'],
    ['https://id.example.com;', 'write <issuer>;<audience>'],
    ['https://id.example.com;hub;jwt', 'write <issuer>;<audience>'],
    ['https://id.example.com;hub;any;x', 'write <issuer>;<audience>'],
    ['https://id.example.com;hub;any,https://id.example.com;cli', 'with ";any" and without'],
    ['https://id.example.com;hub;any,https://id.example.com;cli;at+jwt', 'with ";any" and without'],
    ['id.example.com;hub', 'not a URL without a query'],
    ['https://id.example.com?x=1;hub', 'not a URL without a query'],
    ['http://id.example.com;hub', 'does not use https'],
  ])('%s is refused: %s', (value, reason) => {
    expect(mistakesOf({ ...hub, JWT_ISSUERS: value }).join()).toContain(reason)
  })

  test('H15: an issuer that marks no token is said to be one', () => {
    const value = 'https://kubernetes.default.svc;hub;any,https://kubernetes.default.svc;cli;any'
    expect(loadConfig({ ...hub, JWT_ISSUERS: value }).jwt.issuers).toEqual([
      {
        issuer: 'https://kubernetes.default.svc',
        audiences: ['hub', 'cli'],
        accessTokenSign: 'any',
      },
    ])
  })

  test.each(['-1', '5s', '301', '1.5'])('a leeway of %s is refused', (value) => {
    expect(mistakesOf({ ...hub, JWT_LEEWAY_SECONDS: value }).join()).toContain('JWT_LEEWAY_SECONDS')
  })

  test('service principals are granted to by HUB_GRANTS', () => {
    const principal = 'service:ci@https://id.example.com/realms/ai'
    const { grants } = loadConfig({
      ...hub,
      HUB_GRANTS: JSON.stringify([{ principal, role: 'viewer' }]),
    })
    expect(grants).toMatchObject([{ principal, grant: { role: 'viewer' } }])
    expect(
      mistakesOf({ ...hub, HUB_GRANTS: '[{"principal":"service:ci","role":"viewer"}]' }).join(),
    ).toContain('service:<client id>@<issuer>')
  })
})

describe('local mode', () => {
  test('is what there is without HUB_MODE, with the contexts of kubectl', () => {
    const env = { HOME: '/home/ada', USER: 'ada', SESSION_SECRET: 'x', KUBECONFIG: '' }
    expect(loadConfig(env)).toMatchObject({
      local: {
        user: 'ada',
        kubeconfigs: ['/home/ada/.kube/config'],
        environment: { HOME: '/home/ada' },
      },
      production: false,
      listen: { host: '127.0.0.1' },
      database: { driver: 'sqlite', path: './data/local.db' },
      warnings: [],
    })
    expect(loadConfig(env).local?.environment).not.toHaveProperty('SESSION_SECRET')
    expect(loadConfig({ ...env, KUBECONFIG: '/a:/b::/a' }).local?.kubeconfigs).toEqual(['/a', '/b'])
    expect(loadConfig(hub).local).toBeNull()
  })

  test.each<[Environment, string]>([
    [{ HOST: '0.0.0.0' }, 'HOST is "0.0.0.0"'],
    [{ HOST: '192.168.1.5' }, 'HOST is "192.168.1.5"'],
    [{ HOST: 'hub.example.com' }, 'HOST is "hub.example.com"'],
    [{ AUTH_CALLBACK_URL: 'https://hub.example.com' }, 'AUTH_CALLBACK_URL is set'],
    [{ ENABLED_AUTH_PROVIDERS: 'oidc' }, 'ENABLED_AUTH_PROVIDERS is set'],
    [{ NODE_ENV: 'production' }, 'NODE_ENV is production'],
  ])('%j is refused, and HUB_MODE named', (env, reason) => {
    const mistakes = mistakesOf(env).join('\n')
    expect(mistakes).toContain(reason)
    expect(mistakes).toContain('Set HUB_MODE=true')
  })

  test.each(['127.0.0.1', '127.1.2.3', 'localhost', '::1'])('listens on %s', (host) => {
    expect(loadConfig({ HOST: host }).listen.host).toBe(host)
  })
})

test('H38: HUB_DRAIN_SECONDS is 5 in production and nothing elsewhere', () => {
  expect(loadConfig(hub).drainSeconds).toBe(0)
  const production = {
    ...hub,
    AUTH_CALLBACK_URL: 'https://hub.example.com',
    SESSION_SECRET: 'b1946ac92492d2347c6235b4d2611184f3a8c6c1',
  }
  expect(loadConfig(production).drainSeconds).toBe(5)
  expect(loadConfig({ ...production, HUB_DRAIN_SECONDS: '12' }).drainSeconds).toBe(12)
  expect(mistakesOf({ ...hub, HUB_DRAIN_SECONDS: '5s' })).toEqual([
    'HUB_DRAIN_SECONDS must be a number of seconds from 0 to 300, not "5s".',
  ])
})

test('METRICS_TOKEN is none, or long enough to be one', () => {
  expect(loadConfig(hub).metricsToken).toBeNull()
  const token = 'a-token-for-metrics-alone'
  expect(loadConfig({ ...hub, METRICS_TOKEN: token }).metricsToken).toBe(token)
  expect(mistakesOf({ ...hub, METRICS_TOKEN: 'short' })).toEqual([
    'METRICS_TOKEN must have at least 16 characters that a bearer token may hold; make one with openssl rand -hex 32',
  ])
})
