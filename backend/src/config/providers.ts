import { ProviderId } from '@hub/shared'
import { describeHttpLeave, type HttpIssuers } from './http-issuers.ts'
import { readList } from './read-list.ts'
import { isLoopbackHost } from './read-local-mode.ts'
import type { VariableName } from './variables.ts'

export type EntraConfig = {
  /** A tenant's id or domain, or `organizations` or `common` for several tenants. */
  tenant: string
  /** Tenant ids, lower case; whoever is of another one is refused. Empty only where `tenant` is one. */
  allowedTenants: ReadonlySet<string>
  clientId: string
  clientSecret: string
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
export type ClientAuthMethod = 'client_secret_basic' | 'client_secret_post'

export type OidcConfig = {
  issuer: string
  clientId: string
  clientSecret: string | null
  /** How the secret is shown at the token endpoint. */
  clientAuth: ClientAuthMethod | 'auto'
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

type Source = {
  read: (name: VariableName) => string | undefined
  production: boolean
  httpIssuers: HttpIssuers
  mistakes: string[]
  warnings: string[]
}

/** The enabled identity providers; adds every mistake to `mistakes`. */
export function readProviders(source: Source): ProvidersConfig {
  const enabled = readEnabled(source)
  return {
    enabledProviders: enabled,
    entra: enabled.includes('entra') ? readEntra(source) : null,
    github: enabled.includes('github') ? readGithub(source) : null,
    oidc: enabled.includes('oidc') ? readOidc(source) : null,
    allowedEmailDomains: readEmailDomains(source),
  }
}

function readEnabled({ mistakes, read, warnings }: Source): ProviderId[] {
  const enabled: ProviderId[] = []
  for (const name of readList(read('ENABLED_AUTH_PROVIDERS'))) {
    const id = ProviderId.safeParse(name.toLowerCase()).data
    if (id === undefined) {
      mistakes.push(
        `ENABLED_AUTH_PROVIDERS lists "${name}", which is unknown; use entra, github and oidc.`,
      )
    } else if (enabled.includes(id)) {
      mistakes.push(`ENABLED_AUTH_PROVIDERS lists ${id} more than once; list it once.`)
    } else enabled.push(id)
  }
  if (enabled.length === 0 && mistakes.length === 0) {
    warnings.push(
      'ENABLED_AUTH_PROVIDERS is empty: nobody can sign in. Set it to entra, github or oidc.',
    )
  }
  return enabled
}

const tenantId = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/
const tenantDomain = /^[a-z0-9-]+(?:\.[a-z0-9-]+)+$/
const severalTenants = ['organizations', 'common']

function readEntra(source: Source): EntraConfig {
  const { mistakes, read } = source
  const tenant = readRequired(source, 'AZURE_TENANT_ID', 'entra').toLowerCase()
  const allowed = readList(read('AZURE_ALLOWED_TENANTS')).map((id) => id.toLowerCase())
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
  return {
    tenant,
    allowedTenants: new Set(allowed),
    clientId: readRequired(source, 'AZURE_CLIENT_ID', 'entra'),
    clientSecret: readRequired(source, 'AZURE_CLIENT_SECRET', 'entra'),
    authorityUrl: readEndpoint(source, 'ENTRA_AUTHORITY_URL', 'https://login.microsoftonline.com'),
    graphUrl: readEndpoint(source, 'GRAPH_URL', 'https://graph.microsoft.com'),
  }
}

function readGithub(source: Source): GithubConfig {
  const { mistakes, read } = source
  const url = readEndpoint(source, 'GITHUB_URL', 'https://github.com')
  const isPublic = url === 'https://github.com'
  const allowedOrgs = readList(read('GITHUB_ALLOWED_ORGS')).map((org) => org.toLowerCase())
  for (const org of allowedOrgs) {
    if (!/^(?:[1-9][0-9]*|[a-z0-9](?:[a-z0-9-]{0,38}))$/.test(org)) {
      mistakes.push(
        `GITHUB_ALLOWED_ORGS lists "${org}"; write an organization's numeric id or its login.`,
      )
    }
  }
  return {
    clientId: readRequired(source, 'GITHUB_CLIENT_ID', 'github'),
    clientSecret: readRequired(source, 'GITHUB_CLIENT_SECRET', 'github'),
    url,
    apiUrl: readEndpoint(
      source,
      'GITHUB_API_URL',
      isPublic ? 'https://api.github.com' : `${url}/api/v3`,
    ),
    allowedOrgs,
  }
}

function readOidc(source: Source): OidcConfig {
  const { read } = source
  const issuer = readRequired(source, 'OIDC_PROVIDER_ISSUER', 'oidc')
  const fault = issuer === '' ? null : source.httpIssuers.findFault('OIDC_PROVIDER_ISSUER', issuer)
  if (fault !== null) {
    source.mistakes.push(
      fault === 'address'
        ? `OIDC_PROVIDER_ISSUER must be a URL without query, such as https://id.example.com, not "${issuer}".`
        : `OIDC_PROVIDER_ISSUER must use https; ${describeHttpLeave(issuer)}.`,
    )
  }
  const clientSecret = read('OIDC_PROVIDER_CLIENT_SECRET') ?? null
  if (clientSecret !== null) refusePlaceholder(source, 'OIDC_PROVIDER_CLIENT_SECRET', clientSecret)
  return {
    issuer,
    clientId: readRequired(source, 'OIDC_PROVIDER_CLIENT_ID', 'oidc'),
    clientSecret,
    clientAuth: readClientAuth(source, clientSecret),
    name: read('OIDC_PROVIDER_NAME') ?? 'Single sign-on',
    groupsClaim: read('OIDC_PROVIDER_GROUPS_CLAIM') ?? 'groups',
    extraScopes: readScopes(source),
  }
}

function readRequired(source: Source, name: VariableName, provider: ProviderId): string {
  const value = source.read(name)
  if (value === undefined) {
    source.mistakes.push(
      `${name} is missing; ENABLED_AUTH_PROVIDERS lists ${provider}, which needs it.`,
    )
    return ''
  }
  refusePlaceholder(source, name, value)
  return value
}

// What documentation says instead of a value: it was copied and not filled in.
const placeholder = /^(?:your[-_ ].*|<.*>|\.\.\.|x{3,}|change[-_ ]?me|replace[-_ ]?me|todo)$/i

function refusePlaceholder(
  { mistakes, production, warnings }: Source,
  name: VariableName,
  value: string,
): void {
  if (!placeholder.test(value)) return
  const sentence = `${name} still has its placeholder from the documentation; write what the identity provider gave you.`
  if (production) mistakes.push(sentence)
  else warnings.push(sentence)
}

function readClientAuth(
  { mistakes, read }: Source,
  clientSecret: string | null,
): OidcConfig['clientAuth'] {
  const method = read('OIDC_PROVIDER_CLIENT_AUTH')?.toLowerCase() ?? 'auto'
  switch (method) {
    case 'auto':
      return method
    case 'client_secret_basic':
    case 'client_secret_post':
      if (clientSecret === null) {
        mistakes.push(
          `OIDC_PROVIDER_CLIENT_AUTH is ${method}, but there is no secret; set OIDC_PROVIDER_CLIENT_SECRET, or unset OIDC_PROVIDER_CLIENT_AUTH for a public client.`,
        )
      }
      return method
    default:
      mistakes.push(
        `OIDC_PROVIDER_CLIENT_AUTH must be auto, client_secret_basic or client_secret_post, not "${method}"; the hub signs no assertions.`,
      )
      return 'auto'
  }
}

// RFC 6749 §3.3
function readScopes({ mistakes, read }: Source): string[] {
  const scopes = (read('OIDC_PROVIDER_SCOPES') ?? '')
    .split(/[\s,]+/)
    .filter((scope) => scope !== '')
  for (const scope of scopes) {
    if (!/^[\x21\x23-\x5b\x5d-\x7e]+$/.test(scope)) {
      mistakes.push(`OIDC_PROVIDER_SCOPES lists ${JSON.stringify(scope)}, which is no scope.`)
    }
  }
  return scopes
}

/** Where a provider's endpoints are: no path is lost, and there is no slash at its end. */
function readEndpoint(source: Source, name: VariableName, fallback: string): string {
  const value = source.read(name)
  if (value === undefined) return fallback
  const url = URL.canParse(value) ? new URL(value) : null
  if (!url || url.search !== '' || url.hash !== '' || url.username !== '' || url.password !== '') {
    source.mistakes.push(`${name} must be a URL such as ${fallback}, not "${value}".`)
    return fallback
  }
  refusePlainHttp(name, url, source)
  return `${url.origin}${url.pathname.replace(/\/+$/, '')}`
}

function refusePlainHttp(name: VariableName, url: URL, { mistakes, production }: Source): void {
  if (url.protocol === 'https:') return
  if (url.protocol === 'http:' && isLoopbackHost(url.hostname) && !production) return
  mistakes.push(
    `${name} must use https; http is accepted only towards this machine and outside production.`,
  )
}

function readEmailDomains({ mistakes, read }: Source): Set<string> {
  const domains = readList(read('HUB_ALLOWED_EMAIL_DOMAINS')).map((domain) =>
    domain.toLowerCase().replace(/^@/, ''),
  )
  for (const domain of domains) {
    if (!tenantDomain.test(domain)) {
      mistakes.push(
        `HUB_ALLOWED_EMAIL_DOMAINS lists "${domain}"; write a domain such as example.com.`,
      )
    }
  }
  return new Set(domains)
}
