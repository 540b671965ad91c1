import type { EntraConfig, GithubConfig, ProvidersConfig } from '#config'
import type { Admission } from '#db'
import type { JudgedIdentity } from './rows.ts'

/** Why an identity does not count: for the rules, and as a sentence for administrators and the person. */
export type IdentityFault = {
  kind: 'provider' | 'issuer' | 'tenant' | 'client' | 'email' | 'organization' | 'withdrawn'
  sentence: string
}

/**
 * Why nobody is let in by this identity now, or null where it counts: its exact issuer has to be enabled, with the tenant,
 * the organization, the client and the e-mail rule by which it would be let in, as far as is known; and the provider must
 * not have taken its word back. Every door asks this: sessions, tokens, grants, who administers.
 */
export function findIdentityFault(
  identity: JudgedIdentity,
  rules: ProvidersConfig,
): IdentityFault | null {
  return (
    findProviderFault(identity, rules) ??
    findEmailFault(identity, rules) ??
    findWithdrawal(identity)
  )
}

export function isIdentityEnabled(identity: JudgedIdentity, rules: ProvidersConfig): boolean {
  return findIdentityFault(identity, rules) === null
}

/** Whether somebody of this principal could sign in, as far as the principal says. Programs do not. */
export function canSignIn(principal: string, rules: ProvidersConfig): boolean {
  const [provider, tenant = ''] = principal.split(':')
  if (!rules.enabledProviders.some((id) => id === provider)) return false
  return provider !== 'entra' || rules.entra === null || isTenantAllowed(tenant, null, rules.entra)
}

function findProviderFault(
  identity: JudgedIdentity,
  { enabledProviders, entra, github, oidc }: ProvidersConfig,
): IdentityFault | null {
  const { admission, issuer, provider } = identity
  const isEnabled = enabledProviders.some((id) => id === provider)
  if (isEnabled && provider === 'entra' && entra !== null) {
    return findEntraFault(identity, entra) ?? findClientFault(admission, entra, 'AZURE_CLIENT_ID')
  }
  if (isEnabled && provider === 'github' && github !== null) {
    if (issuer !== github.url) return otherIssuer(issuer, 'GITHUB_URL', github.url)
    return (
      findClientFault(admission, github, 'GITHUB_CLIENT_ID') ??
      findOrganizationFault(admission, github)
    )
  }
  if (isEnabled && provider === 'oidc' && oidc !== null) {
    if (issuer !== oidc.issuer) return otherIssuer(issuer, 'OIDC_PROVIDER_ISSUER', oidc.issuer)
    return findClientFault(admission, oidc, 'OIDC_PROVIDER_CLIENT_ID')
  }
  return {
    kind: 'provider',
    sentence: `Its identity provider is not enabled: ENABLED_AUTH_PROVIDERS does not list ${provider}.`,
  }
}

function findEntraFault(
  { admission, issuer, principal }: JudgedIdentity,
  entra: EntraConfig,
): IdentityFault | null {
  const tenant = principal.split(':')[1] ?? ''
  const expected = `${entra.authorityUrl}/${tenant}/v2.0`
  if (issuer !== expected) return otherIssuer(issuer, 'ENTRA_AUTHORITY_URL', expected)
  if (isTenantAllowed(tenant, admission?.tenant ?? null, entra)) return null
  return {
    kind: 'tenant',
    sentence: `Its tenant ${tenant} is not one that AZURE_TENANT_ID and AZURE_ALLOWED_TENANTS let in.`,
  }
}

/** A tenant that is named by its domain is told by its id from the next sign-in on: nothing here asks Entra. */
function isTenantAllowed(tenant: string, calledThen: string | null, entra: EntraConfig): boolean {
  const isListed = entra.allowedTenants.has(tenant)
  if (entra.tenant === 'organizations' || entra.tenant === 'common') return isListed
  if (entra.allowedTenants.size > 0 && !isListed) return false
  if (!entra.tenant.includes('.')) return entra.tenant === tenant
  return calledThen === null || calledThen === entra.tenant
}

function findClientFault(
  admission: Admission | null,
  { clientId }: { clientId: string },
  variable: string,
): IdentityFault | null {
  if (admission === null || admission.clientId === clientId) return null
  return {
    kind: 'client',
    sentence: `It signed in through another client, ${admission.clientId}, than ${variable} names now; it is accepted again from the next sign-in on.`,
  }
}

// By id or login as it was then: who takes an organization's login over is not in what GitHub said of this person.
function findOrganizationFault(
  admission: Admission | null,
  { allowedOrgs }: GithubConfig,
): IdentityFault | null {
  if (allowedOrgs.length === 0) return null
  const orgs = admission?.orgs ?? []
  const isMember = orgs.some(
    ({ id, login }) =>
      allowedOrgs.includes(String(id)) || allowedOrgs.includes(login.toLowerCase()),
  )
  if (isMember) return null
  return {
    kind: 'organization',
    sentence: 'GITHUB_ALLOWED_ORGS lists none of the organizations that GitHub last said it is in.',
  }
}

function findEmailFault(
  { admission, email }: JudgedIdentity,
  rules: ProvidersConfig,
): IdentityFault | null {
  const isVerified = admission?.isEmailVerified ?? false
  if (isEmailAllowed({ email, isEmailVerified: isVerified }, rules)) return null
  return {
    kind: 'email',
    sentence:
      'HUB_ALLOWED_EMAIL_DOMAINS lets in only verified e-mail addresses in certain domains, and it had none at the last sign-in.',
  }
}

/** Where only some e-mail domains are let in, an address counts that the provider has verified. */
export function isEmailAllowed(
  { email, isEmailVerified }: { email: string | null; isEmailVerified: boolean },
  { allowedEmailDomains }: Pick<ProvidersConfig, 'allowedEmailDomains'>,
): boolean {
  if (allowedEmailDomains.size === 0) return true
  const domain = email?.slice(email.lastIndexOf('@') + 1).toLowerCase()
  return isEmailVerified && domain !== undefined && allowedEmailDomains.has(domain)
}

function findWithdrawal({ withdrawnAt, withdrawnReason }: JudgedIdentity): IdentityFault | null {
  if (withdrawnAt === null) return null
  const reason = withdrawnReason === null ? '' : ` (${withdrawnReason})`
  return {
    kind: 'withdrawn',
    sentence: `Its identity provider stopped vouching for it on ${withdrawnAt.toISOString()}${reason}; it is accepted again once they sign in.`,
  }
}

function otherIssuer(issuer: string, variable: string, now: string): IdentityFault {
  return {
    kind: 'issuer',
    sentence: `It is of the issuer ${issuer}, and ${variable} says ${now} now.`,
  }
}
