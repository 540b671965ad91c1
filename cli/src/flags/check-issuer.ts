import { checkAddress } from './check-address.ts'

/** Throws `usage`. */
export function checkIssuer(issuer: string): string {
  return checkAddress(issuer, '--oidc-issuer-url')
}
