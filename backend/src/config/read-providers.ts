import type { ProviderId } from '@hub/shared'
import type { ClientKey } from './client-key.ts'
import { hidePassword } from './hide-password.ts'
import { describeHttpLeave, type HttpIssuers } from './http-issuers.ts'
import { readCredential, type ClientCredential } from './read-credential.ts'
import { readVariables, type Source } from './read-variables.ts'
import type { ValuesOf } from './variable.ts'
import {
  entraVariables,
  githubVariables,
  oidcVariables,
  signInVariables,
} from './variables/sign-in.ts'

export type EntraConfig = {
  /** A tenant's id or domain, or `organizations` or `common` for several tenants. */
  tenant: string
  /** Tenant ids, lower case; whoever is of another one is refused. Empty only where `tenant` is one. */
  allowedTenants: ReadonlySet<string>
  clientId: string
  credential: ClientCredential
  authorityUrl: string
  graphUrl: string
}

export type GithubConfig = {
  clientId: string
  clientSecret: string
  url: string
  apiUrl: string
  /** Numeric ids or logins, lower case; empty lets everybody in. */
  allowedOrgs: readonly string[]
}

/** As OpenID Connect Core 1.0 §9 spells them. */
export type ClientAuthMethod = 'client_secret_basic' | 'client_secret_post' | 'private_key_jwt'

export type OidcConfig = {
  issuer: string
  clientId: string
  /** Null for a public client. */
  credential: ClientCredential | null
  /** How it is shown at the token endpoint. */
  clientAuth: ClientAuthMethod | 'auto'
  /** Whom the assertions that the hub signs are for. */
  assertionAudience: 'issuer' | 'token_endpoint'
  name: string
  /** Where the groups stand in the claims: a claim's name, or the names on the way to it. */
  groupsClaim: string
  /** Asked for besides openid, profile and email. */
  extraScopes: readonly string[]
}

export type ProvidersConfig = {
  /** In the order of the sign-in page. */
  enabledProviders: readonly ProviderId[]
  entra: EntraConfig | null
  github: GithubConfig | null
  oidc: OidcConfig | null
  /** Domains, lower case, of which people need a verified e-mail address; empty lets everybody in. */
  allowedEmailDomains: ReadonlySet<string>
}

/** Where nobody signs in. */
export const noProviders: ProvidersConfig = {
  enabledProviders: [],
  entra: null,
  github: null,
  oidc: null,
  allowedEmailDomains: new Set(),
}

/** The enabled identity providers; the variables of others do not matter. */
export function readProviders(source: Source, httpIssuers: HttpIssuers): ProvidersConfig {
  const { ENABLED_AUTH_PROVIDERS: enabled, HUB_ALLOWED_EMAIL_DOMAINS: allowedEmailDomains } =
    readVariables(signInVariables, source)
  return {
    enabledProviders: enabled,
    entra: enabled.includes('entra') ? readEntra(source) : null,
    github: enabled.includes('github') ? readGithub(source) : null,
    oidc: enabled.includes('oidc') ? readOidc(source, httpIssuers) : null,
    allowedEmailDomains,
  }
}

function readEntra(source: Source): EntraConfig {
  const values = readVariables(entraVariables, source)
  const { AZURE_ALLOWED_TENANTS: allowed, AZURE_TENANT_ID: tenant } = values
  checkTenants(tenant, allowed, source.mistakes)
  return {
    tenant,
    allowedTenants: new Set(allowed),
    clientId: values.AZURE_CLIENT_ID,
    credential: readEntraCredential(source, values),
    authorityUrl: values.ENTRA_AUTHORITY_URL ?? values.AZURE_AUTHORITY_HOST,
    graphUrl: values.GRAPH_URL,
  }
}

function readEntraCredential(
  source: Source,
  {
    AZURE_CLIENT_CERTIFICATE_PATH: key,
    AZURE_CLIENT_SECRET: secret,
    AZURE_FEDERATED_TOKEN_FILE: assertion,
  }: ValuesOf<typeof entraVariables>,
): ClientCredential {
  const isChosen = secret !== null || key !== null
  if (isChosen && assertion !== null) {
    const chosen = secret === null ? 'AZURE_CLIENT_CERTIFICATE_PATH' : 'AZURE_CLIENT_SECRET'
    // Workload identity's webhook sets it in every pod that uses it, for whatever purpose.
    source.warnings.push(
      `AZURE_FEDERATED_TOKEN_FILE is not used, because ${chosen} is set; unset ${chosen} to sign people in by workload identity.`,
    )
  }
  const credential = readCredential(
    source,
    { secret, key, assertion: isChosen ? null : assertion },
    {
      names: {
        secret: 'AZURE_CLIENT_SECRET',
        key: 'AZURE_CLIENT_CERTIFICATE_PATH',
        assertion: 'AZURE_FEDERATED_TOKEN_FILE',
      },
      findFault: findEntraFault,
    },
  )
  if (credential === null && !isChosen) {
    source.mistakes.push(
      'AZURE_CLIENT_SECRET is missing; ENABLED_AUTH_PROVIDERS lists entra, which needs it, or AZURE_CLIENT_CERTIFICATE_PATH, or AZURE_FEDERATED_TOKEN_FILE.',
    )
  }
  return credential ?? { type: 'secret', secret: '' }
}

