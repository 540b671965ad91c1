import { ProviderId } from '@hub/shared'
import { parseNames, parseSeconds, parseText } from '../parsers.ts'
import { parseEndpoint } from '../read-addresses.ts'
import { readChoice } from '../read-choice.ts'
import { readList } from '../read-list.ts'
import { parseGiven } from '../read-secrets.ts'
import type { Reading, Variables } from '../variable.ts'

/** Who may sign in at all. Not read in local mode, where nobody does. */
export const signInVariables = {
  ENABLED_AUTH_PROVIDERS: {
    default: '',
    purpose:
      'comma-separated identity providers, in the order of the sign-in page: `entra`, `github`, `oidc`',
    parse: parseProviders,
  },
  HUB_ALLOWED_EMAIL_DOMAINS: {
    default: '',
    purpose:
      'comma-separated domains; only people with a verified e-mail address in one of them may sign in',
    parse: parseEmailDomains,
  },
} as const satisfies Variables

/** Read where `entra` is enabled, as those below with their own provider. */
export const entraVariables = {
  AZURE_TENANT_ID: {
    default: null,
    requiredBy: 'entra',
    purpose:
      'id or domain of the Entra tenant; `organizations` or `common` for the tenants in `AZURE_ALLOWED_TENANTS`',
    parse: (text, reading) => parseGiven(text, reading).toLowerCase(),
  },
  AZURE_ALLOWED_TENANTS: {
    default: '',
    unset: 'the one tenant',
    purpose: 'comma-separated ids of the tenants whose people may sign in',
    parse: parseNames,
  },
  AZURE_CLIENT_ID: {
    default: null,
    requiredBy: 'entra',
    purpose: 'application (client) id of the hub in Entra',
    parse: parseGiven,
  },
  AZURE_CLIENT_SECRET: {
    default: null,
    secret: true,
    purpose:
      'client secret of the hub in Entra; one of the next two serves [instead](sign-in/entra.md#without-a-client-secret)',
    parse: parseGiven,
  },
  AZURE_CLIENT_CERTIFICATE_PATH: {
    default: null,
    purpose:
      'PEM file with a certificate of the hub in Entra and its private key, read again at each use',
    parse: parseText,
  },
  AZURE_FEDERATED_TOKEN_FILE: {
    default: null,
    purpose:
      'file with the token of Azure Workload Identity, as its webhook sets it; used without a secret or a certificate, and read again at each use',
    parse: parseText,
  },
  AZURE_AUTHORITY_HOST: {
    default: 'https://login.microsoftonline.com',
    purpose: 'where Entra signs people in, as the webhook of Azure Workload Identity sets it',
    parse: parseEndpoint('https://login.microsoftonline.com'),
  },
  ENTRA_AUTHORITY_URL: {
    default: null,
    unset: '`AZURE_AUTHORITY_HOST`',
    purpose: 'where Entra signs people in; differs in sovereign clouds',
    parse: parseEndpoint('https://login.microsoftonline.com'),
  },
  GRAPH_URL: {
    default: 'https://graph.microsoft.com',
    purpose:
      'Microsoft Graph, which is asked for the groups of people who have too many to fit into a token',
    parse: parseEndpoint('https://graph.microsoft.com'),
  },
} as const satisfies Variables

export const githubVariables = {
  GITHUB_CLIENT_ID: {
    default: null,
    requiredBy: 'github',
    purpose: 'client id of the GitHub OAuth app',
    parse: parseGiven,
  },
  GITHUB_CLIENT_SECRET: {
    default: null,
    requiredBy: 'github',
    secret: true,
    purpose: 'client secret of the GitHub OAuth app',
    parse: parseGiven,
  },
  GITHUB_ALLOWED_ORGS: {
    default: '',
    purpose:
      'comma-separated GitHub organizations (numeric id or login); only members of one of them may sign in',
    parse: parseOrganizations,
  },
  GITHUB_URL: {
    default: 'https://github.com',
    purpose: 'where GitHub signs people in; for GitHub Enterprise Server, its address',
    parse: parseEndpoint('https://github.com'),
  },
  GITHUB_API_URL: {
    default: null,
    unset: 'https://api.github.com; `<GITHUB_URL>/api/v3` on another server',
    purpose: "GitHub's REST API",
    parse: parseEndpoint('https://api.github.com'),
  },
} as const satisfies Variables

