import { readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { Config } from './config.ts'
import { loadConfig } from './load-config.ts'
import type { Environment } from './read-variables.ts'
import { describeDefault } from './variable.ts'
import { variables } from './variables.ts'

const page = readFileSync(new URL('../../../docs/configuration.md', import.meta.url), 'utf8')
const rows = [...page.matchAll(/^\| `([A-Z_]+)` \| (.+?) \| (.+?) \| (.+?) \|$/gm)].map(
  ([, name = '', purpose, byDefault = '', fromFile]) => ({
    name,
    purpose,
    byDefault: byDefault.replaceAll('`', ''),
    fromFile,
  }),
)

test('docs/configuration.md lists exactly the variables the hub reads, with their defaults', () => {
  expect(rows).toEqual(
    Object.entries(variables).map(([name, variable]) => ({
      name,
      purpose: variable.purpose,
      byDefault: describeDefault(variable).replaceAll('`', ''),
      fromFile: variable.secret ? 'yes' : 'no',
    })),
  )
})

const secret = 'b1946ac92492d2347c6235b4d2611184f3a8c6c1'
/** What has no default that the hub could run with; whatever it is does not matter here. */
const asked: Environment = {
  SESSION_SECRET: secret,
  AZURE_TENANT_ID: '72f988bf-86f1-41af-91ab-2d7cd011db47',
  AZURE_CLIENT_ID: 'hub',
  AZURE_CLIENT_SECRET: 's',
  GITHUB_CLIENT_ID: 'hub',
  GITHUB_CLIENT_SECRET: 's',
  OIDC_PROVIDER_ISSUER: 'https://id.example.com',
  OIDC_PROVIDER_CLIENT_ID: 'hub',
}
const hub = { ...asked, HUB_MODE: 'true', ENABLED_AUTH_PROVIDERS: 'entra,github,oidc' }
const modes: Record<string, Environment> = {
  'in local mode': {},
  'outside production': hub,
  'in production': { ...hub, NODE_ENV: 'production', ALLOWED_HOSTS: 'hub.example.com' },
}

/** `0; 5 in production`: what the page says of a mode. */
function findSaid(cell: string, mode: string): string {
  const [otherwise = '', ...cases] = cell.split('; ')
  const own = cases.find((each) => each.endsWith(` ${mode}`))
  return own === undefined ? otherwise : own.slice(0, -mode.length - 1)
}

/** What the page says in words: what the hub does then, beside what those words mean. */
const inWords: Record<string, (config: Config) => [unknown, unknown]> = {
  AUTH_CALLBACK_URL: ({ publicOrigin }) => ['hosts' in publicOrigin, true],
  ALLOWED_HOSTS: ({ production, publicOrigin }) => {
    const hosts = ['localhost:3001', '127.0.0.1:3001', '[::1]:3001']
    return production ? [true, true] : [publicOrigin, { hosts: new Set(hosts) }]
  },
  KUBECONFIG: ({ local }) => [local?.kubeconfigs, local?.kubeconfigs && [kubectls]],
  HUB_LOCAL_SECRET: ({ local }) => [local?.secret ?? null, null],
  DATABASE_DIRECT_URL: ({ database }) => ['directUrl' in database, false],
  METRICS_TOKEN: ({ metricsToken }) => [metricsToken, null],
  AUDIT_RETENTION: ({ audit }) => [audit.retentionSeconds, null],
  HUB_CONFIG_FILE: ({ file }) => [file, null],
  HUB_ENCRYPTION_KEY: ({ encryptionSecrets, session }) => [encryptionSecrets, session.secrets],
  AZURE_ALLOWED_TENANTS: ({ entra }) => [entra?.allowedTenants, entra ? new Set() : undefined],
  GITHUB_API_URL: ({ github }) => [github?.apiUrl, github ? 'https://api.github.com' : undefined],
  ...Object.fromEntries(
    [
      'OIDC_ISSUER_URL',
      'OIDC_CLIENT_ID',
      'OIDC_CLIENT_SECRET',
      'OIDC_CLIENT_KEY_FILE',
      'OIDC_CLIENT_ASSERTION_FILE',
      'AUTH_OIDC_ISSUER_URL',
      'AUTH_OIDC_ISSUER',
      'AUTH_OIDC_CLIENT_ID',
      'AUTH_OIDC_CLIENT_SECRET',
      'OAUTH_ISSUER_URL',
      'OAUTH_AUDIENCE',
    ].map((name) => [name, ({ gateway }: Config) => [gateway.issuer, null] as [unknown, unknown]]),
  ),
  AUTH_ENABLED: ({ gateway }) => [gateway.isOpen, false],
  AUTH_ENABLE: ({ gateway }) => [gateway.isOpen, false],
  ...Object.fromEntries(
    Object.keys(variables)
      .filter((name) => /^(?:.*_API_KEY|CLOUDFLARE_API_URL|OLLAMA_API_URL)$/.test(name))
      .map((name) => [
        name,
        ({ gateway }: Config) => [gateway.providers, []] as [unknown, unknown],
      ]),
  ),
  ...Object.fromEntries(
    [
      'OIDC_PROVIDER_CLIENT_SECRET',
      'OIDC_PROVIDER_CLIENT_KEY_FILE',
      'OIDC_PROVIDER_CLIENT_ASSERTION_FILE',
    ].map((name) => [name, ({ oidc }: Config) => [oidc?.credential ?? null, null]]),
  ),
  ...Object.fromEntries(
    ['AZURE_CLIENT_SECRET', 'AZURE_CLIENT_CERTIFICATE_PATH', 'AZURE_FEDERATED_TOKEN_FILE'].map(
      (name) => [
        name,
        ({ entra }: Config) => [entra?.credential.type, entra ? 'secret' : undefined],
      ],
    ),
  ),
  ENTRA_AUTHORITY_URL: ({ entra }) => [
    entra?.authorityUrl,
    entra ? 'https://login.microsoftonline.com' : undefined,
  ],
}
const kubectls = join(homedir(), '.kube', 'config')

const findRows = (env: Environment, isInWords: boolean) =>
  rows.filter(
    ({ byDefault, name }) =>
      !(name in env) && name in inWords === isInWords && (isInWords || byDefault !== '—'),
  )

const withoutEnvironment = ({ local, ...rest }: Config) => ({
  ...rest,
  local: local && { ...local, environment: null },
})

describe.each(Object.entries(modes))('with nothing else set %s', (mode, env) => {
  test.each(findRows(env, false))('$name is $byDefault', ({ byDefault, name }) => {
    const said = findSaid(byDefault, mode)
    const asSaid = loadConfig({ ...env, [name]: said === '(empty)' ? '' : said })
    expect(withoutEnvironment(asSaid)).toEqual(withoutEnvironment(loadConfig(env)))
  })

  test.each(findRows(env, true))('$name is $byDefault', ({ name }) => {
    const [is, said] = inWords[name]!(loadConfig(env))
    expect(is).toEqual(said)
  })
})

test.each(rows.filter(({ byDefault, name }) => byDefault === '—' && !(name in inWords)))(
  '$name has no default, and is asked for',
  ({ name }) => {
    expect(() => loadConfig({ ...hub, [name]: undefined })).toThrow(`${name} is missing`)
  },
)

test('every row that the page says in words has its own check, and no other', () => {
  const said = Object.entries(variables).flatMap(
    ([name, { default: byDefault, requiredBy, unset }]) =>
      unset !== undefined || (byDefault === null && requiredBy === undefined) ? [name] : [],
  )
  expect(Object.keys(inWords).toSorted()).toEqual(said.toSorted())
})
