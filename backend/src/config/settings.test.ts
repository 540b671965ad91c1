import { homedir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { Config } from './config.ts'
import { mistakesOf } from '../../test/config-mistakes.ts'
import { loadConfig } from './load-config.ts'
import { readClusterProxies } from './read-cluster-proxies.ts'
import type { Environment } from './read-variables.ts'
import { readVersion } from './read-version.ts'

const secret = 'b1946ac92492d2347c6235b4d2611184f3a8c6c1'
const hub: Environment = {
  HUB_MODE: 'true',
  SESSION_SECRET: secret,
  ENABLED_AUTH_PROVIDERS: 'github',
  GITHUB_CLIENT_ID: 'hub',
  GITHUB_CLIENT_SECRET: 's',
}
const production = { ...hub, NODE_ENV: 'production', ALLOWED_HOSTS: 'hub.example.com' }
const oidc = {
  ENABLED_AUTH_PROVIDERS: 'oidc',
  OIDC_PROVIDER_ISSUER: 'https://id.example.com',
  OIDC_PROVIDER_CLIENT_ID: 'hub',
}
const entra = {
  ENABLED_AUTH_PROVIDERS: 'entra',
  AZURE_TENANT_ID: '72f988bf-86f1-41af-91ab-2d7cd011db47',
  AZURE_CLIENT_ID: 'hub',
  AZURE_CLIENT_SECRET: 's',
}

/** Each is refused by one sentence, which begins with the variable and has the fix. */
function refuses(rows: readonly (readonly [Environment, RegExp])[], base = hub) {
  test.each(rows)('%j is refused: %s', (env, sentence) => {
    expect(mistakesOf({ ...base, ...env })).toEqual([expect.stringMatching(sentence)])
  })
}

/** Each is taken as this; undefined where there is none. */
function takes(
  of: (config: Config) => unknown,
  rows: readonly (readonly [Environment, unknown])[],
  base = hub,
) {
  test.each(rows)('%j is %j', (env, expected) => {
    expect(of(loadConfig({ ...base, ...env }))).toEqual(expected)
  })
}

describe('numbers, words and durations', () => {
  takes(
    (config) => config.listen.port,
    [
      [{ PORT: '0' }, 0],
      [{ PORT: '65535' }, 65_535],
    ],
  )
  takes(
    (config) => config.logLevel,
    [
      [{ LOG_LEVEL: 'WARN' }, 'warn'],
      [{ LOG_LEVEL: 'silent' }, 'silent'],
    ],
  )
  takes(
    (config) => config.credentials.allowInsecureTls,
    [
      ['TRUE', true],
      ['1', true],
      ['False', false],
      ['0', false],
    ].map(([text, expected]) => [{ HUB_ALLOW_INSECURE_TLS: text as string }, expected] as const),
  )
  takes(
    (config) => config.requestsPerMinute,
    [
      [
        { HUB_REQUESTS_PER_MINUTE: '1', HUB_LOGINS_PER_MINUTE: '999999999' },
        { general: 1, login: 999_999_999 },
      ],
    ],
  )
  takes(
    (config) => config.jwt.leewaySeconds,
    [
      [{ JWT_LEEWAY_SECONDS: '0' }, 0],
      [{ JWT_LEEWAY_SECONDS: '300' }, 300],
    ],
  )
  takes(
    (config) => config.session,
    [
      [
        {
          SESSION_IDLE_TIMEOUT: '90s',
          SESSION_ABSOLUTE_TIMEOUT: '7d',
          SESSION_RENEW_INTERVAL: '2h',
        },
        { secrets: [secret], idleSeconds: 90, absoluteSeconds: 604_800, renewSeconds: 7_200 },
      ],
    ],
  )
  takes(
    (config) => config.audit.retentionSeconds,
    [
      [{ AUDIT_RETENTION: '1d' }, 86_400],
      [{ AUDIT_RETENTION: '99999d' }, 8_639_913_600],
    ],
  )
  takes(
    (config) => [config.groupStaleSeconds, config.modelCallsMax, config.fleetMetrics],
    [
      [{}, [86_400, 512, false]],
      [
        { GROUP_STALE_MAX: '2d', HUB_MODEL_CALLS_PER_INSTANCE: '10', HUB_FLEET_METRICS: 'true' },
        [172_800, 10, true],
      ],
    ],
  )

  refuses(
    [
      ['PORT', ['65536', '-1', '1.5', 'x'], /^PORT must be a number from 0 to 65535, not "/],
      ['LOG_LEVEL', ['loud'], /^LOG_LEVEL must be one of fatal, error, .*silent, not "loud"/],
      [
        'HUB_ALLOW_INSECURE_TLS',
        ['yes'],
        /^HUB_ALLOW_INSECURE_TLS must be true or false, not "yes"/,
      ],
      [
        'HUB_REQUESTS_PER_MINUTE',
        ['0', '01', '1000000000', '5x', 'x5', '-1'],
        /^HUB_REQUESTS_PER_MINUTE must be a whole number from 1 on, not "/,
      ],
      [
        'JWT_LEEWAY_SECONDS',
        ['301', '0300', '3e2', 'x3', '3x'],
        /^JWT_LEEWAY_SECONDS must be a number of seconds from 0 to 300, not "/,
      ],
      [
        'SESSION_IDLE_TIMEOUT',
        ['0m', '01m', '12345678s', '1w', 'm', '30', 'x1m', '1mx', '1 m'],
        /^SESSION_IDLE_TIMEOUT must be a duration such as 30m or 12h, not "/,
      ],
      [
        'AUDIT_RETENTION',
        ['0d', '01d', '100000d', 'x1d', '1dx', '1'],
        /^AUDIT_RETENTION must be a number of days such as 400d, not "/,
      ],
      [
        'METRICS_TOKEN',
        ['x'.repeat(501), 'a b'.repeat(10), '=aaaaaaaaaaaaaaaa'],
        /^METRICS_TOKEN .*16 characters/,
      ],
    ].flatMap(([name, values, sentence]) =>
      (values as string[]).map(
        (value) => [{ [name as string]: value }, sentence as RegExp] as const,
      ),
    ),
  )

  takes(
    (config) => config.metricsToken,
    [
      [{ METRICS_TOKEN: 'abcdefghijklmno_==' }, 'abcdefghijklmno_=='],
      [{ METRICS_TOKEN: 'x'.repeat(500) }, 'x'.repeat(500)],
    ],
  )
})

describe('secrets', () => {
  const placeholders = [
    'change-me-b1946ac92492d2347c6235b4d2611184',
    'changethis1946ac92492d2347c6235b4d2611184',
    'replace_with_1946ac92492d2347c6235b4d26111',
    'please-replace this: 6ac92492d2347c6235b4d2',
    'replacewith1946ac92492d2347c6235b4d2611184',
    'your_1946ac92492d2347c6235b4d2611184f3a8c',
    'PLACEHOLDER1946ac92492d2347c6235b4d2611184',
    'an-example-46ac92492d2347c6235b4d2611184f3',
  ]
  refuses(
    [
      ...placeholders.map(
        (value) =>
          [
            { SESSION_SECRET: value },
            /^SESSION_SECRET is a placeholder; set it to .*-hex 32\.$/,
          ] as const,
      ),
      [
        { SESSION_SECRET: 'dev-secret-change-in-production' },
        /^SESSION_SECRET is the public default;/,
      ],
      [{ SESSION_SECRET: undefined }, /^SESSION_SECRET is the public default;/],
      [
        { SESSION_SECRET: 'b1946ac92492d2347c6235b4d261118' },
        /^SESSION_SECRET is too weak; .*-hex 32\.$/,
      ],
      [{ SESSION_SECRET: 'abcdefg'.repeat(6) }, /^SESSION_SECRET is too weak;/],
      [
        { HUB_ENCRYPTION_KEY: `${secret},short` },
        /^HUB_ENCRYPTION_KEY is too weak; .*\(a comma separates secrets, and each of them counts\)\.$/,
      ],
    ],
    production,
  )
  takes(
    (config) => config.session.secrets,
    [
      ['b1946ac92492d2347c6235b4d2611184', ['b1946ac92492d2347c6235b4d2611184']],
      ['abcdefgh'.repeat(4), ['abcdefgh'.repeat(4)]],
      [`${secret}, ${secret}0`, [secret, `${secret}0`]],
    ].map(([text, expected]) => [{ SESSION_SECRET: text as string }, expected] as const),
    production,
  )

  test('weak ones are accepted outside production with a warning, and in local mode without', () => {
    const weak = { SESSION_SECRET: 'short' }
    expect(loadConfig({ ...hub, ...weak }).warnings).toEqual([
      expect.stringMatching(/^SESSION_SECRET is too weak, which is accepted in development only;/),
    ])
    expect(loadConfig(weak).warnings).toEqual([])
    expect(loadConfig({ ...hub, ...oidc }).warnings).toEqual([])
  })

  test.each([
    'your secret',
    'your-',
    '<id>',
    '...',
    'xxx',
    'xxxxx',
    'change me',
    'CHANGEME',
    'replace_me',
    'replaceme',
    'todo',
  ])('%s is what documentation says in place of a value', (value) => {
    expect(mistakesOf({ ...production, GITHUB_CLIENT_ID: value })).toEqual([
      expect.stringMatching(/^GITHUB_CLIENT_ID still has its placeholder .*; write what/),
    ])
  })

  test.each(['yours', 'my-todo', 'todo-list', '<id', 'xx', 'a...'])(
    '%s may be a value',
    (value) => {
      expect(mistakesOf({ ...production, GITHUB_CLIENT_ID: value })).toEqual([])
    },
  )

  test('come from files as well, and an empty or unreadable file is told', () => {
    const readFile = (path: string) => {
      if (path === '/secret') return ` ${secret}\n`
      if (path === '/empty') return '\n'
      throw new Error('no')
    }
    const env = { ...hub, SESSION_SECRET: '', SESSION_SECRET_FILE: ' /secret ' }
    expect(loadConfig(env, readFile).session.secrets).toEqual([secret])
    expect(mistakesOf({ ...env, SESSION_SECRET_FILE: '/empty' }, readFile)).toEqual([
      'SESSION_SECRET_FILE names /empty, which is empty.',
    ])
    expect(mistakesOf({ ...env, SESSION_SECRET_FILE: '/odd' }, readFile)).toEqual([
      'SESSION_SECRET_FILE names /odd, which cannot be read; correct the path or its permissions.',
    ])
    expect(mistakesOf({ ...env, SESSION_SECRET: secret }, readFile)).toEqual([
      'SESSION_SECRET and SESSION_SECRET_FILE are both set; unset one of them.',
    ])
    const { listen, warnings } = loadConfig({ ...hub, PORT_FILE: '/odd' }, readFile)
    expect(listen.port).toBe(3001)
    expect(warnings).toContain(
      'PORT_FILE is set, but PORT cannot come from a file: it is not read.',
    )
  })
})

describe('addresses', () => {
  takes(
    (config) => config.publicOrigin,
    [
      [{ AUTH_CALLBACK_URL: 'http://hub.corp:8080/' }, { origin: 'http://hub.corp:8080' }],
      [
        { ALLOWED_HOSTS: 'Hub.Example.com, [::1]:3001,10.0.0.1:80' },
        { hosts: new Set(['hub.example.com', '[::1]:3001', '10.0.0.1:80']) },
      ],
      [{ PORT: '80' }, { hosts: new Set(['localhost:80', '127.0.0.1:80', '[::1]:80']) }],
    ],
  )
  refuses([
    [
      { AUTH_CALLBACK_URL: 'ftp://hub.example.com' },
      /^AUTH_CALLBACK_URL must be the hub's address, such as https/,
    ],
    [
      { AUTH_CALLBACK_URL: 'xhttps://hub.example.com' },
      /^AUTH_CALLBACK_URL must be the hub's address/,
    ],
    [
      { AUTH_CALLBACK_URL: 'https://u@hub.example.com' },
      /^AUTH_CALLBACK_URL must be the hub's address/,
    ],
    [{ GITHUB_URL: 'https://u@github.corp' }, /^GITHUB_URL must be a URL/],
    [{ HUB_PROMETHEUS: 'a=https://u@prom.example.com' }, /^HUB_PROMETHEUS gives a the place/],
    [
      { AUTH_CALLBACK_URL: 'https://:pw@hub.example.com' },
      /^AUTH_CALLBACK_URL must be the hub's address, .*not "https:\/\/…@hub/,
    ],
    [
      { AUTH_CALLBACK_URL: 'http://hub.example.com/app' },
      /^AUTH_CALLBACK_URL must have no path or query: write http:\/\/hub\.example\.com\.$/,
    ],
    [
      { AUTH_CALLBACK_URL: 'http://hub.example.com?a' },
      /^AUTH_CALLBACK_URL must have no path or query/,
    ],
    [
      { AUTH_CALLBACK_URL: 'http://hub.example.com/#a' },
      /^AUTH_CALLBACK_URL must have no path or query/,
    ],
    [
      { ALLOWED_HOSTS: 'https://hub.example.com' },
      /^ALLOWED_HOSTS lists "https:\/\/hub\.example\.com"; write host or host:port/,
    ],
    [{ ALLOWED_HOSTS: 'hub:port' }, /^ALLOWED_HOSTS lists "hub:port"/],
    [{ ALLOWED_HOSTS: 'hub/x' }, /^ALLOWED_HOSTS lists "hub\/x"/],
    [{ ALLOWED_HOSTS: '*.hub' }, /^ALLOWED_HOSTS lists "\*\.hub"/],
    [{ CORS_ORIGINS: 'ftp://console.example.com' }, /^CORS_ORIGINS lists "ftp:/],
    [
      { TRUSTED_PROXIES: '::1/129' },
      /^TRUSTED_PROXIES lists "::1\/129"; write addresses or networks/,
    ],
    [{ TRUSTED_PROXIES: '10.0.0.0/0008' }, /^TRUSTED_PROXIES lists/],
    [{ TRUSTED_PROXIES: '10.0.0.0/x8' }, /^TRUSTED_PROXIES lists/],
    [{ TRUSTED_PROXIES: '10.0.0.0/8x' }, /^TRUSTED_PROXIES lists/],
    [
      { GITHUB_URL: 'nonsense' },
      /^GITHUB_URL must be a URL such as https:\/\/github\.com, not "nonsense"/,
    ],
    [{ GITHUB_URL: 'https://github.corp/?a=b' }, /^GITHUB_URL must be a URL/],
    [{ GITHUB_URL: 'https://github.corp/#a' }, /^GITHUB_URL must be a URL/],
    [
      { GITHUB_URL: 'https://:pw@github.corp' },
      /^GITHUB_URL must be a URL such as .*, not "https:\/\/…@github\.corp"/,
    ],
    [{ GITHUB_URL: 'ftp://127.0.0.1' }, /^GITHUB_URL must use https/],
    [
      { HUB_ALLOW_CLUSTER_PROXIES: 'xsocks://egress' },
      /^HUB_ALLOW_CLUSTER_PROXIES lists "xsocks:\/\/egress", but it is not an origin; write an HTTP proxy's/,
    ],
  ])
  test('production has to be told its own', () => {
    expect(mistakesOf({ ...production, ALLOWED_HOSTS: undefined })).toEqual([
      expect.stringMatching(
        /^In production the hub must know its own address: set AUTH_CALLBACK_URL/,
      ),
    ])
  })
  takes(
    (config) => [...config.corsOrigins],
    [
      [
        { CORS_ORIGINS: 'https://Console.example.com, http://localhost:5173/' },
        ['https://console.example.com', 'http://localhost:5173'],
      ],
    ],
  )
  takes(
    (config) => config.github,
    [
      [
        { GITHUB_URL: 'https://proxy.corp/github/ee//', GITHUB_ALLOWED_ORGS: 'Acme, 583231,a-b' },
        {
          clientId: 'hub',
          clientSecret: 's',
          url: 'https://proxy.corp/github/ee',
          apiUrl: 'https://proxy.corp/github/ee/api/v3',
          allowedOrgs: ['acme', '583231', 'a-b'],
        },
      ],
      [
        { GITHUB_API_URL: 'https://api.corp/' },
        {
          clientId: 'hub',
          clientSecret: 's',
          url: 'https://github.com',
          apiUrl: 'https://api.corp',
          allowedOrgs: [],
        },
      ],
    ],
  )

  test('networks of proxies are as wide as they say', () => {
    const { trustedProxies } = loadConfig({
      ...hub,
      TRUSTED_PROXIES: '2001:db8::/127,10.0.0.0,20.0.0.0/32,128.0.0.0/1,fd00::1/128,fd01::1',
    })
    const trusts = (address: string) =>
      trustedProxies.check(address, address.includes(':') ? 'ipv6' : 'ipv4')
    const inside = ['2001:db8::1', '10.0.0.0', '20.0.0.0', '255.0.0.1', 'fd00::1', 'fd01::1']
    const outside = ['2001:db8::2', '10.0.0.1', '20.0.0.1', '127.0.0.1', 'fd00::2', 'fd01::2']
    expect(inside.filter(trusts)).toEqual(inside)
    expect(outside.filter(trusts)).toEqual([])
  })
})

describe('who may sign in', () => {
  test('nobody, where no provider is enabled, which is said', () => {
    const {
      enabledProviders,
      entra: none,
      github,
      oidc: neither,
      warnings,
    } = loadConfig({
      ...hub,
      ENABLED_AUTH_PROVIDERS: ' ',
    })
    expect([enabledProviders, none, github, neither]).toEqual([[], null, null, null])
    expect(warnings).toEqual([
      'ENABLED_AUTH_PROVIDERS is empty: nobody can sign in. Set it to entra, github or oidc.',
    ])
    expect(loadConfig(hub).warnings).toEqual([])
  })

  takes(
    (config) => [...config.allowedEmailDomains],
    [
      [{}, []],
      [
        { HUB_ALLOWED_EMAIL_DOMAINS: '@Example.com, a-b.example.org' },
        ['example.com', 'a-b.example.org'],
      ],
    ],
  )
  refuses([
    ...['com', 'exa mple.com', '.com', 'a..b', 'a.b/c', '!a.b', 'a@b.com'].map(
      (value) =>
        [
          { HUB_ALLOWED_EMAIL_DOMAINS: value },
          /^HUB_ALLOWED_EMAIL_DOMAINS lists "[^"]+"; write a domain such as/,
        ] as const,
    ),
    ...['-acme', 'ac me', 'a'.repeat(40), 'acme/x', '0x.1'].map(
      (value) =>
        [
          { GITHUB_ALLOWED_ORGS: value },
          /^GITHUB_ALLOWED_ORGS lists "[^"]+"; write an organization's numeric id or/,
        ] as const,
    ),
    [
      { ENABLED_AUTH_PROVIDERS: 'github,okta' },
      /^ENABLED_AUTH_PROVIDERS lists "okta", which is unknown; use entra, github and oidc/,
    ],
    [
      { ENABLED_AUTH_PROVIDERS: 'github,GitHub' },
      /^ENABLED_AUTH_PROVIDERS lists github more than once/,
    ],
    [
      { GITHUB_CLIENT_ID: undefined },
      /^GITHUB_CLIENT_ID is missing; ENABLED_AUTH_PROVIDERS lists github/,
    ],
  ])

  describe('by OpenID Connect', () => {
    const base = { ...hub, ...oidc }
    takes(
      (config) => config.oidc,
      [
        [
          {
            OIDC_PROVIDER_CLIENT_SECRET: 's',
            OIDC_PROVIDER_CLIENT_AUTH: 'Client_Secret_Post',
            OIDC_PROVIDER_NAME: 'Acme',
            OIDC_PROVIDER_GROUPS_CLAIM: 'realm.groups',
            OIDC_PROVIDER_SCOPES: 'offline_access,groups  urn:a',
          },
          {
            issuer: 'https://id.example.com',
            clientId: 'hub',
            credential: { type: 'secret', secret: 's' },
            clientAuth: 'client_secret_post',
            assertionAudience: 'issuer',
            name: 'Acme',
            groupsClaim: 'realm.groups',
            extraScopes: ['offline_access', 'groups', 'urn:a'],
          },
        ],
        [
          {},
          {
            issuer: 'https://id.example.com',
            clientId: 'hub',
            credential: null,
            clientAuth: 'auto',
            assertionAudience: 'issuer',
            name: 'Single sign-on',
            groupsClaim: 'groups',
            extraScopes: [],
          },
        ],
      ],
      base,
    )
    refuses(
      [
        [
          'https://id.example.com?a',
          'https://id.example.com/#a',
          'https://u@id.example.com',
          'https://:pw@id.example.com',
          'ws://id.example.com',
          'xhttps://id.example.com',
          'id',
        ].map(
          (issuer) =>
            [
              { OIDC_PROVIDER_ISSUER: issuer },
              /^OIDC_PROVIDER_ISSUER must be a URL without query, such as/,
            ] as const,
        ),
        [
          [
            { OIDC_PROVIDER_ISSUER: undefined },
            /^OIDC_PROVIDER_ISSUER is missing; ENABLED_AUTH_PROVIDERS lists oidc/,
          ] as const,
          [
            { OIDC_PROVIDER_SCOPES: 'ok sch\\ön' },
            /^OIDC_PROVIDER_SCOPES lists "sch.*", which is not a scope/,
          ] as const,
          [{ OIDC_PROVIDER_SCOPES: 'sch"x' }, /^OIDC_PROVIDER_SCOPES lists/] as const,
          [{ OIDC_PROVIDER_SCOPES: '"x' }, /^OIDC_PROVIDER_SCOPES lists/] as const,
          [
            { OIDC_PROVIDER_CLIENT_AUTH: 'client_secret_basic' },
            /^OIDC_PROVIDER_CLIENT_AUTH is client_secret_basic, but there is no secret; set OIDC_PROVIDER_CLIENT_SECRET/,
          ] as const,
        ],
      ].flat(),
      base,
    )
  })

  describe('by Entra', () => {
    const base = { ...hub, ...entra }
    takes(
      (config) => config.entra,
      [
        [
          {
            AZURE_TENANT_ID: 'Organizations',
            AZURE_ALLOWED_TENANTS: entra.AZURE_TENANT_ID.toUpperCase(),
            ENTRA_AUTHORITY_URL: 'https://login.microsoftonline.us/',
            GRAPH_URL: 'https://graph.microsoft.us',
          },
          {
            tenant: 'organizations',
            allowedTenants: new Set([entra.AZURE_TENANT_ID]),
            clientId: 'hub',
            credential: { type: 'secret', secret: 's' },
            authorityUrl: 'https://login.microsoftonline.us',
            graphUrl: 'https://graph.microsoft.us',
          },
        ],
      ],
      base,
    )
    test.each(['contoso.com', 'a-b.contoso.co.uk'])('the domain %s is a tenant', (tenant) => {
      const env = { ...base, AZURE_TENANT_ID: tenant, AZURE_ALLOWED_TENANTS: entra.AZURE_TENANT_ID }
      expect(mistakesOf(env)).toEqual([])
    })
    refuses(
      [
        ...[
          'contoso',
          'con toso.com',
          'contoso.com/x',
          '.com',
          `x${entra.AZURE_TENANT_ID}`,
          `${entra.AZURE_TENANT_ID}x`,
        ].map(
          (tenant) =>
            [
              { AZURE_TENANT_ID: tenant },
              /^AZURE_TENANT_ID is "[^"]+"; write the tenant id \(a GUID\)/,
            ] as const,
        ),
        ...[`x${entra.AZURE_TENANT_ID}`, `${entra.AZURE_TENANT_ID}x`, '72f988bf'].map(
          (id) =>
            [
              { AZURE_ALLOWED_TENANTS: `${entra.AZURE_TENANT_ID},${id}` },
              /^AZURE_ALLOWED_TENANTS lists "[^"]+"; write tenant ids, such as/,
            ] as const,
        ),
        [{ AZURE_TENANT_ID: undefined }, /^AZURE_TENANT_ID is missing/],
        [
          { AZURE_TENANT_ID: 'consumers', AZURE_ALLOWED_TENANTS: entra.AZURE_TENANT_ID },
          /^AZURE_TENANT_ID is consumers/,
        ],
      ],
      base,
    )
  })
})