export const oidcVariables = {
  OIDC_PROVIDER_ISSUER: {
    default: null,
    requiredBy: 'oidc',
    purpose: 'issuer URL of the OpenID provider, exactly as its discovery document spells it',
    parse: parseGiven,
  },
  OIDC_PROVIDER_CLIENT_ID: {
    default: null,
    requiredBy: 'oidc',
    purpose: 'client id of the hub there',
    parse: parseGiven,
  },
  OIDC_PROVIDER_CLIENT_SECRET: {
    default: null,
    secret: true,
    purpose:
      'client secret of the hub there; leave it unset for a public client, or for one of the next two',
    parse: parseGiven,
  },
  OIDC_PROVIDER_CLIENT_KEY_FILE: {
    default: null,
    purpose:
      'file with the [private key](sign-in/README.md#without-a-client-secret) that the hub signs assertions with (`private_key_jwt`), as PEM or JWK; read again at each use',
    parse: parseText,
  },
  OIDC_PROVIDER_CLIENT_ASSERTION_FILE: {
    default: null,
    purpose:
      'file with an assertion that a platform gives and renews, such as a projected ServiceAccount token; read again at each use',
    parse: parseText,
  },
  OIDC_PROVIDER_ASSERTION_AUDIENCE: {
    default: 'issuer',
    purpose:
      'whom the assertions that the hub signs are for: `issuer`, as RFC 7523bis has it, or `token_endpoint` for a provider that takes only the older form',
    parse: parseAssertionAudience,
  },
  OIDC_PROVIDER_CLIENT_AUTH: {
    default: 'auto',
    purpose:
      "how the hub authenticates at the token endpoint: `client_secret_basic`, `client_secret_post`, `private_key_jwt`, or `auto`, which goes by the provider's metadata; with a secret it tries the other way, too",
    parse: parseClientAuth,
  },
  OIDC_PROVIDER_NAME: {
    default: 'Single sign-on',
    purpose: 'name of the provider on the sign-in button',
    parse: parseText,
  },
  OIDC_PROVIDER_GROUPS_CLAIM: {
    default: 'groups',
    purpose: "claim that holds a person's groups; `a.b` is the claim `b` within `a`",
    parse: parseText,
  },
  OIDC_PROVIDER_SCOPES: {
    default: '',
    purpose: 'scopes to ask for besides `openid profile email`, separated by spaces or commas',
    parse: parseScopes,
  },
} as const satisfies Variables

/** Whom the hub trusts to say who somebody is; in local mode too. */
export const issuerVariables = {
  JWT_ISSUERS: {
    default: '',
    purpose:
      'comma-separated `<issuer>;<audience>`: the issuers whose access tokens the API accepts as bearer tokens, and the `aud` they must carry; a trailing `;at+jwt` or `;any` says [how they are marked](tokens.md#access-tokens-of-an-identity-provider)',
    parse: parseText,
  },
  JWT_LEEWAY_SECONDS: {
    default: '5',
    purpose:
      'how far the clocks of identity providers and of those issuers may differ; `iat` may always be a minute ahead',
    parse: parseSeconds,
  },
  HUB_ALLOW_HTTP_ISSUERS: {
    default: '',
    purpose:
      'comma-separated issuers (from `OIDC_PROVIDER_ISSUER`, `JWT_ISSUERS`) that may be reached over plain http, each spelled as it is there',
    parse: parseText,
  },
} as const satisfies Variables

function parseProviders(text: string, { mistakes, name, warnings }: Reading): ProviderId[] {
  const enabled: ProviderId[] = []
  for (const entry of readList(text)) {
    const id = ProviderId.safeParse(entry.toLowerCase()).data
    if (id === undefined) {
      mistakes.push(`${name} lists "${entry}", which is unknown; use entra, github and oidc.`)
    } else if (enabled.includes(id)) {
      mistakes.push(`${name} lists ${id} more than once; list it once.`)
    } else enabled.push(id)
  }
  if (enabled.length === 0) {
    warnings.push(`${name} is empty: nobody can sign in. Set it to entra, github or oidc.`)
  }
  return enabled
}

function parseEmailDomains(text: string, { mistakes, name }: Reading): Set<string> {
  const domains = parseNames(text).map((domain) => domain.replace(/^@/, ''))
  for (const domain of domains) {
    if (!/^[a-z0-9-]+(?:\.[a-z0-9-]+)+$/.test(domain)) {
      mistakes.push(`${name} lists "${domain}"; write a domain such as example.com.`)
    }
  }
  return new Set(domains)
}

function parseOrganizations(text: string, { mistakes, name }: Reading): string[] {
  const organizations = parseNames(text)
  for (const each of organizations) {
    if (!/^[a-z0-9][a-z0-9-]{0,38}$/.test(each)) {
      mistakes.push(`${name} lists "${each}"; write an organization's numeric id or its login.`)
    }
  }
  return organizations
}

const clientAuths = [
  'auto',
  'client_secret_basic',
  'client_secret_post',
  'private_key_jwt',
] as const
const assertionAudiences = ['issuer', 'token_endpoint'] as const

function parseClientAuth(text: string, { mistakes, name }: Reading): (typeof clientAuths)[number] {
  const refuse = (sentence: string) => mistakes.push(sentence)
  return readChoice(name, text.toLowerCase(), clientAuths, refuse) ?? 'auto'
}

function parseAssertionAudience(
  text: string,
  { mistakes, name }: Reading,
): (typeof assertionAudiences)[number] {
  const refuse = (sentence: string) => mistakes.push(sentence)
  return readChoice(name, text.toLowerCase(), assertionAudiences, refuse) ?? 'issuer'
}

// RFC 6749 §3.3
function parseScopes(text: string, { mistakes, name }: Reading): string[] {
  const scopes = text.split(/[\s,]/).filter((scope) => scope !== '')
  for (const scope of scopes) {
    if (!/^[\x21\x23-\x5b\x5d-\x7e]+$/.test(scope)) {
      mistakes.push(`${name} lists ${JSON.stringify(scope)}, which is not a scope.`)
    }
  }
  return scopes
}
