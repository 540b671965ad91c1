import { describe, expect, test } from 'vitest'
import { loadConfig, type Environment, type ProvidersConfig } from '#config'
import { canSignIn, findIdentityFault } from './find-identity-fault.ts'
import type { JudgedIdentity } from './rows.ts'

const home = '11111111-2222-4333-8444-555555555555'
const partner = '66666666-7777-4888-8999-aaaaaaaaaaaa'

const rules = (env: Environment = {}): ProvidersConfig =>
  loadConfig({
    HUB_MODE: 'true',
    ENABLED_AUTH_PROVIDERS: 'entra,github,oidc',
    AZURE_TENANT_ID: home,
    AZURE_CLIENT_ID: 'entra-client',
    AZURE_CLIENT_SECRET: 's',
    GITHUB_CLIENT_ID: 'github-client',
    GITHUB_CLIENT_SECRET: 's',
    OIDC_PROVIDER_ISSUER: 'https://id.example.com/realms/ai',
    OIDC_PROVIDER_CLIENT_ID: 'oidc-client',
    ...env,
  })

const admission = {
  clientId: 'oidc-client',
  tenant: null,
  isEmailVerified: true,
  orgs: null,
}
const oidc: JudgedIdentity = {
  provider: 'oidc',
  issuer: 'https://id.example.com/realms/ai',
  principal: 'oidc:ada',
  email: 'ada@Example.com',
  admission,
  withdrawnAt: null,
  withdrawnReason: null,
}
const entraOf = (tenant: string): JudgedIdentity => ({
  ...oidc,
  provider: 'entra',
  issuer: `https://login.microsoftonline.com/${tenant}/v2.0`,
  principal: `entra:${tenant}:o`,
  admission: { ...admission, clientId: 'entra-client', tenant: home },
})
const github: JudgedIdentity = {
  ...oidc,
  provider: 'github',
  issuer: 'https://github.com',
  principal: 'github:1',
  admission: {
    ...admission,
    clientId: 'github-client',
    orgs: [{ id: 9001, login: 'Acme' }],
  },
}

describe('H19: an identity counts while all by which it would be let in is enabled', () => {
  test.each<[string, JudgedIdentity, Environment, string | null]>([
    ['as it was', oidc, {}, null],
    ['another issuer', oidc, { OIDC_PROVIDER_ISSUER: 'https://id.example.com/realms/b' }, 'issuer'],
    [
      'the issuer with a slash',
      oidc,
      { OIDC_PROVIDER_ISSUER: 'https://id.example.com/realms/ai/' },
      'issuer',
    ],
    ['another client', oidc, { OIDC_PROVIDER_CLIENT_ID: 'other' }, 'client'],
    ['a client that nobody wrote down', { ...oidc, admission: null }, {}, null],
    ['a provider that is off', oidc, { ENABLED_AUTH_PROVIDERS: 'entra' }, 'provider'],
    ['a rule that lets it in', oidc, { HUB_ALLOWED_EMAIL_DOMAINS: 'example.com' }, null],
    ['a rule that does not', oidc, { HUB_ALLOWED_EMAIL_DOMAINS: 'new.example' }, 'email'],
    [
      'an address that nobody verified',
      { ...oidc, admission: { ...admission, isEmailVerified: false } },
      { HUB_ALLOWED_EMAIL_DOMAINS: 'example.com' },
      'email',
    ],
    [
      'an address of which nobody knows',
      { ...oidc, admission: null },
      { HUB_ALLOWED_EMAIL_DOMAINS: 'example.com' },
      'email',
    ],
    ['no address', { ...oidc, email: null }, { HUB_ALLOWED_EMAIL_DOMAINS: 'example.com' }, 'email'],
    ['the tenant', entraOf(home), {}, null],
    ['another tenant', entraOf(home), { AZURE_TENANT_ID: partner }, 'tenant'],
    [
      'a tenant among several',
      entraOf(partner),
      { AZURE_TENANT_ID: 'organizations', AZURE_ALLOWED_TENANTS: `${home},${partner}` },
      null,
    ],
    [
      'a tenant that was taken off the list',
      entraOf(partner),
      { AZURE_TENANT_ID: 'organizations', AZURE_ALLOWED_TENANTS: home },
      'tenant',
    ],
    [
      'a tenant that is called by its domain since',
      entraOf(home),
      { AZURE_TENANT_ID: 'contoso.example' },
      'tenant',
    ],
    [
      'a tenant that was called by its domain',
      {
        ...entraOf(home),
        admission: { ...admission, clientId: 'entra-client', tenant: 'contoso.example' },
      },
      { AZURE_TENANT_ID: 'contoso.example' },
      null,
    ],
    [
      'another cloud',
      entraOf(home),
      { ENTRA_AUTHORITY_URL: 'https://login.microsoftonline.us' },
      'issuer',
    ],
    ['another app', entraOf(home), { AZURE_CLIENT_ID: 'other' }, 'client'],
    ['GitHub', github, {}, null],
    ['another GitHub', github, { GITHUB_URL: 'https://ghe.example.com' }, 'issuer'],
    ['another OAuth app', github, { GITHUB_CLIENT_ID: 'other' }, 'client'],
    ['its organization by id', github, { GITHUB_ALLOWED_ORGS: '9001' }, null],
    ['its organization by login', github, { GITHUB_ALLOWED_ORGS: 'acme' }, null],
    ['another organization', github, { GITHUB_ALLOWED_ORGS: 'globex' }, 'organization'],
    ['a person of the machine itself', { ...oidc, provider: 'local' }, {}, 'provider'],
    ['a provider that took its word back', { ...oidc, withdrawnAt: new Date() }, {}, 'withdrawn'],
  ])('%s', (_name, identity, env, kind) => {
    const fault = findIdentityFault(identity, rules(env))
    expect(fault?.kind ?? null).toBe(kind)
    expect(fault?.sentence ?? 'None.').toMatch(/^[A-Z].*\.$/)
  })

  test.each<[string, Environment, boolean]>([
    ['oidc:x', {}, true],
    ['oidc:x', { ENABLED_AUTH_PROVIDERS: 'entra' }, false],
    [`entra:${home}:x`, {}, true],
    [`entra:${partner}:x`, {}, false],
    ['github:1', {}, true],
    ['service:ci@https://id.example.com', {}, false],
  ])('whoever is %s with %j can sign in: %s', (principal, env, isPossible) => {
    expect(canSignIn(principal, rules(env))).toBe(isPossible)
  })
})