describe('whose tokens are taken', () => {
  const issuer = 'https://id.example.com'
  takes(
    (config) => config.jwt.issuers,
    [
      [{}, []],
      [
        { JWT_ISSUERS: `, ${issuer} ; hub ; at+jwt ,${issuer};cli` },
        [{ issuer, audiences: ['hub', 'cli'], accessTokenSign: 'at+jwt' }],
      ],
      [
        { JWT_ISSUERS: `${issuer};hub,${issuer};cli;at+jwt` },
        [{ issuer, audiences: ['hub', 'cli'], accessTokenSign: 'at+jwt' }],
      ],
      [
        {
          JWT_ISSUERS: `${issuer}/a;hub,${issuer};hub`,
          OIDC_ISSUER_URL: issuer,
          OIDC_CLIENT_ID: 'hub',
          OAUTH_ISSUER_URL: issuer,
          OAUTH_AUDIENCE: 'mcp-server',
        },
        [
          { issuer: `${issuer}/a`, audiences: ['hub'], accessTokenSign: 'required' },
          { issuer, audiences: ['hub', 'mcp-server'], accessTokenSign: 'required' },
        ],
      ],
      // What clients of the agents' door ask a token for (RFC 8707), where the hub knows its address.
      ...['', 'mcp-server'].map((audience): [Environment, unknown] => [
        {
          AUTH_CALLBACK_URL: 'https://hub.example.com',
          OAUTH_ISSUER_URL: issuer,
          OAUTH_AUDIENCE: audience,
        },
        [
          {
            issuer,
            audiences: [...(audience ? [audience] : []), 'https://hub.example.com/mcp'],
            accessTokenSign: 'required',
          },
        ],
      ]),
    ],
  )
  takes(
    (config) => [config.mcp, config.gateway.issuer],
    [
      [{}, [{ isOpen: false, issuer: null, issuers: [] }, null]],
      [
        { JWT_ISSUERS: `${issuer};hub` },
        [
          {
            isOpen: false,
            issuer: null,
            issuers: [{ issuer, audiences: ['hub'], accessTokenSign: 'required' }],
          },
          null,
        ],
      ],
      [
        { JWT_ISSUERS: `${issuer};hub`, OAUTH_ISSUER_URL: issuer, OAUTH_AUDIENCE: 'x' },
        [
          {
            isOpen: false,
            issuer,
            issuers: [{ issuer, audiences: ['x'], accessTokenSign: 'required' }],
          },
          null,
        ],
      ],
    ],
  )
  refuses([
    [{ JWT_ISSUERS: `;hub` }, /^JWT_ISSUERS names the issuer "", which is not a URL/],
    [
      { JWT_ISSUERS: `${issuer};hub,${issuer};cli;any` },
      /^JWT_ISSUERS names the issuer .* with ";any" and without/,
    ],
    [
      { JWT_ISSUERS: 'https://:s3cret@id.example.com;hub' },
      /^JWT_ISSUERS names the issuer "https:\/\/…@id/,
    ],
    [{ OAUTH_ISSUER_URL: issuer }, /^OAUTH_ISSUER_URL is set, but OAUTH_AUDIENCE is not/],
    [{ OAUTH_AUDIENCE: 'x' }, /^OAUTH_AUDIENCE is set, but OAUTH_ISSUER_URL is not/],
    [
      { OAUTH_ISSUER_URL: 'id', OAUTH_AUDIENCE: 'x' },
      /^OAUTH_ISSUER_URL is "id", which is not a URL/,
    ],
    [{ REQUIRE_OAUTH: 'false' }, /^REQUIRE_OAUTH is false, but a hub that others reach/],
  ])

  test('an issuer by plain http that is listed and named is not said to be unused', () => {
    const { warnings } = loadConfig({
      ...hub,
      JWT_ISSUERS: 'http://id:8080;hub,http://127.0.0.1:1;hub',
      HUB_ALLOW_HTTP_ISSUERS: 'http://id:8080,http://127.0.0.1:1,http://127.0.0.1:2',
    })
    expect(warnings).toEqual([
      expect.stringMatching(
        /^JWT_ISSUERS names http:\/\/id:8080, which is reached over plain http/,
      ),
      expect.stringMatching(
        /^HUB_ALLOW_HTTP_ISSUERS lists http:\/\/127\.0\.0\.1:2, which no setting names/,
      ),
    ])
  })
  refuses([
    [
      { HUB_ALLOW_HTTP_ISSUERS: 'https://id.example.com' },
      /^HUB_ALLOW_HTTP_ISSUERS lists "https:\/\/id\.example\.com", which uses https/,
    ],
    [
      { HUB_ALLOW_HTTP_ISSUERS: 'ftp://id' },
      /^HUB_ALLOW_HTTP_ISSUERS lists "ftp:\/\/id"; write issuers as/,
    ],
  ])
})

