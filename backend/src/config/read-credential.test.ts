import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import { createCertificateAuthority } from '@hub/demo'
import { describe, expect, test } from 'vitest'
import { mistakesOf } from '../../test/config-mistakes.ts'
import { loadConfig } from './load-config.ts'
import type { Environment } from './read-variables.ts'

const pem = (key: KeyObject) => key.export({ type: 'pkcs8', format: 'pem' })
const ec = pem(generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey)
const [rsa, curved] = await Promise.all([
  createCertificateAuthority('hub', { isRsa: true }),
  createCertificateAuthority('hub'),
])
const files: Record<string, string> = {
  '/key': ec,
  '/jwt': 'a.b.c',
  '/empty': ' \n',
  '/secret': 's',
  '/both': rsa.certificate + rsa.privateKey,
  '/curved': curved.certificate + curved.privateKey,
}
const readFile = (path: string) => {
  const text = files[path]
  if (text === undefined) throw Object.assign(new Error('no such file'), { code: 'ENOENT' })
  return text
}
const hub = { HUB_MODE: 'true', SESSION_SECRET: 'b1946ac92492d2347c6235b4d2611184f3a8c6c1' }
const load = (env: Environment) => loadConfig(env, readFile)

describe('at any OpenID provider', () => {
  const base = {
    ...hub,
    ENABLED_AUTH_PROVIDERS: 'oidc',
    OIDC_PROVIDER_ISSUER: 'https://id.example.com',
    OIDC_PROVIDER_CLIENT_ID: 'hub',
  }

  test.each<[Environment, object]>([
    [
      {
        OIDC_PROVIDER_CLIENT_KEY_FILE: '/key',
        OIDC_PROVIDER_ASSERTION_AUDIENCE: 'Token_Endpoint',
        OIDC_PROVIDER_CLIENT_AUTH: 'private_key_jwt',
      },
      {
        credential: { type: 'key', variable: 'OIDC_PROVIDER_CLIENT_KEY_FILE', path: '/key' },
        assertionAudience: 'token_endpoint',
      },
    ],
    [
      {
        OIDC_PROVIDER_CLIENT_ASSERTION_FILE: '/jwt',
        OIDC_PROVIDER_CLIENT_AUTH: 'private_key_jwt',
      },
      {
        credential: {
          type: 'assertion',
          variable: 'OIDC_PROVIDER_CLIENT_ASSERTION_FILE',
          path: '/jwt',
        },
        clientAuth: 'private_key_jwt',
      },
    ],
  ])('%j is taken', (env, expected) => {
    expect(load({ ...base, ...env }).oidc).toMatchObject(expected)
  })

  test.each<[Environment, string]>([
    [
      { OIDC_PROVIDER_CLIENT_SECRET: 's', OIDC_PROVIDER_CLIENT_KEY_FILE: '/key' },
      'OIDC_PROVIDER_CLIENT_SECRET and OIDC_PROVIDER_CLIENT_KEY_FILE are set together, but the hub proves who it is in one way; unset all but one of them.',
    ],
    [
      { OIDC_PROVIDER_CLIENT_SECRET_FILE: '/secret', OIDC_PROVIDER_CLIENT_ASSERTION_FILE: '/jwt' },
      'OIDC_PROVIDER_CLIENT_SECRET and OIDC_PROVIDER_CLIENT_ASSERTION_FILE are set together, but the hub proves who it is in one way; unset all but one of them.',
    ],
    [
      { OIDC_PROVIDER_CLIENT_KEY_FILE: '/key', OIDC_PROVIDER_CLIENT_ASSERTION_FILE: '/jwt' },
      'OIDC_PROVIDER_CLIENT_KEY_FILE and OIDC_PROVIDER_CLIENT_ASSERTION_FILE are set together, but the hub proves who it is in one way; unset all but one of them.',
    ],
    [
      { OIDC_PROVIDER_CLIENT_KEY_FILE: '/gone' },
      'OIDC_PROVIDER_CLIENT_KEY_FILE names /gone, which cannot be read (ENOENT); correct the path or its permissions.',
    ],
    [
      { OIDC_PROVIDER_CLIENT_KEY_FILE: '/empty' },
      'OIDC_PROVIDER_CLIENT_KEY_FILE names /empty, which is empty.',
    ],
    [
      { OIDC_PROVIDER_CLIENT_KEY_FILE: '/jwt' },
      'OIDC_PROVIDER_CLIENT_KEY_FILE names /jwt, which holds no private key; write one as PEM (PKCS#8) or as a JWK.',
    ],
    [
      { OIDC_PROVIDER_CLIENT_ASSERTION_FILE: '/key' },
      'OIDC_PROVIDER_CLIENT_ASSERTION_FILE names /key, which holds no JWT; name the file that the platform writes the token to.',
    ],
    [
      { OIDC_PROVIDER_CLIENT_KEY_FILE: '/key', OIDC_PROVIDER_CLIENT_AUTH: 'client_secret_basic' },
      'OIDC_PROVIDER_CLIENT_AUTH is client_secret_basic, but there is no secret; set OIDC_PROVIDER_CLIENT_SECRET, or unset OIDC_PROVIDER_CLIENT_AUTH for a public client or one with a key.',
    ],
    [
      { OIDC_PROVIDER_CLIENT_SECRET: 's', OIDC_PROVIDER_CLIENT_AUTH: 'private_key_jwt' },
      'OIDC_PROVIDER_CLIENT_AUTH is private_key_jwt, but there is no key; set OIDC_PROVIDER_CLIENT_KEY_FILE or OIDC_PROVIDER_CLIENT_ASSERTION_FILE, or unset OIDC_PROVIDER_CLIENT_AUTH.',
    ],
    [
      { OIDC_PROVIDER_ASSERTION_AUDIENCE: 'https://id.example.com' },
      'OIDC_PROVIDER_ASSERTION_AUDIENCE must be issuer or token_endpoint.',
    ],
  ])('%j is refused: %s', (env, sentence) => {
    expect(mistakesOf({ ...base, ...env }, readFile)).toEqual([sentence])
  })
})