/** Entra knows a key by its certificate, and takes RSA with PSS alone. */
function findEntraFault({ algorithms, names }: ClientKey): string | null {
  if (names['x5t#S256'] === undefined) {
    return 'holds no certificate; write the PEM of the certificate and of its key into one file'
  }
  return algorithms.includes('PS256') ? null : 'holds a key that is not of RSA, which Entra needs'
}

const tenantId = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/
const tenantDomain = /^[a-z0-9-]+(?:\.[a-z0-9-]+)+$/
const severalTenants = ['organizations', 'common']

/** Nobody may sign in by a tenant that is not named. */
function checkTenants(tenant: string, allowed: readonly string[], mistakes: string[]): void {
  for (const id of allowed) {
    if (!tenantId.test(id)) {
      mistakes.push(
        `AZURE_ALLOWED_TENANTS lists "${id}"; write tenant ids, such as 72f988bf-86f1-41af-91ab-2d7cd011db47.`,
      )
    }
  }
  if (tenant === 'consumers') {
    mistakes.push(
      'AZURE_TENANT_ID is consumers: personal Microsoft accounts have no groups and no tenant of yours. Write your tenant id.',
    )
  } else if (severalTenants.includes(tenant)) {
    if (allowed.length === 0) {
      mistakes.push(
        `AZURE_TENANT_ID is ${tenant}, which lets every organization of the world in; list the tenant ids you trust in AZURE_ALLOWED_TENANTS.`,
      )
    }
  } else if (tenant !== '' && !tenantId.test(tenant) && !tenantDomain.test(tenant)) {
    mistakes.push(
      `AZURE_TENANT_ID is "${tenant}"; write the tenant id (a GUID), its domain, or organizations.`,
    )
  } else if (tenantId.test(tenant) && allowed.length > 0 && !allowed.includes(tenant)) {
    mistakes.push(
      'AZURE_ALLOWED_TENANTS does not list AZURE_TENANT_ID, so nobody could sign in; add it or unset the list.',
    )
  }
}

function readGithub(source: Source): GithubConfig {
  const values = readVariables(githubVariables, source)
  const url = values.GITHUB_URL
  const ownApi = url === 'https://github.com' ? 'https://api.github.com' : `${url}/api/v3`
  return {
    clientId: values.GITHUB_CLIENT_ID,
    clientSecret: values.GITHUB_CLIENT_SECRET,
    url,
    apiUrl: values.GITHUB_API_URL ?? ownApi,
    allowedOrgs: values.GITHUB_ALLOWED_ORGS,
  }
}

function readOidc(source: Source, httpIssuers: HttpIssuers): OidcConfig {
  const values = readVariables(oidcVariables, source)
  checkIssuer(values.OIDC_PROVIDER_ISSUER, httpIssuers, source.mistakes)
  return {
    issuer: values.OIDC_PROVIDER_ISSUER,
    clientId: values.OIDC_PROVIDER_CLIENT_ID,
    credential: readOidcCredential(source, values),
    clientAuth: values.OIDC_PROVIDER_CLIENT_AUTH,
    assertionAudience: values.OIDC_PROVIDER_ASSERTION_AUDIENCE,
    name: values.OIDC_PROVIDER_NAME,
    groupsClaim: values.OIDC_PROVIDER_GROUPS_CLAIM,
    extraScopes: values.OIDC_PROVIDER_SCOPES,
  }
}

function readOidcCredential(
  source: Source,
  {
    OIDC_PROVIDER_CLIENT_ASSERTION_FILE: assertion,
    OIDC_PROVIDER_CLIENT_AUTH: clientAuth,
    OIDC_PROVIDER_CLIENT_KEY_FILE: key,
    OIDC_PROVIDER_CLIENT_SECRET: secret,
  }: ValuesOf<typeof oidcVariables>,
): ClientCredential | null {
  if (clientAuth === 'private_key_jwt') {
    if (key === null && assertion === null) {
      source.mistakes.push(
        'OIDC_PROVIDER_CLIENT_AUTH is private_key_jwt, but there is no key; set OIDC_PROVIDER_CLIENT_KEY_FILE or OIDC_PROVIDER_CLIENT_ASSERTION_FILE, or unset OIDC_PROVIDER_CLIENT_AUTH.',
      )
    }
  } else if (clientAuth !== 'auto' && secret === null) {
    source.mistakes.push(
      `OIDC_PROVIDER_CLIENT_AUTH is ${clientAuth}, but there is no secret; set OIDC_PROVIDER_CLIENT_SECRET, or unset OIDC_PROVIDER_CLIENT_AUTH for a public client or one with a key.`,
    )
  }
  return readCredential(
    source,
    { secret, key, assertion },
    {
      names: {
        secret: 'OIDC_PROVIDER_CLIENT_SECRET',
        key: 'OIDC_PROVIDER_CLIENT_KEY_FILE',
        assertion: 'OIDC_PROVIDER_CLIENT_ASSERTION_FILE',
      },
    },
  )
}

function checkIssuer(issuer: string, httpIssuers: HttpIssuers, mistakes: string[]): void {
  // That it is missing is said already.
  if (issuer === '') return
  const fault = httpIssuers.findFault('OIDC_PROVIDER_ISSUER', issuer)
  if (fault === null) return
  mistakes.push(
    fault === 'address'
      ? `OIDC_PROVIDER_ISSUER must be a URL without query, such as https://id.example.com, not "${hidePassword(issuer)}".`
      : `OIDC_PROVIDER_ISSUER must use https; ${describeHttpLeave(issuer)}.`,
  )
}