describe('the doors of machines and agents', () => {
  refuses(
    ['ENABLE_AUTH', 'AUTH_ENABLED', 'REQUIRE_OAUTH'].map(
      (name) => [{ [name]: 'maybe' }, new RegExp(`^${name} must be true or false, not`)] as const,
    ),
  )
  const issuer = { OIDC_ISSUER_URL: 'https://id.example.com', OIDC_CLIENT_ID: 'gateway' }
  const asked = {
    issuer: issuer.OIDC_ISSUER_URL,
    clientId: 'gateway',
    credential: { type: 'secret', secret: 's' },
  }
  takes(
    (config) => config.gateway.introspection,
    [
      [issuer, null],
      [{ OIDC_CLIENT_SECRET: 's' }, null],
      [{ ...issuer, OIDC_CLIENT_SECRET: 's' }, asked],
      [{ ...issuer, AUTH_OIDC_CLIENT_SECRET: 's' }, asked],
      [{ ...issuer, AUTH_OIDC_CLIENT_SECRET: 'other', OIDC_CLIENT_SECRET: 's' }, asked],
    ],
  )
  takes(
    (config) => [config.gateway.allowedModels, config.gateway.disallowedModels],
    [[{ ALLOWED_MODELS: 'org/A, b', DISALLOWED_MODELS: 'c' }, [['org/A', 'b'], ['c']]]],
  )
  takes(
    (config) => config.gateway.isOpen,
    [[{ ENABLE_AUTH: 'false', AUTH_ENABLED: 'true' }, false]],
  )

  test('of agents is open in local mode alone, and what that means is said', () => {
    const { mcp, warnings } = loadConfig({ REQUIRE_OAUTH: 'false' })
    expect(mcp).toEqual({ isOpen: true, issuer: null, issuers: [] })
    expect(warnings).toEqual([expect.stringMatching(/^REQUIRE_OAUTH is false: every process/)])
    expect(loadConfig({}).mcp.isOpen).toBe(false)
    expect(loadConfig({}).warnings).toEqual([])
  })

  test('lead to every provider outside that has a key', () => {
    const names = [
      'openai',
      'anthropic',
      'groq',
      'mistral',
      'cohere',
      'deepseek',
      'google',
      'nvidia',
      'openrouter',
      'together',
      'cloudflare',
      'ollama',
    ]
    const { gateway, warnings } = loadConfig({
      ...hub,
      ...Object.fromEntries(
        names.map((name) => [`${name.toUpperCase()}_API_KEY`, `key of ${name}`]),
      ),
      CLOUDFLARE_API_URL: 'https://cloudflare.example.com/v1//',
      OLLAMA_API_URL: 'http://localhost:11434/v1',
    })
    expect(gateway.providers.map(({ id }) => id)).toEqual(names)
    const of = Object.fromEntries(gateway.providers.map((each) => [each.id, each]))
    expect(names.filter((name) => of[name]!.scheme === 'x-api-key')).toEqual(['anthropic'])
    expect(names.filter((name) => of[name]!.tellsUsage)).toEqual(['mistral'])
    expect(of['groq']!.apiKey).toBe('key of groq')
    expect(of['cloudflare']!.url).toBe('https://cloudflare.example.com/v1')
    expect(of['ollama']!.url).toBe('http://localhost:11434/v1')
    for (const name of names) expect(of[name]!.url).toMatch(/^https?:\/\/\S+[^/]$/)
    expect(warnings).toEqual([])
    expect(loadConfig({ ...hub, OPENAI_API_URL: of['openai']!.url }).warnings).toEqual([])
  })

  refuses(
    [
      'http://x.example.com/v1',
      'ftp://localhost',
      'https://x.example.com?a',
      'https://x.example.com#a',
      'https://u@x.example.com',
      'https://:pw@x.example.com',
      'x',
    ].map(
      (url) =>
        [
          { GROQ_API_KEY: 'k', GROQ_API_URL: url },
          /^GROQ_API_URL must be an https address without a query, such as/,
        ] as const,
    ),
  )
})