describe('in Entra', () => {
  const base = {
    ...hub,
    ENABLED_AUTH_PROVIDERS: 'entra',
    AZURE_TENANT_ID: '72f988bf-86f1-41af-91ab-2d7cd011db47',
    AZURE_CLIENT_ID: 'hub',
  }
  const by = (type: 'key' | 'assertion', variable: string, path: string) => ({
    credential: { type, variable, path },
  })

  test('a certificate and the token of the platform serve as the secret does', () => {
    expect(load({ ...base, AZURE_CLIENT_CERTIFICATE_PATH: '/both' })).toMatchObject({
      entra: by('key', 'AZURE_CLIENT_CERTIFICATE_PATH', '/both'),
      warnings: [],
    })
    expect(load({ ...base, AZURE_FEDERATED_TOKEN_FILE: '/jwt' })).toMatchObject({
      entra: by('assertion', 'AZURE_FEDERATED_TOKEN_FILE', '/jwt'),
      warnings: [],
    })
  })

  test('what the webhook gives to every pod is not used where something else is set, and not read', () => {
    const injected = { ...base, AZURE_FEDERATED_TOKEN_FILE: '/gone' }
    expect(load({ ...injected, AZURE_CLIENT_CERTIFICATE_PATH: '/both' })).toMatchObject({
      entra: by('key', 'AZURE_CLIENT_CERTIFICATE_PATH', '/both'),
      warnings: [
        'AZURE_FEDERATED_TOKEN_FILE is not used, because AZURE_CLIENT_CERTIFICATE_PATH is set; unset AZURE_CLIENT_CERTIFICATE_PATH to sign people in by workload identity.',
      ],
    })
    expect(load({ ...injected, AZURE_CLIENT_SECRET: 's' })).toMatchObject({
      entra: { credential: { type: 'secret', secret: 's' } },
      warnings: [expect.stringContaining('because AZURE_CLIENT_SECRET is set')],
    })
  })

  test('is where the webhook says, unless the hub’s own variable says otherwise', () => {
    const env = { ...base, AZURE_CLIENT_SECRET: 's' }
    const host = { AZURE_AUTHORITY_HOST: 'https://login.microsoftonline.us/' }
    const own = { ENTRA_AUTHORITY_URL: 'https://login.partner.microsoftonline.cn' }
    const urlOf = (more: Environment) => load({ ...env, ...more }).entra!.authorityUrl
    expect([{}, host, { ...host, ...own }].map(urlOf)).toEqual([
      'https://login.microsoftonline.com',
      'https://login.microsoftonline.us',
      'https://login.partner.microsoftonline.cn',
    ])
  })

  test.each<[Environment, string]>([
    [
      {},
      'AZURE_CLIENT_SECRET is missing; ENABLED_AUTH_PROVIDERS lists entra, which needs it, or AZURE_CLIENT_CERTIFICATE_PATH, or AZURE_FEDERATED_TOKEN_FILE.',
    ],
    [
      { AZURE_CLIENT_SECRET: 's', AZURE_CLIENT_CERTIFICATE_PATH: '/both' },
      'AZURE_CLIENT_SECRET and AZURE_CLIENT_CERTIFICATE_PATH are set together, but the hub proves who it is in one way; unset all but one of them.',
    ],
    [
      { AZURE_CLIENT_CERTIFICATE_PATH: '/key' },
      'AZURE_CLIENT_CERTIFICATE_PATH names /key, which holds no certificate; write the PEM of the certificate and of its key into one file.',
    ],
    [
      { AZURE_CLIENT_CERTIFICATE_PATH: '/curved' },
      'AZURE_CLIENT_CERTIFICATE_PATH names /curved, which holds a key that is not of RSA, which Entra needs.',
    ],
    [
      { AZURE_FEDERATED_TOKEN_FILE: '/gone' },
      'AZURE_FEDERATED_TOKEN_FILE names /gone, which cannot be read (ENOENT); correct the path or its permissions.',
    ],
  ])('%j is refused: %s', (env, sentence) => {
    expect(mistakesOf({ ...base, ...env }, readFile)).toEqual([sentence])
  })
})

