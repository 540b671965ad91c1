import type { JWK } from 'jose'
import type { EntraConfig } from '#config'
import { AppError } from '#errors'

const tenantPlaceholder = '{tenantid}'
const tenantId = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/

/** The issuer that Entra's metadata must name: a tenant's own, or the template where several sign in. */
export function faultOfEntraIssuer(config: EntraConfig, issuer: string): string | null {
  const tenant = tenantOfIssuer(config, issuer)
  if (config.tenant === 'organizations' || config.tenant === 'common') {
    return tenant === tenantPlaceholder ? null : `it calls itself "${issuer}", not the template`
  }
  // A tenant that is named by its domain is known by its id here.
  const isTheOne = tenantId.test(config.tenant)
    ? tenant === config.tenant
    : tenant !== null && tenantId.test(tenant)
  return isTheOne
    ? null
    : `it calls itself "${issuer}", which is not AZURE_TENANT_ID at ENTRA_AUTHORITY_URL`
}

/**
 * Whose person this is: the token's `tid`, which must be the one its issuer names and one that the hub trusts.
 * Throws `account-not-allowed`.
 */
export function requireTenant(
  config: EntraConfig,
  metadataIssuer: string,
  claims: { iss?: unknown; tid?: unknown },
): string {
  const { iss, tid } = claims
  if (typeof tid !== 'string' || !tenantId.test(tid)) throw refuse('tid is not a tenant id')
  if (iss !== metadataIssuer.replace(tenantPlaceholder, tid)) {
    throw refuse('iss is not the issuer of tid')
  }
  const named = tenantOfIssuer(config, metadataIssuer)
  const isForSeveral = named === tenantPlaceholder
  if (!isForSeveral && named !== tid) throw refuse('tid is not AZURE_TENANT_ID')
  if ((isForSeveral || config.allowedTenants.size > 0) && !config.allowedTenants.has(tid)) {
    throw refuse(`AZURE_ALLOWED_TENANTS does not list ${tid}`)
  }
  return tid
}

/** A key of Entra's may be one issuer's alone, and says so: the keys of personal accounts sign for no organization. */
export function isEntraKeyFor(key: JWK, claims: Record<string, unknown>): boolean {
  const { issuer } = key as JWK & { issuer?: unknown }
  if (issuer === undefined) return true
  const { iss, tid } = claims
  return (
    typeof issuer === 'string' &&
    typeof iss === 'string' &&
    issuer.replace(tenantPlaceholder, typeof tid === 'string' ? tid : '') === iss
  )
}

function tenantOfIssuer(config: EntraConfig, issuer: string): string | null {
  const [start, end] = [`${config.authorityUrl}/`, '/v2.0']
  if (!issuer.startsWith(start) || !issuer.endsWith(end)) return null
  return issuer.slice(start.length, -end.length)
}

function refuse(reason: string): AppError {
  return new AppError('account-not-allowed', {
    detail:
      'People of your organization cannot sign in to this hub. Use an account of another organization; an administrator of the hub can allow yours.',
    cause: new Error(`Entra tenant: ${reason}`),
  })
}