describe('clusters', () => {
  takes(
    (config) => config.accessModes,
    [
      [
        { HUB_ACCESS_MODES: 'a = impersonate' },
        {
          instances: new Map([['a', { mode: 'impersonate', rights: 'both' }]]),
          fallback: { mode: 'service', rights: 'both' },
        },
      ],
    ],
  )
  refuses([
    [{ HUB_ALLOW_CLUSTER_PROXIES: 'ftp://egress' }, /^HUB_ALLOW_CLUSTER_PROXIES lists "ftp:/],
    [{ HUB_ALLOW_EXEC_PLUGINS: '/opt/x;arg:a\nb' }, /^HUB_ALLOW_EXEC_PLUGINS has "arg:a\nb"/],
    [{ HUB_PROMETHEUS: '*=' }, /^HUB_PROMETHEUS has the entry "\*="; write <instance>=<where>/],
  ])

  test('are reached without a proxy where none is set', () => {
    const mistakes: string[] = []
    expect([readClusterProxies(undefined, mistakes), mistakes]).toEqual([new Set(), []])
  })

  takes(
    (config) => [...config.exchangeClients],
    [
      [
        { HUB_EXCHANGE_CLIENTS: ' a = id ; s = e ; c ' },
        [['a', { clientId: 'id', credential: { type: 'secret', secret: 's = e ; c' } }]],
      ],
    ],
  )
  refuses([
    [
      { HUB_EXCHANGE_CLIENTS: 'a=id;s,b=id' },
      /^HUB_EXCHANGE_CLIENTS has an entry, the 2\. of them, that is no client/,
    ],
    [{ HUB_EXCHANGE_CLIENTS: 'a=;s' }, /^HUB_EXCHANGE_CLIENTS has an entry, the 1\. of them/],
    [{ HUB_EXCHANGE_CLIENTS: 'a=id;' }, /^HUB_EXCHANGE_CLIENTS has an entry, the 1\. of them/],
    [{ HUB_EXCHANGE_CLIENTS: 'A=id;s' }, /^HUB_EXCHANGE_CLIENTS has an entry, the 1\. of them/],
    [{ HUB_EXCHANGE_CLIENTS: '"a=id;s' }, /^HUB_EXCHANGE_CLIENTS has a quote that does not end/],
    [
      { HUB_ACCESS_MODES: 'a=exchange,b=exchange', HUB_EXCHANGE_CLIENTS: 'b=id;s' },
      /^HUB_ACCESS_MODES gives a the mode exchange, .*add a=<client id>/,
    ],
    [
      { HUB_ACCESS_MODES: '*=exchange', HUB_EXCHANGE_CLIENTS: 'b=id;s' },
      /^HUB_ACCESS_MODES gives \* the mode exchange/,
    ],
    [
      { HUB_ACCESS_MODES: 'a=passthrough;xrights:both' },
      /^HUB_ACCESS_MODES gives a the option "xrights:both"/,
    ],
    [
      { HUB_ALLOW_EXEC_PLUGINS: '/opt/x;xarg:y' },
      /^HUB_ALLOW_EXEC_PLUGINS has "xarg:y" behind \/opt\/x/,
    ],
    [
      { HUB_ALLOW_EXEC_PLUGINS: '/opt/x;env:1A' },
      /^HUB_ALLOW_EXEC_PLUGINS has "env:1A" behind \/opt\/x/,
    ],
    [
      { HUB_ALLOW_EXEC_PLUGINS: '/opt/x;env:A-' },
      /^HUB_ALLOW_EXEC_PLUGINS has "env:A-" behind \/opt\/x/,
    ],
  ])
  takes(
    (config) => config.accessModes,
    [
      [
        {
          HUB_ACCESS_MODES: 'a=exchange;rights: both,*=passthrough',
          HUB_EXCHANGE_CLIENTS: '*=id;s',
        },
        {
          instances: new Map([['a', { mode: 'exchange', rights: 'both' }]]),
          fallback: { mode: 'passthrough', rights: 'both' },
        },
      ],
    ],
  )
  takes(
    (config) => config.credentials.execEnvironment,
    [
      [{}, {}],
      [{ HOME: '/home/hub' }, { HOME: '/home/hub' }],
    ],
  )
  takes(
    (config) => config.credentials,
    [
      [
        {
          CREDENTIALS_PATH: '/keys',
          HUB_ALLOW_LOOPBACK_CLUSTERS: 'false',
          HUB_ALLOW_CLUSTER_PROXIES: '',
          HUB_ALLOW_EXEC_PLUGINS: '/opt/x;env:A_1',
        },
        {
          path: '/keys',
          allowLoopback: false,
          allowInsecureTls: false,
          execPlugins: new Map([['/opt/x', { args: [], env: ['A_1'] }]]),
          clusterProxies: new Set(),
          execEnvironment: {},
        },
      ],
    ],
  )
})

describe('administrators and grants', () => {
  takes(
    (config) => config.grants.map(({ grant, principal }) => [principal, grant.role]),
    [[{ HUB_GRANTS: '[{"principal":"oidc:a","role":"admin"}]' }, [['oidc:a', 'admin']]]],
  )
  takes(
    (config) => config.grants,
    [
      [
        {
          HUB_ADMINS: 'oidc:ada',
          HUB_GRANTS: JSON.stringify([
            { principal: 'oidc:bob', role: 'viewer' },
            {
              principal: 'oidc:cyd',
              role: 'deployer',
              instanceId: 'prod',
              namespaces: ['a', 'b'],
              limits: { requestsPerMinute: 5 },
            },
          ]),
        },
        [
          {
            principal: 'oidc:ada',
            grant: {
              id: 'config:admin:oidc:ada',
              role: 'admin',
              instanceId: null,
              namespaces: null,
              source: 'config',
              endsAt: null,
            },
          },
          {
            principal: 'oidc:bob',
            grant: {
              id: 'config:0',
              role: 'viewer',
              instanceId: null,
              namespaces: null,
              source: 'config',
              endsAt: null,
            },
          },
          {
            principal: 'oidc:cyd',
            grant: {
              id: 'config:1',
              role: 'deployer',
              instanceId: 'prod',
              namespaces: ['a', 'b'],
              source: 'config',
              endsAt: null,
              limits: { requestsPerMinute: 5 },
            },
          },
        ],
      ],
    ],
  )
  refuses([
    [
      { HUB_GRANTS: '[{"principal":"oidc:a","role":"admin","namespaces":["x"]}]' },
      /^HUB_GRANTS\[0\]: admin is always hub-wide/,
    ],
    [
      { HUB_GRANTS: '[{"principal":"oidc:a","role":"viewer","namespaces":["X"]}]' },
      /^HUB_GRANTS\[0\]\.namespaces\[0\]: /,
    ],
    [{ HUB_GRANTS: '{}' }, /^HUB_GRANTS: /],
    [
      { HUB_GRANTS: '[{"principal":"oidc:a","role":"viewer","x":1,"y":2}]' },
      /^HUB_GRANTS\[0\]: .* \(x, y\)\.$/,
    ],
    [{ HUB_ADMINS: '"oidc:a b" ,ada' }, /^HUB_ADMINS lists "ada", which must be a principal/],
  ])
})

describe('local mode', () => {
  const of = (env: Environment) => loadConfig(env).local
  test('names the person as their system does', () => {
    expect(of({ USER: 'ada', LOGNAME: 'x', USERNAME: 'y' })?.user).toBe('ada')
    expect(of({ USER: '', LOGNAME: 'x', USERNAME: 'y' })?.user).toBe('x')
    expect(of({ USERNAME: 'y' })?.user).toBe('y')
    expect(of({})?.user).toBe('me')
  })

  test('finds the kubeconfigs that kubectl would', () => {
    expect(of({})?.kubeconfigs).toEqual([join(homedir(), '.kube', 'config')])
    expect(of({ HOME: '/home/ada', KUBECONFIG: ':' })?.kubeconfigs).toEqual([
      '/home/ada/.kube/config',
    ])
    expect(of({ KUBECONFIG: 'a: :/b/../c' })?.kubeconfigs).toEqual([join(process.cwd(), 'a'), '/c'])
  })

  test('keeps every secret of the hub from the programs of kubeconfigs', () => {
    const env = { METRICS_TOKEN: 'a-token-for-metrics-alone', GROQ_API_KEY: 'k', AWS_PROFILE: 'ml' }
    expect(of(env)?.environment).toEqual({ AWS_PROFILE: 'ml' })
  })

  test('takes the secret that lets somebody in, or makes one', () => {
    const token = 'abcdefghijklmnopqrstuvwxyz012345'
    expect(of({ HUB_LOCAL_SECRET: token })?.secret).toBe(token)
    expect(of({ HUB_LOCAL_SECRET: `${token}==` })?.secret).toBe(`${token}==`)
    expect(of({})?.secret).toBeNull()
    for (const value of [token.slice(1), `${token} x`, `"${token}"`, `=${token}`]) {
      const mistakes = mistakesOf({ HUB_LOCAL_SECRET: value })
      expect(mistakes).toEqual([expect.stringMatching(/^HUB_LOCAL_SECRET must have at least 32/)])
      expect(mistakes.join()).not.toContain(token.slice(1))
    }
  })

  test('signs nobody in, whatever is set for those who would', () => {
    expect(loadConfig({ GITHUB_CLIENT_ID: 'x' })).toMatchObject({
      enabledProviders: [],
      entra: null,
      github: null,
      oidc: null,
      allowedEmailDomains: new Set(),
    })
  })

  test.each([
    '127.0.0.53',
    '127.100.20.3',
    'localhost:1',
    'LOCALHOST',
    'hub.localhost',
    '[::1]:80',
    '127.0.0.1:80',
  ])('may listen on %s', (host) => {
    expect(mistakesOf({ HOST: host })).toEqual([])
  })
  test.each([
    '127.0.0.1.example.com',
    'x127.0.0.1',
    '127.0.0.1234',
    'localhost.example.com',
    'notlocalhost',
    '127.0.0',
    '::',
    'localhost:x',
  ])('does not listen on %s', (host) => {
    expect(mistakesOf({ HOST: host })).toEqual([expect.stringMatching(/^HOST is "/)])
  })

  test('is meant where HUB_MODE is wrong, which alone is told', () => {
    expect(mistakesOf({ HUB_MODE: 'yes', HOST: '0.0.0.0' })).toEqual([
      'HUB_MODE must be true or false, not "yes".',
    ])
  })
})

test("the hub's version is that of its package", () => {
  expect(readVersion()).toMatch(/^\d+\.\d+\.\d+/)
})