describe('where tokens are asked about, or exchanged', () => {
  const door = { ...hub, OIDC_ISSUER_URL: 'https://id.example.com', OIDC_CLIENT_ID: 'gateway' }

  test('a key or an assertion serves as the secret does', () => {
    const { gateway } = load({ ...door, OIDC_CLIENT_KEY_FILE: '/key' })
    expect(gateway.introspection).toEqual({
      issuer: 'https://id.example.com',
      clientId: 'gateway',
      credential: { type: 'key', variable: 'OIDC_CLIENT_KEY_FILE', path: '/key' },
    })
    const { exchangeClients } = load({
      ...hub,
      HUB_EXCHANGE_CLIENTS: 'a=hub;key-file:/key, b=hub;a-key-file:s, *=hub;assertion-file: /jwt',
    })
    const variable = 'HUB_EXCHANGE_CLIENTS'
    expect([...exchangeClients]).toEqual([
      ['a', { clientId: 'hub', credential: { type: 'key', variable, path: '/key' } }],
      ['b', { clientId: 'hub', credential: { type: 'secret', secret: 'a-key-file:s' } }],
      ['*', { clientId: 'hub', credential: { type: 'assertion', variable, path: '/jwt' } }],
    ])
  })

  test.each<[Environment, string]>([
    [{ ...door, OIDC_CLIENT_ASSERTION_FILE: '/gone' }, 'OIDC_CLIENT_ASSERTION_FILE names /gone'],
    [{ ...door, OIDC_CLIENT_SECRET: 's', OIDC_CLIENT_KEY_FILE: '/key' }, 'OIDC_CLIENT_SECRET and'],
    [{ ...hub, HUB_EXCHANGE_CLIENTS: 'a=hub;key-file:/jwt' }, 'HUB_EXCHANGE_CLIENTS names /jwt'],
  ])('%j is refused: %s', (env, sentence) => {
    expect(mistakesOf(env, readFile)).toEqual([expect.stringContaining(sentence)])
  })
})
